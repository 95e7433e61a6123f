//! `deployer local faults`: what is planned to go wrong.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Which, get, operation, post, running};
use crate::failure::Failure;
use crate::local;
use crate::ui::Ui;

/// Show, plan or forget failures of its services
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer local faults\n  deployer local faults add CreateListener --status 503 --times 3\n  deployer local faults add 'Create*' --service oci --drop after\n  deployer local faults add '*' --probability 0.1 --seed 7 --status 500\n  deployer local faults clear"
)]
pub struct Faults {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
    /// Forget everything that is planned
    Clear,
}

/// Plan a failure
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer local faults add CreateListener --status 503 --times 3\n  deployer local faults add GetLoadBalancer --delay-ms 2000 --after 5\n  deployer local faults add CreateLoadBalancer --work"
)]
struct Add {
    /// Name of the operation as the journal shows it; * at its end stands for any rest
    #[arg(value_name = "OPERATION")]
    operation: String,
    /// Only calls of oci, cloudflare, acme or registry
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    #[command(flatten)]
    outcome: Outcome,
    /// Calls that pass before
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u32,
    /// Calls that are hit; with --probability all, else one
    #[arg(long, value_name = "N")]
    times: Option<u32>,
    /// How likely a call is hit, from 0 to 1
    #[arg(long, value_name = "P")]
    probability: Option<f64>,
    /// With the same seed the same calls are hit
    #[arg(long, value_name = "N", default_value_t = 0, requires = "probability")]
    seed: u64,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Outcome {
    /// Answer with this status and the vendor's error; nothing is done
    #[arg(long, value_name = "CODE")]
    status: Option<u16>,
    /// Deliver the call so much later
    #[arg(long, value_name = "MS")]
    delay_ms: Option<u64>,
    /// Break the connection before the call is carried out, or before it is answered
    #[arg(long, value_name = "WHEN")]
    drop: Option<Side>,
    /// Break the connection in the middle of the answer
    #[arg(long)]
    truncate: bool,
    /// Leave out the second half of the answer
    #[arg(long)]
    malform: bool,
    /// Accept the call, and let its work request fail
    #[arg(long)]
    work: bool,
    /// Have no room for a container instance
    #[arg(long)]
    no_capacity: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Side {
    Before,
    After,
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Self { delay_ms: Some(_), .. } => "delay",
            Self { drop: Some(Side::Before), .. } => "drop_before",
            Self { drop: Some(Side::After), .. } => "drop_after",
            Self { truncate: true, .. } => "truncate",
            Self { malform: true, .. } => "malform",
            Self { work: true, .. } => "failed_work",
            Self { no_capacity: true, .. } => "no_capacity",
            Self { .. } => "answer",
        }
    }
}

impl Add {
    /// As the cloud takes it.
    fn fault(&self) -> Value {
        let times = if self.probability.is_some() { u32::MAX } else { 1 };
        json!({
            "operation": self.operation,
            "service": self.service,
            "status": self.outcome.status.unwrap_or(500),
            "after": self.after,
            "times": self.times.unwrap_or(times),
            "outcome": self.outcome.name(),
            "delay_ms": self.outcome.delay_ms.unwrap_or_default(),
            "probability": self.probability.unwrap_or(1.0),
            "seed": self.seed,
        })
    }
}

pub(super) async fn run(faults: &Faults, folder: Option<PathBuf>, ui: &Ui) -> Result<(), Failure> {
    let site = running(folder, &faults.which).await?;
    match &faults.command {
        Some(Command::Add(add)) => {
            operation::check(&site, add.service.as_deref(), Some(&add.operation)).await?;
            post(&site, "faults", &add.fault()).await?;
        }
        Some(Command::Clear) => {
            local::admin(&site, reqwest::Method::DELETE, "faults", None).await?;
        }
        None => {}
    }
    let planned = get(&site, "faults").await?;
    let planned = planned.as_array().map(Vec::as_slice).unwrap_or_default();
    if planned.is_empty() && !ui.is_json() {
        ui.data("nothing is planned to go wrong\n");
    }
    for fault in planned {
        if ui.is_json() {
            let mut fault = fault.clone();
            fault["type"] = Value::from("fault");
            ui.json(&fault);
        } else {
            ui.data(&line(fault));
        }
    }
    Ok(())
}

fn line(fault: &Value) -> String {
    let text = |field: &str| fault[field].as_str().unwrap_or_default();
    let number = |field: &str| fault[field].as_u64().unwrap_or_default();
    let what = match text("outcome") {
        "answer" => format!("answers {}", number("status")),
        "delay" => format!("{:?} late", Duration::from_millis(number("delay_ms"))),
        "drop_before" => "never arrives".to_owned(),
        "drop_after" => "answer lost".to_owned(),
        "truncate" => "answer torn".to_owned(),
        "malform" => "answer malformed".to_owned(),
        "failed_work" => "work fails".to_owned(),
        other => other.replace('_', " "),
    };
    let service = fault["service"].as_str().map_or(String::new(), |name| format!("{name} "));
    let times = match number("times") {
        all if all == u64::from(u32::MAX) => "every time".to_owned(),
        times => format!("{times} times"),
    };
    let likely = match fault["probability"].as_f64().unwrap_or(1.0) {
        p if p < 1.0 => format!(", {}% likely", p * 100.0),
        _ => String::new(),
    };
    let after = match number("after") {
        0 => String::new(),
        after => format!(" after {after} calls"),
    };
    let hits = number("hits");
    format!("{service}{:<32} {what:<18} {times}{after}{likely}; hit {hits}\n", text("operation"))
}
