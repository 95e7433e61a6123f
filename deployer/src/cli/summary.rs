//! What `up` ends with: what was made, how to look at it, how long it took, how to take it down.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use crate::execute::{Outcome, Report};
use crate::session::Session;
use crate::ui::{Ui, seconds};
use crate::verify::Outside;

/// Steps shown with their time.
const SLOWEST: usize = 8;

pub(super) fn up(session: &Session, report: &Report, probes: usize, took: Duration, ui: &Ui) {
    let environment = &session.clouds.environment;
    let name = &environment.name;
    let urls = urls(session);
    if ui.is_json() {
        let steps: Vec<_> = report
            .outcomes
            .iter()
            .map(|(address, action, _, seconds)| json!({ "address": address, "action": action, "seconds": seconds }))
            .collect();
        ui.json(&json!({
            "type": "done",
            "environment": environment.name,
            "urls": urls,
            "steps": steps,
            "probes": probes,
            "seconds": took.as_secs_f64(),
            "root": session.clouds.site.local.as_ref().map(|local| &local.root),
        }));
        return;
    }
    let mut text = String::new();
    slowest(&mut text, report);
    let _infallible = writeln!(
        text,
        "\n{} is up: {probes} probes passed, {}",
        environment.name,
        seconds(took.as_secs_f64())
    );
    for url in &urls {
        let _infallible = writeln!(text, "  {url}");
    }
    if let Some(local) = &session.clouds.site.local {
        let first = urls.first().map_or("", String::as_str);
        let root = local.root.display();
        let _infallible = writeln!(text, "\nlook at it (containers run with: {})", local.runtime);
        let _infallible = writeln!(text, "  curl --cacert {root} {first}");
        let _infallible = writeln!(text, "  in a browser: open {first} and trust {root}");
        let _infallible = writeln!(text, "\nit goes on in the background");
        let which = if name == "local" { String::new() } else { format!(" --env {name}") };
        let _infallible = writeln!(text, "  deployer local status{which}    what runs");
        let _infallible = writeln!(
            text,
            "  deployer local stop{which}      stop, keep everything for the next start"
        );
    } else {
        let _infallible = writeln!(text);
    }
    let _infallible = writeln!(text, "  deployer down --env {name}    take everything down");
    ui.data(&text);
}

fn slowest(text: &mut String, report: &Report) {
    let mut done: Vec<_> =
        report.outcomes.iter().filter(|(_, _, outcome, _)| *outcome == Outcome::Done).collect();
    if done.is_empty() {
        return;
    }
    done.sort_by(|a, b| b.3.total_cmp(&a.3));
    let _infallible = writeln!(text, "\n{} steps, the slowest:", done.len());
    for (address, action, _, took) in done.into_iter().take(SLOWEST) {
        let _infallible = writeln!(text, "  {:>9}  {action} {address}", seconds(*took));
    }
}

/// Every declared URL as a person types it.
pub(super) fn urls(session: &Session) -> Vec<String> {
    let outside = Outside::new(&session.clouds.site);
    let environment = &session.clouds.environment;
    environment
        .routes()
        .map(|(host, path, app)| outside.url("https", host, environment.public_port(app), path))
        .collect()
}
