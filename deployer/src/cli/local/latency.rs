//! `deployer local latency`: how long asynchronous work takes.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Which, get, post, running};
use crate::failure::Failure;
use crate::ui::Ui;

/// Show or change how long asynchronous work takes
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer local latency\n  deployer local latency oci        as long as people saw the vendor take\n  deployer local latency oci*0.1    a tenth of it\n  deployer local latency 200ms      the same for all\n  deployer local latency none"
)]
pub struct Latency {
    /// none, a time such as 200ms, oci, or oci*FACTOR; nothing shows what holds
    profile: Option<String>,
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(
    latency: &Latency,
    folder: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let site = running(folder, &latency.which).await?;
    if let Some(profile) = &latency.profile {
        post(&site, "latency", &json!({ "profile": profile })).await?;
    }
    let shown = get(&site, "latency").await?;
    if ui.is_json() {
        ui.json(&json!({ "type": "latency", "profile": shown["profile"] }));
    } else {
        ui.data(&format!("{}\n", shown["profile"].as_str().unwrap_or_default()));
    }
    Ok(())
}
