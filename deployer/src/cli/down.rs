//! `deployer down`: removes everything that carries the environment's mark, and nothing else.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::common::{self, Target};
use super::lock::Lock;
use super::up::Asking;
use crate::engine::{self, Goal, Terms};
use crate::failure::{Failure, Kind};
use crate::local;
use crate::session::Session;
use crate::ui::Ui;

/// Take everything of an environment down
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer down --env local\n  deployer down --env london --yes"
)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    lock: Lock,
    /// Go on without asking
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(
    arguments: Arguments,
    folder: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let project = common::project(folder.clone())?;
    let environment = project.environment(&arguments.target.env)?;
    let state = project.store(&environment.name).join("cloud");
    let is_local = environment.local.is_some();
    if is_local && !state.exists() {
        ui.note(format!("{} is not up: nothing to do", environment.name));
        return Ok(());
    }
    let (session, _hold) =
        common::open_to_change(&arguments.target, (folder, &arguments.lock), ui).await?;
    let count = remove(&session, arguments.yes, arguments.lock.lock_timeout, ui).await?;
    if is_local {
        local::stop(&state).await?;
        let store = project.store(&environment.name);
        fs::remove_dir_all(&store)
            .map_err(|error| Failure::because(Kind::Other, store.display(), &error))?;
        // The folder above it goes when this was the last environment in it.
        let _others_remain = store.parent().map(fs::remove_dir);
        ui.note(format!(
            "{} is down: {count} resources removed, the local cloud is gone",
            environment.name
        ));
    } else {
        ui.note(format!("{} is down: {count} resources removed", environment.name));
        ui.note("kept: the zone's settings, and the ACME account in .deployer");
    }
    if ui.is_json() {
        ui.json(&json!({ "type": "done", "environment": environment.name, "removed": count }));
    }
    Ok(())
}

/// Removes everything; how many resources that were.
pub(super) async fn remove(
    session: &Session,
    yes: bool,
    lock_timeout: Duration,
    ui: &Ui,
) -> Result<usize, Failure> {
    let terms = Terms::new(Goal::Down, lock_timeout, ui.stop());
    let consent = Asking { session, yes, what: "Remove all of this from", ui };
    Ok(engine::run(session, &terms, &consent).await?.report.outcomes.len())
}
