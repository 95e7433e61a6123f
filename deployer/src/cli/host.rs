//! `deployer host`: edits the environment file; `up` does the rest.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use deployer_core::environment;

use super::common;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Host names
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  deployer host add files.codeharmony.localhost --app files --env local"
)]
pub enum Command {
    Add(Add),
}

/// Add a host name to the environment file, keeping its comments
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer host add files.codeharmony.localhost --app files --env local\n  \
    deployer up --env local      creates backend set, route, certificate and DNS record"
)]
pub struct Add {
    /// For example files.example.net
    host: String,
    /// App that the host leads to; made when the file has none of that name
    #[arg(long)]
    app: String,
    /// Name of a file in `environments/`, without .toml
    #[arg(long, value_name = "NAME", default_value = "local")]
    env: String,
    /// Cargo package of a new app; default: what the first app is built from
    #[arg(long, value_name = "PACKAGE")]
    build: Option<String>,
}

pub(super) fn run(command: Command, folder: Option<PathBuf>, ui: &Ui) -> Result<(), Failure> {
    let Command::Add(Add { host, app, env, build }) = command;
    let project = common::project(folder)?;
    let environment = project.environment(&env)?;
    let text = project.text(&env)?;
    let first = environment.apps.values().find_map(|app| app.package()).map(str::to_owned);
    let build = build.or(first).unwrap_or_else(|| app.clone());
    let is_new = !environment.apps.contains_key(&app);
    let edited = environment::add_host(&text, &environment, &host, &app, &build);
    let edited = edited.map_err(|error| {
        Failure::because(Kind::Usage, format!("environments/{env}.toml"), &error)
    })?;
    let shown = format!("environments/{env}.toml");
    if let Err(problems) = environment::parse(&shown, &env, &edited) {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(Failure::new(
            Kind::Usage,
            format!("the file would not be right any more:\n{}", list.join("\n")),
        )
        .hint("nothing was written"));
    }
    write(&project.file(&env), &edited)?;
    if is_new {
        ui.note(format!("{shown}: added app {app} (built from {build}) and host {host}"));
    } else {
        ui.note(format!("{shown}: added host {host}, which leads to app {app}"));
    }
    ui.note(format!("next: deployer up --env {env}"));
    Ok(())
}

/// Replaces the file whole or not at all.
fn write(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    let temporary = path.with_extension("toml.new");
    let written = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| Failure::because(Kind::Other, path.display(), &error))
}
