//! `deployer local`: the embedded cloud itself.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::common;
use crate::failure::{Failure, Kind};
use crate::local;
use crate::ui::Ui;

/// The embedded cloud of `--env local`
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  deployer local start\n  deployer local status\n  deployer local journal --after 120\n  deployer local stop\n  deployer local reset"
)]
pub enum Command {
    /// Start it with nothing in it, for other tools to work against
    Start(Which),
    /// Show whether it runs, and what is in it
    Status(Which),
    /// Stop it and keep its state
    Stop(Which),
    /// Stop it and delete its state
    Reset(Which),
    Journal(Journal),
    #[command(hide = true)]
    Serve(Serve),
}

/// Which cloud.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer local start\n  deployer local status --json\n  deployer local stop --env local"
)]
pub struct Which {
    /// Name of a file in `environments/`, without .toml
    #[arg(long, value_name = "NAME", default_value = "local")]
    env: String,
}

/// Show the calls that reached its control planes
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer local journal\n  deployer local journal --after 120 --json"
)]
pub struct Journal {
    #[command(flatten)]
    which: Which,
    /// Leave out the calls up to this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u64,
}

#[derive(Debug, Args)]
pub struct Serve {
    #[arg(long)]
    state: PathBuf,
}

pub(super) async fn run(command: Command, folder: Option<PathBuf>, ui: &Ui) -> Result<(), Failure> {
    match command {
        Command::Start(which) => start(folder, &which, ui).await,
        Command::Status(which) => status(&state(folder, &which)?, ui).await,
        Command::Stop(which) => {
            let stopped = local::stop(&state(folder, &which)?).await?;
            ui.note(if stopped { "stopped; its state is kept" } else { "no local cloud runs" });
            Ok(())
        }
        Command::Reset(which) => {
            local::reset(&state(folder, &which)?).await?;
            ui.note("stopped, and its state is deleted");
            Ok(())
        }
        Command::Journal(journal) => {
            journal_of(&state(folder, &journal.which)?, journal.after, ui).await
        }
        Command::Serve(serve) => {
            let _orderly = ui.stop().orderly();
            local::serve(&serve.state).await
        }
    }
}

fn state(folder: Option<PathBuf>, which: &Which) -> Result<PathBuf, Failure> {
    Ok(common::project(folder)?.store(&which.env).join("cloud"))
}

async fn start(folder: Option<PathBuf>, which: &Which, ui: &Ui) -> Result<(), Failure> {
    let project = common::project(folder)?;
    let environment = project.environment(&which.env)?;
    if environment.local.is_none() {
        let message = format!("{} is no local environment: it has no [local]", which.env);
        return Err(Failure::new(Kind::Usage, message).hint("deployer local start --env local"));
    }
    let store = project.store(&environment.name);
    common::cloud(&environment, &store, &project.settings()?, ui).await?;
    status(&store.join("cloud"), ui).await
}

async fn status(state: &std::path::Path, ui: &Ui) -> Result<(), Failure> {
    let Some(site) = local::running(state).await else {
        if ui.is_json() {
            ui.json(&serde_json::json!({ "type": "local", "running": false }));
        } else {
            ui.data("no local cloud runs\n  start it: deployer local start\n");
        }
        return Ok(());
    };
    let status = local::status(&site).await?;
    if ui.is_json() {
        ui.json(&serde_json::json!({ "type": "local", "running": true, "status": status }));
        return Ok(());
    }
    let Some(local) = &site.local else { return Ok(()) };
    let mut text = format!(
        "running, process {}, containers with {}\n\n  edge      https://{}  http://{}\n  api       {}\n  registry  {}\n  dns       {}\n  root      {}\n  profile   {}\n\nobjects\n",
        status["pid"],
        local.runtime,
        local.edge_https,
        local.edge_http,
        local.api,
        site.registry.host.as_deref().unwrap_or_default(),
        local.dns,
        local.root.display(),
        site.oci_config.as_deref().unwrap_or(std::path::Path::new("")).display(),
    );
    let objects = status["objects"].as_object();
    for (kind, count) in objects.into_iter().flatten() {
        let _infallible = writeln!(text, "  {count:>4}  {kind}");
    }
    if objects.is_none_or(serde_json::Map::is_empty) {
        text.push_str("  none\n");
    }
    ui.data(&text);
    Ok(())
}

async fn journal_of(state: &std::path::Path, after: u64, ui: &Ui) -> Result<(), Failure> {
    let Some(site) = local::running(state).await else {
        ui.note("no local cloud runs");
        return Ok(());
    };
    let entries =
        local::admin(&site, reqwest::Method::GET, &format!("journal?after={after}"), None).await?;
    for entry in entries.as_array().into_iter().flatten() {
        if ui.is_json() {
            let mut entry = entry.clone();
            entry["type"] = Value::from("call");
            ui.json(&entry);
            continue;
        }
        let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        let change = if entry["mutating"] == Value::Bool(true) { "*" } else { " " };
        ui.data(&format!(
            "{:>6} {change} {} {:<10} {:<36} {}\n",
            entry["number"],
            entry["status"],
            text("service"),
            text("operation"),
            text("path")
        ));
    }
    Ok(())
}
