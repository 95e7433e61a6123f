//! Probes from outside, after everything was applied: does every declared URL work, and nothing else?
//!
//! A probe that fails says which link of the chain broke: DNS, edge, rules, load balancer, or app.

mod chain;
mod request;

use std::collections::BTreeMap;
use std::sync::Arc;

use deployer_core::environment::Environment;
use tokio::task::JoinSet;

use crate::event::{Event, Listener};
use crate::failure::{Failure, Kind};
use crate::site::Site;
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

/// Runs every probe, side by side, and tells of each.
///
/// # Errors
/// When one fails: the first, in the order of the file.
pub async fn verify(
    environment: &Environment,
    site: &Site,
    expectation: &Expectation,
    listener: &Arc<dyn Listener>,
) -> Result<usize, Failure> {
    let outside = Arc::new(Outside::new(site)?);
    let mut probes: JoinSet<(usize, Finding)> = JoinSet::new();
    let mut number = 0..;
    let mut next = || number.next().unwrap_or(usize::MAX);
    for (host, path, app) in environment.routes() {
        let (outside, host, path) = (Arc::clone(&outside), host.to_owned(), path.to_owned());
        let (build, port, place) =
            (expectation.builds.get(app).cloned(), environment.public_port(app), next());
        let app = app.to_owned();
        probes.spawn(async move {
            (place, chain::url(&outside, (&host, port, &path), &app, build).await)
        });
    }
    for host in environment.hosts.keys() {
        let (outside, host, place) = (Arc::clone(&outside), host.clone(), next());
        let port = environment.host_port(&host);
        probes.spawn(async move { (place, chain::redirect(&outside, &host, port).await) });
    }
    for port in environment.https_ports() {
        let stranger = format!("nobody-{}.{}", environment.uid, environment.cloudflare.zone);
        let (unknown, place) = (Arc::clone(&outside), next());
        probes.spawn(async move { (place, chain::unknown_host(&unknown, &stranger, port).await) });
        if let Some(origin) = expectation.origin.clone() {
            let (outside, place) = (Arc::clone(&outside), next());
            probes.spawn(async move { (place, chain::origin(&outside, &origin, port).await) });
        }
    }
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    while let Some(ended) = probes.join_next().await {
        findings.extend(ended);
    }
    findings.sort_by_key(|(place, _)| *place);
    conclude(findings.into_iter().map(|(_, finding)| finding).collect(), listener)
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
