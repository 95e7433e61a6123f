//! `deployer status`: what there is, how it is, where it is reached, how long the certificate is good.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use deployer_core::address::Kind;
use deployer_core::observed::{Found, Observed};
use serde_json::json;

use super::common::{self, Target};
use super::summary;
use crate::failure::Failure;
use crate::providers::load_balancer::{self, Backend};
use crate::session::Session;
use crate::ui::Ui;

/// Show what there is and how it is
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer status --env local\n  deployer status --env london --json"
)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(
    arguments: Arguments,
    project: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    if common::is_absent(&arguments.target, project.clone()).await? {
        if ui.is_json() {
            ui.json(&json!({ "type": "status", "resources": [], "health": [], "urls": [] }));
            return Ok(());
        }
        ui.data(&format!("{0} is not up\n  deployer up --env {0}\n", arguments.target.env));
        return Ok(());
    }
    let session = common::open(&arguments.target, project, ui).await?;
    let observed = session.observe(&session.desired()).await?;
    let health = health(&session, &observed).await?;
    let urls = summary::urls(&session);
    if ui.is_json() {
        let resources: Vec<_> = observed
            .resources
            .iter()
            .map(|(address, found)| described(&address.to_string(), found))
            .collect();
        let health: Vec<_> = health
            .iter()
            .map(|(app, backends)| {
                let backends: Vec<_> = backends
                    .iter()
                    .map(|b| json!({ "name": b.name, "result": b.result }))
                    .collect();
                json!({ "app": app, "backends": backends })
            })
            .collect();
        ui.json(
            &json!({ "type": "status", "resources": resources, "health": health, "urls": urls }),
        );
        return Ok(());
    }
    ui.data(&text(&session, &observed, &health, &urls));
    Ok(())
}

fn described(address: &str, found: &Found) -> serde_json::Value {
    json!({
        "address": address,
        "id": found.id,
        "state": found.state,
        "ip": found.outputs.get("address").or_else(|| found.outputs.get("privateIp")),
        "broken": found.broken,
    })
}

type Health = Vec<(String, Vec<Backend>)>;

async fn health(session: &Session, observed: &Observed) -> Result<Health, Failure> {
    let mut health = Vec::new();
    for (_, balancer) in observed.of_kind(Kind::LoadBalancer) {
        for app in session.clouds.environment.apps.keys() {
            if balancer.spec["backendSets"].get(app).is_some() {
                health.push((
                    app.clone(),
                    load_balancer::backends(&session.clouds, &balancer.id, app).await?,
                ));
            }
        }
    }
    Ok(health)
}

fn text(session: &Session, observed: &Observed, health: &Health, urls: &[String]) -> String {
    let mut text =
        format!("{} · {} resources\n\n", session.clouds.environment.name, observed.resources.len());
    for (address, found) in &observed.resources {
        let place = found.outputs.get("address").or_else(|| found.outputs.get("privateIp"));
        let place = place.map(String::as_str).unwrap_or_default();
        let broken = found.broken.as_deref().unwrap_or_default();
        let address = address.to_string();
        let line = format!("  {address:<44} {:<14} {place:<15} {broken}", found.state);
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    if !health.is_empty() {
        text.push_str("\nhealth, as the load balancer sees it\n");
    }
    for (app, backends) in health {
        for Backend { name, result } in backends {
            let _infallible = writeln!(text, "  {app:<20} {name:<22} {result}");
        }
    }
    text.push_str("\ndeclared\n");
    for url in urls {
        let _infallible = writeln!(text, "  {url}");
    }
    text
}
