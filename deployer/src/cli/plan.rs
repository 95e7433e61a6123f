//! `deployer plan`: what `up` would do, and why. Reads only.

use std::path::PathBuf;

use clap::Args;
use deployer_core::{guard, render};

use super::common::{self, Target};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Show what `up` would do, without doing it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer plan --env local\n  deployer plan --env london --exit-code   2 when there are changes"
)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,
    /// End with code 2 when there are changes
    #[arg(long)]
    exit_code: bool,
}

pub(super) async fn run(
    arguments: Arguments,
    project: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let session = common::open(&arguments.target, project, ui).await?;
    let desired = session.desired();
    let observed = session.observe(&desired).await?;
    let plan = session.plan(&desired, &observed);
    if ui.is_json() {
        ui.json(&serde_json::json!({ "type": "plan", "plan": plan }));
    } else {
        ui.data(&render::text(&plan));
    }
    if let Err(refusal) = guard::check(&plan, None) {
        ui.note(format!(
            "`up` would refuse this plan: {refusal}\n  hint: {}",
            refusal.hint(&plan.environment)
        ));
    }
    if arguments.exit_code && !plan.is_empty() {
        return Err(Failure::new(Kind::Changes, "there are changes"));
    }
    Ok(())
}
