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
use crate::services::oci::OciService;
use crate::services::{self, dns::DnsServer};
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
        match *request.method() {
            Method::GET => self.look(path, request),
            Method::POST => self.change(path, request),
            Method::DELETE => self.forget(path),
            _ => absent(),
        }
    }

    fn look(&self, path: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let cloud = &self.cloud;
        answer(&match path {
            "status" => self.status(),
            "journal" => json!(cloud.journal.since(number(request, "after"))),
            "console/state" => {
                let known = Known {
                    calls: number(request, "calls"),
                    requests: number(request, "requests"),
                };
                console::state(cloud, &self.oci, known)
            }
            "inventory" => json!(self.inventory()),
            "addresses" => self.addresses(),
            "operations" => {
                let named = services::NAMES.map(|name| (name, services::operations(name)));
                json!(BTreeMap::from(named))
            }
            "faults" => json!(cloud.faults.list()),
            "latency" => json!({ "profile": cloud.latency.profile().to_string() }),
            "clock" => json!({ "now": cloud.clock.stamp() }),
            "export" => export::export(cloud, &self.oci),
            "hold" => json!(cloud.gate.standing()),
            "policies" => json!({ "denied": cloud.policies.denials() }),
            _ => return absent(),
        })
    }

    fn change(&self, path: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let cloud = &self.cloud;
        match path {
            "faults" => attempt::<Fault>(request, |fault| cloud.faults.try_plan(fault)),
            "latency" => attempt::<Slowness>(request, |slowness| {
                slowness.profile.parse().map(|profile| cloud.latency.set(profile))
            }),
            "hold" => attempt::<Hold>(request, |hold| {
                cloud.gate.plan(hold);
                Ok(())
            }),
            "policies" => attempt::<Vec<String>>(request, |statements| {
                cloud.policies.replace(&statements).map_err(|error| error.to_string())
            }),
            "clock" => attempt::<Advance>(request, |advance| {
                let is_moved = cloud.clock.advance(Duration::from_secs(advance.seconds));
                let far = || "the clock would be a century ahead".to_owned();
                is_moved.then_some(()).ok_or_else(far)
            }),
            "trust" => attempt::<Trust>(request, |trust| {
                self.edge.trust(&trust.pem).map_err(|error| error.to_string())
            }),
            "shutdown" => {
                self.stop.notify_one();
                answer(&json!({}))
            }
            _ => absent(),
        }
    }

    fn forget(&self, path: &str) -> Response<Bytes> {
        match path {
            "faults" => self.cloud.faults.clear(),
            "hold" => self.cloud.gate.release(),
            _ => return absent(),
        }
        answer(&json!({}))
    }

    fn is_allowed(&self, request: &Request<Bytes>) -> bool {
        let expected = format!("Bearer {}", self.ready.admin_token);
        let given = request
            .headers()
            .get(http::header::AUTHORIZATION)
            .map_or(&b""[..], http::HeaderValue::as_bytes);
        aws_lc_rs::constant_time::verify_slices_are_equal(given, expected.as_bytes()).is_ok()
    }

    fn status(&self) -> Value {
        json!({ "pid": self.ready.pid, "runtime": self.ready.runtime, "objects": self.inventory(),
            "ahead_seconds": self.cloud.clock.ahead().whole_seconds() })
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

    fn addresses(&self) -> Value {
        let pairs = self.dataplane.addresses();
        let map: BTreeMap<String, String> =
            pairs.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
        json!(map)
    }
}

fn absent() -> Response<Bytes> {
    plain(StatusCode::NOT_FOUND, "no such admin endpoint\n")
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
