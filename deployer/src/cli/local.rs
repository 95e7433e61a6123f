//! `deployer local`: the embedded cloud itself.

mod clock;
mod console;
mod faults;
mod journal;
mod latency;
mod operation;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::common;
use crate::failure::{Failure, Kind};
use crate::local;
use crate::project;
use crate::site::Site;
use crate::ui::Ui;

/// The embedded cloud of `--env local`
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  deployer local start\n  deployer local status\n  deployer local console\n  deployer local journal --after 120\n  deployer local faults add CreateListener --status 503\n  deployer local latency oci*0.1\n  deployer local clock advance 30d\n  deployer local stop\n  deployer local reset"
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
    /// Print the URL of the page that shows it live: topology, requests, health, certificates, journal
    Console(Which),
    Journal(journal::Journal),
    Faults(faults::Faults),
    Latency(latency::Latency),
    Clock(clock::Clock),
    /// Print everything in it by logical name, the same for clouds that are the same to a person
    Export(Which),
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
    #[arg(long, value_name = "NAME", default_value = "local", global = true)]
    env: String,
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
        Command::Console(which) => console::run(&which, folder, ui).await,
        Command::Journal(journal) => journal::run(&journal, folder, ui).await,
        Command::Faults(faults) => faults::run(&faults, folder, ui).await,
        Command::Latency(latency) => latency::run(&latency, folder, ui).await,
        Command::Clock(clock) => clock::run(&clock, folder, ui).await,
        Command::Export(which) => {
            let exported = get(&running(folder, &which).await?, "export").await?;
            let text = serde_json::to_string_pretty(&exported)
                .map_err(|error| Failure::because(Kind::Bug, "export", &error))?;
            ui.data(&format!("{text}\n"));
            Ok(())
        }
        Command::Serve(serve) => {
            let _orderly = ui.stop().orderly();
            local::serve(&serve.state).await
        }
    }
}

fn state(folder: Option<PathBuf>, which: &Which) -> Result<PathBuf, Failure> {
    project::check_name(&which.env)?;
    Ok(common::project(folder)?.store(&which.env).join("cloud"))
}

/// The cloud, which must run.
async fn running(folder: Option<PathBuf>, which: &Which) -> Result<Site, Failure> {
    let site = local::running(&state(folder, which)?).await;
    site.ok_or_else(|| {
        Failure::new(Kind::Usage, format!("the local cloud of {} does not run", which.env))
            .hint(format!("deployer local start --env {}", which.env))
    })
}

/// What the cloud says of a part of itself.
async fn get(site: &Site, path: &str) -> Result<Value, Failure> {
    local::admin(site, reqwest::Method::GET, path, None).await
}

/// Has the cloud change something about itself.
async fn post(site: &Site, path: &str, body: &Value) -> Result<(), Failure> {
    local::admin(site, reqwest::Method::POST, path, Some(body)).await.map(drop)
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
    text.push_str("\nwatch it live: deployer local console\n");
    ui.data(&text);
    Ok(())
}
