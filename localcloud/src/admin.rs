//! The cloud about itself, below `/_localcloud/`: status, journal, inventory and export, planned faults and stops,
//! latency, policies, the clock, the end.
//!
//! Every call carries the bearer token of `ready.json`; these are not the vendors' endpoints.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::cloud::Cloud;
use crate::console::{self, Known};
use crate::dataplane::DataPlane;
use crate::edge::Edge;
use crate::faults::Fault;
use crate::gate::Hold;
use crate::server::plain;
use crate::services::dns::DnsServer;
use crate::services::oci::OciService;
use crate::simulation::export;
use crate::start::Ready;

/// Answers the admin endpoints.
pub(crate) struct Admin {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) oci: Arc<OciService>,
    pub(crate) edge: Arc<Edge>,
    pub(crate) dataplane: Arc<DataPlane>,
    pub(crate) ready: Ready,
    pub(crate) stop: Arc<Notify>,
    /// Held so that the name server lives as long as the endpoints that announce it.
    #[expect(dead_code, reason = "kept for its lifetime")]
    pub(crate) dns: DnsServer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trust {
    pem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slowness {
    profile: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

impl Admin {
    pub(crate) fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().trim_start_matches("/_localcloud/");
        if let Some(page) = console::file(path).filter(|_| request.method() == Method::GET) {
            return page;
        }
        if !self.is_allowed(request) {
            return plain(
                StatusCode::UNAUTHORIZED,
                "the token of ready.json is missing or wrong\n",
            );
        }
        match (request.method(), path) {
            (&Method::GET, "status") => self.status(),
            (&Method::GET, "journal") => {
                answer(&json!(self.cloud.journal.since(number(request, "after"))))
            }
            (&Method::GET, "console/state") => {
                let known = Known {
                    calls: number(request, "calls"),
                    requests: number(request, "requests"),
                };
                answer(&console::state(&self.cloud, &self.oci, known))
            }
            (&Method::GET, "inventory") => answer(&json!(self.inventory())),
            (&Method::GET, "addresses") => self.addresses(),
            (&Method::GET, "faults") => answer(&json!(self.cloud.faults.list())),
            (&Method::POST, "faults") => {
                attempt::<Fault>(request, |fault| self.cloud.faults.try_plan(fault))
            }
            (&Method::DELETE, "faults") => {
                self.cloud.faults.clear();
                answer(&json!({}))
            }
            (&Method::GET, "latency") => {
                answer(&json!({ "profile": self.cloud.latency.profile().to_string() }))
            }
            (&Method::POST, "latency") => attempt::<Slowness>(request, |slowness| {
                slowness.profile.parse().map(|profile| self.cloud.latency.set(profile))
            }),
            (&Method::GET, "clock") => answer(&json!({ "now": self.cloud.clock.stamp() })),
            (&Method::GET, "export") => answer(&export::export(&self.cloud, &self.oci)),
            (&Method::GET, "hold") => answer(&json!(self.cloud.gate.standing())),
            (&Method::POST, "hold") => attempt::<Hold>(request, |hold| {
                self.cloud.gate.plan(hold);
                Ok(())
            }),
            (&Method::DELETE, "hold") => {
                self.cloud.gate.release();
                answer(&json!({}))
            }
            (&Method::GET, "policies") => {
                answer(&json!({ "denied": self.cloud.policies.denials() }))
            }
            (&Method::POST, "policies") => attempt::<Vec<String>>(request, |statements| {
                self.cloud.policies.replace(&statements).map_err(|error| error.to_string())
            }),
            (&Method::POST, "clock") => attempt::<Advance>(request, |advance| {
                let is_moved = self.cloud.clock.advance(Duration::from_secs(advance.seconds));
                is_moved
                    .then_some(())
                    .ok_or_else(|| "the clock would be a century ahead".to_owned())
            }),
            (&Method::POST, "trust") => attempt::<Trust>(request, |trust| {
                self.edge.trust(&trust.pem).map_err(|error| error.to_string())
            }),
            (&Method::POST, "shutdown") => {
                self.stop.notify_one();
                answer(&json!({}))
            }
            _ => plain(StatusCode::NOT_FOUND, "no such admin endpoint\n"),
        }
    }

    fn is_allowed(&self, request: &Request<Bytes>) -> bool {
        let expected = format!("Bearer {}", self.ready.admin_token);
        let given = request
            .headers()
            .get(http::header::AUTHORIZATION)
            .map_or(&b""[..], http::HeaderValue::as_bytes);
        aws_lc_rs::constant_time::verify_slices_are_equal(given, expected.as_bytes()).is_ok()
    }

    fn status(&self) -> Response<Bytes> {
        answer(
            &json!({ "pid": self.ready.pid, "runtime": self.ready.runtime, "objects": self.inventory(),
                "ahead_seconds": self.cloud.clock.ahead().whole_seconds() }),
        )
    }

    fn inventory(&self) -> BTreeMap<String, usize> {
        let mut objects = self.oci.inventory();
        let records: usize =
            self.cloud.zones.read().zones.values().map(|zone| zone.records.len()).sum();
        if records > 0 {
            objects.insert("dns_record".to_owned(), records);
        }
        objects
    }

    fn addresses(&self) -> Response<Bytes> {
        let pairs = self.dataplane.addresses();
        let map: BTreeMap<String, String> =
            pairs.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
        answer(&json!(map))
    }
}

/// Makes a change that the body describes; what is wrong with it is answered with 400.
fn attempt<T: serde::de::DeserializeOwned>(
    request: &Request<Bytes>,
    make: impl FnOnce(T) -> Result<(), String>,
) -> Response<Bytes> {
    let read = serde_json::from_slice(request.body()).map_err(|error| error.to_string());
    match read.and_then(make) {
        Ok(()) => answer(&json!({})),
        Err(why) => plain(StatusCode::BAD_REQUEST, format!("{why}\n")),
    }
}

/// A number in the query; 0 when it is not there.
fn number(request: &Request<Bytes>, name: &str) -> u64 {
    let query = request.uri().query().unwrap_or_default().split('&');
    let mut pairs = query.filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}

fn answer(value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}
