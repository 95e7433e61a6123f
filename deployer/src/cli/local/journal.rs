//! `deployer local journal`: the calls that reached the control planes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::{Which, get, operation, running};
use crate::failure::Failure;
use crate::ui::Ui;

/// Show the calls that reached its control planes
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer local journal\n  deployer local journal --service oci --operation Create*\n  deployer local journal --after 120 --json\n  deployer local journal --follow"
)]
pub struct Journal {
    #[command(flatten)]
    which: Which,
    /// Leave out the calls up to this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u64,
    /// Only the calls of oci, cloudflare, acme or registry
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Only the calls of this operation; * at its end stands for any rest
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// Go on with what comes, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
}

/// Between two looks at a journal that is followed.
const PAUSE: Duration = Duration::from_millis(300);

impl Journal {
    fn shows(&self, entry: &Value) -> bool {
        let is = |field: &str, wanted: &Option<String>| {
            let found = entry[field].as_str().unwrap_or_default();
            wanted.as_deref().is_none_or(|wanted| operation::is_named(found, wanted))
        };
        is("service", &self.service) && is("operation", &self.operation)
    }
}

pub(super) async fn run(
    journal: &Journal,
    folder: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let site = running(folder, &journal.which).await?;
    operation::check(&site, journal.service.as_deref(), journal.operation.as_deref()).await?;
    let mut after = journal.after;
    loop {
        let entries = get(&site, &format!("journal?after={after}")).await?;
        let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
        for entry in entries.iter().filter(|entry| journal.shows(entry)) {
            show(entry, ui);
        }
        if !journal.follow {
            return Ok(());
        }
        after = entries.last().and_then(|entry| entry["number"].as_u64()).unwrap_or(after);
        tokio::time::sleep(PAUSE).await;
    }
}

fn show(entry: &Value, ui: &Ui) {
    if ui.is_json() {
        let mut entry = entry.clone();
        entry["type"] = Value::from("call");
        ui.json(&entry);
    } else {
        ui.data(&line(entry));
    }
}

fn line(entry: &Value) -> String {
    let text = |field: &str| entry[field].as_str().unwrap_or_default();
    let change = if entry["mutating"] == Value::Bool(true) { "*" } else { " " };
    let trouble = match text("outcome") {
        "answered" | "" => String::new(),
        other => format!("  ({other})"),
    };
    let milliseconds = entry["micros"].as_f64().unwrap_or_default() / 1000.0;
    format!(
        "{:>6} {change} {:>3} {milliseconds:>8.2} ms  {:<10} {:<36} {}{trouble}\n",
        entry["number"],
        entry["status"],
        text("service"),
        text("operation"),
        text("path")
    )
}
