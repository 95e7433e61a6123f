//! `deployer plan`: what `up` would do, and why. Reads only.

use std::path::{Path, PathBuf};

use clap::Args;
use deployer_core::guard::Purpose;
use deployer_core::plan::Plan;
use deployer_core::render;
use serde_json::Value;

use super::common::{self, Target};
use crate::engine;
use crate::failure::{Failure, Kind};
use crate::store;
use crate::ui::Ui;

/// Show what `up` would do, without doing it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  deployer plan --env local\n  \
    deployer plan --env london --exit-code      2 when there are changes\n  \
    deployer plan --env london --refuse-drift   6 when somebody changed something\n  \
    deployer plan --env london --out plan.json")]
pub struct Arguments {
    #[command(flatten)]
    target: Target,
    /// End with code 2 when there are changes
    #[arg(long)]
    exit_code: bool,
    /// End with code 6 when somebody changed what deployer had applied
    #[arg(long)]
    refuse_drift: bool,
    /// Keep the plan in a file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) async fn run(
    arguments: Arguments,
    project: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let session = common::open(&arguments.target, project, ui).await?;
    let (plan, file) = engine::preview(&session, ui.stop()).await?;
    if ui.is_json() {
        ui.json(&serde_json::json!({ "type": "plan", "plan": plan }));
    } else {
        ui.data(&render::text(&plan));
    }
    if let Some(path) = &arguments.out {
        keep(path, &file)?;
    }
    let environment = &session.clouds.environment;
    let purpose = Purpose::Up { prune: None };
    if let Err(refusal) = engine::guarded(environment, &plan, purpose, false) {
        ui.note(format!(
            "`up` would refuse this plan: {}\n  hint: {}",
            refusal.message,
            refusal.hints.join(", ")
        ));
    }
    if arguments.refuse_drift {
        refuse_drift(&plan)?;
    }
    if arguments.exit_code && !plan.is_empty() {
        return Err(Failure::new(Kind::Changes, "there are changes"));
    }
    Ok(())
}

/// Every drift is a difference, so code 2 stands for it, too, where only that was asked for.
fn refuse_drift(plan: &Plan) -> Result<(), Failure> {
    deployer_core::guard::drift(plan).map_err(|refusal| {
        Failure::new(Kind::Refused, refusal.to_string()).hint(refusal.hint(&plan.environment))
    })
}

fn keep(path: &Path, file: &Value) -> Result<(), Failure> {
    let text = format!("{file:#}\n");
    store::write_private(path, text.as_bytes())
        .map_err(|error| Failure::because(Kind::Usage, path.display(), &error))
}
