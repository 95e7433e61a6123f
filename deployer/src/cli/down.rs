//! `deployer down`: removes everything that carries the environment's mark, and nothing else.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use deployer_core::desired::Desired;
use deployer_core::guard::Purpose;
use deployer_core::plan::Plan;
use deployer_core::render;
use serde_json::json;

use super::common::{self, Target};
use super::up;
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
    let (session, _hold) = common::open_to_change(&arguments.target, folder, ui).await?;
    let count = remove(&session, arguments.yes, ui).await?;
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
pub(super) async fn remove(session: &Session, yes: bool, ui: &Ui) -> Result<usize, Failure> {
    let nothing = Desired::new();
    let mut count = 0;
    // A second look finds what was being made while the first was taken.
    for _ in 0..2 {
        let observed = session.observe(&nothing).await?;
        let plan: Plan = session.plan(&nothing, &observed);
        common::guarded(&session.clouds.environment, &plan, Purpose::Down, false)?;
        if !plan.is_empty() {
            ui.note(render::text(&plan));
            common::consent(&session.clouds.environment, yes, "Remove all of this from", ui)?;
        }
        let removed = up::apply(session, &plan, observed, ui).await;
        count += removed.map_err(up::resumed_by("down", session))?.outcomes.len();
    }
    Ok(count)
}
