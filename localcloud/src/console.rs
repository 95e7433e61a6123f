//! The console: a page that shows the cloud as it is now, and what is asked of it.
//!
//! The page itself holds nothing and may be had by anybody on this machine; what it shows, `GET console/state`, takes
//! the admin token, which the page finds behind the `#` of its URL.

mod balancers;
mod certificates;
mod containers;
mod graph;
mod names;
mod rules;
mod way;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use time::OffsetDateTime;

use self::graph::Graph;
use crate::cloud::Cloud;
use crate::health::HealthBoard;
use crate::model::{load_balancer, network, zone};
use crate::server::plain;
use crate::services::oci::OciService;

/// Calls and requests that one answer tells.
const MOST: usize = 200;

/// What the page may load and talk to: itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is looked at.
struct Sight<'a> {
    zones: &'a zone::World,
    balancers: &'a load_balancer::World,
    network: &'a network::World,
    /// Container instances with their containers, as the vendor's API shows them.
    instances: &'a [Value],
    health: &'a HealthBoard,
    now: OffsetDateTime,
}

/// Numbers of the newest call and request that the page knows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    pub(crate) calls: u64,
    pub(crate) requests: u64,
}

/// A file of the page; none when there is no such file.
pub(crate) fn file(path: &str) -> Option<Response<Bytes>> {
    let (kind, text) = match path {
        "console" => ("text/html; charset=utf-8", include_str!("console/page/index.html")),
        "console/style.css" => ("text/css", include_str!("console/page/style.css")),
        "console/script.js" => ("text/javascript", include_str!("console/page/script.js")),
        "console/picture.js" => ("text/javascript", include_str!("console/page/picture.js")),
        _ => return None,
    };
    let mut response = plain(StatusCode::OK, text);
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

/// Everything that the page shows, of calls and requests only what it does not know yet.
pub(crate) fn state(cloud: &Cloud, oci: &OciService, known: Known) -> Value {
    let (zones, balancers) = (cloud.zones.read(), cloud.balancers.read());
    let (network, instances) = (cloud.network.read(), oci.instances());
    let sight = Sight {
        zones: &zones,
        balancers: &balancers,
        network: &network,
        instances: &instances,
        health: &cloud.health,
        now: cloud.clock.now(),
    };
    let graph = draw(&sight);
    let requests = newest(cloud.traffic.since(known.requests));
    let told = |request: &crate::traffic::Request| json!({ "request": request, "way": way::of(&graph, request) });
    json!({
        "now": cloud.clock.stamp(),
        "ahead_seconds": cloud.clock.ahead().whole_seconds(),
        "certificates": certificates::held(&sight),
        "requests": requests.iter().map(told).collect::<Vec<_>>(),
        "calls": newest(cloud.journal.since(known.calls)),
        "graph": graph,
    })
}

fn draw(sight: &Sight<'_>) -> Graph {
    let mut graph = Graph::default();
    names::draw(sight, &mut graph);
    balancers::draw(sight, &mut graph);
    containers::draw(sight, &mut graph);
    graph
}

fn newest<T>(mut all: Vec<T>) -> Vec<T> {
    all.drain(..all.len().saturating_sub(MOST));
    all
}

#[cfg(test)]
mod tests;
