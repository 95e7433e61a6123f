//! Probes from outside, after everything was applied: does every declared URL work, and nothing else?
//!
//! A probe that fails says which link of the chain broke: DNS, edge, rules, load balancer, or app.

mod chain;
mod request;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use deployer_core::environment::Environment;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use crate::event::{Event, Listener};
use crate::failure::{Failure, Kind};
use crate::site::Site;
use chain::Probe;
pub use request::Outside;

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub name: String,
    pub passed: bool,
    pub detail: String,
}

/// What the probes expect to see.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Build id by app.
    pub builds: BTreeMap<String, String>,
    /// Public address of the load balancer.
    pub origin: Option<String>,
}

/// How long the outside may take to see what was just applied: records and edge certificates spread by themselves.
const PATIENCE: Duration = Duration::from_secs(90);
/// The embedded cloud shows a change at once; only a listener may be a moment behind.
const LOCAL_PATIENCE: Duration = Duration::from_secs(3);
const AGAIN: Duration = Duration::from_millis(250);

/// Runs every probe, side by side, and tells of each in the order of the file.
///
/// # Errors
/// When one fails: the first.
pub async fn verify(
    environment: &Environment,
    site: &Site,
    expectation: &Expectation,
    listener: &Arc<dyn Listener>,
) -> Result<usize, Failure> {
    let outside = Outside::new(site);
    let patience = if site.local.is_some() { LOCAL_PATIENCE } else { PATIENCE };
    let probes = probes(environment, expectation);
    let findings = join_all(probes.iter().map(|probe| patient(probe, &outside, patience))).await;
    conclude(findings, listener)
}

/// What is looked at: every URL, every redirect, and what must not be reachable.
fn probes(environment: &Environment, expectation: &Expectation) -> Vec<Probe> {
    let urls = environment.routes().map(|(host, path, app)| Probe::Url {
        host: host.to_owned(),
        port: environment.public_port(app),
        path: path.to_owned(),
        app: app.to_owned(),
        build: expectation.builds.get(app).cloned(),
    });
    let redirects = environment
        .hosts
        .keys()
        .map(|host| Probe::Redirect { host: host.clone(), port: environment.host_port(host) });
    let stranger = format!("nobody-{}.{}", environment.uid, environment.cloudflare.zone);
    let ports = environment.https_ports();
    let strangers =
        ports.iter().map(|port| Probe::UnknownHost { host: stranger.clone(), port: *port });
    let origins = expectation.origin.iter().flat_map(|origin| {
        ports.iter().map(|port| Probe::Origin { address: origin.clone(), port: *port })
    });
    urls.chain(redirects).chain(strangers).chain(origins).collect()
}

/// Looks again until it is as it should be, or the time is over.
async fn patient(probe: &Probe, outside: &Outside, patience: Duration) -> Finding {
    let deadline = Instant::now() + patience;
    loop {
        let finding = probe.look(outside).await;
        if finding.passed || Instant::now() >= deadline {
            return finding;
        }
        sleep(AGAIN).await;
    }
}

fn conclude(findings: Vec<Finding>, listener: &Arc<dyn Listener>) -> Result<usize, Failure> {
    let count = findings.len();
    let mut failed = Vec::new();
    for Finding { name, passed, detail } in findings {
        if !passed {
            failed.push(format!("{name}: {detail}"));
        }
        listener.event(Event::Probe { name, passed, detail });
    }
    match failed.first() {
        None => Ok(count),
        Some(first) => Err(Failure::new(
            Kind::Unverified,
            format!("applied, but {} of {count} probes failed; first: {first}", failed.len()),
        )
        .hint("what was applied stays; `deployer status` shows the health of each part")
        .hint("running `deployer up` again repairs what differs and probes again")),
    }
}
