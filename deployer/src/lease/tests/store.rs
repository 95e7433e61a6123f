//! An object store in memory: honours the headers, loses answers, and keeps a caller waiting.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use oci::{Client, Clock, Credentials, Endpoints, Sending, Sleeping, Transport, TransportError};
use time::OffsetDateTime;
use tokio::time::Instant;

const KEY: &str = include_str!("../../../../tests/contracts/signing/key.pem");
const FINGERPRINT: &str = "1f:e6:26:be:9d:8f:31:21:5e:30:20:56:46:2b:f2:a5";
const DATE: &[time::format_description::BorrowedFormatItem<'_>] = time::macros::format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

const BUCKET_ETAG: &str = "bucket-1";

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fault {
    pub before: Duration,
    pub after: Duration,
    pub loses_request: bool,
    pub loses_answer: bool,
}

#[derive(Debug, Default)]
struct State {
    bucket: Option<Bytes>,
    /// Etag, content, and when it was written.
    object: Option<(u64, Bytes, OffsetDateTime)>,
    etags: u64,
    /// Method, and status of the answer.
    calls: Vec<(Method, u16)>,
    faults: VecDeque<Fault>,
    denies: bool,
}

/// The service, with one bucket and one object.
#[derive(Debug)]
pub(super) struct Store {
    state: Mutex<State>,
    clock: Ticking,
}

/// Shows the time that passes in tokio, and can be ahead of it as after a sleep of the whole machine.
#[derive(Debug, Clone)]
pub(super) struct Ticking {
    begun: Instant,
    slept: Arc<Mutex<Duration>>,
}

impl Ticking {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), slept: Arc::default() }
    }

    /// The lid is closed for so long.
    pub(super) fn close_lid(&self, duration: Duration) {
        *self.slept.lock().unwrap() += duration;
    }
}

impl Clock for Ticking {
    fn now(&self) -> OffsetDateTime {
        let start = OffsetDateTime::from_unix_timestamp(1_672_954_300).unwrap();
        start + self.begun.elapsed() + *self.slept.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleeping<'_> {
        Box::pin(tokio::time::sleep(duration))
    }
}

impl Store {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), clock: Ticking::new() })
    }

    /// A client of this service on a machine with this clock.
    pub(super) fn client(self: &Arc<Self>, clock: &Ticking) -> Client {
        let (tenancy, user) = ("ocid1.tenancy.oc1..t", "ocid1.user.oc1..u");
        let credentials = Credentials::user_key(tenancy, user, FINGERPRINT, KEY).unwrap();
        let endpoints = Endpoints::at("http://127.0.0.1:8080").unwrap();
        let mut config = oci::Config::new(credentials, endpoints, self.clone());
        config.clock = Arc::new(clock.clone());
        config.seed = 7;
        Client::new(config)
    }

    /// What goes wrong next, one for each request.
    pub(super) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    pub(super) fn deny(&self) {
        self.state.lock().unwrap().denies = true;
    }

    /// The calls since the last time this was asked.
    pub(super) fn calls(&self) -> Vec<String> {
        let calls = std::mem::take(&mut self.state.lock().unwrap().calls);
        calls.into_iter().map(|(method, status)| format!("{method} {status}")).collect()
    }

    pub(super) fn content(&self) -> serde_json::Value {
        let state = self.state.lock().unwrap();
        state.object.as_ref().map_or_else(Default::default, |(_, content, _)| {
            serde_json::from_slice(content).unwrap()
        })
    }

    pub(super) fn bucket(&self) -> Option<String> {
        let bucket = self.state.lock().unwrap().bucket.clone()?;
        Some(String::from_utf8(bucket.to_vec()).unwrap())
    }

    pub(super) fn write_by_hand(&self, content: &'static str) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        state.bucket = Some(Bytes::new());
        state.etags += 1;
        state.object = Some((state.etags, Bytes::from_static(content.as_bytes()), now));
    }
}

impl Transport for Store {
    fn send(&self, request: Request<Bytes>) -> Sending<'_> {
        let fault = self.state.lock().unwrap().faults.pop_front().unwrap_or_default();
        Box::pin(async move {
            tokio::time::sleep(fault.before).await;
            if fault.loses_request {
                return Err(TransportError::lost("lost on the way there"));
            }
            let answer = {
                let mut state = self.state.lock().unwrap();
                let answer = state.answer(&request, self.clock.now());
                state.calls.push((request.method().clone(), answer.status().as_u16()));
                answer
            };
            tokio::time::sleep(fault.after).await;
            if fault.loses_answer {
                return Err(TransportError::lost("lost on the way back"));
            }
            Ok(answer)
        })
    }
}

impl State {
    fn answer(&mut self, request: &Request<Bytes>, now: OffsetDateTime) -> Response<Bytes> {
        let is_object = request.uri().path().ends_with("/o/lease.json");
        let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
        let etag = self.object.as_ref().map(|(etag, ..)| etag.to_string());
        if self.denies {
            return refusal(404, "BucketNotFound");
        }
        match (request.method(), is_object) {
            (&Method::POST, false) if self.bucket.is_some() => refusal(409, "BucketAlreadyExists"),
            (&Method::POST, false) => {
                self.bucket = Some(request.body().clone());
                shown_bucket()
            }
            _ if self.bucket.is_none() => refusal(404, "BucketNotFound"),
            (&Method::GET, false) => shown_bucket(),
            (&Method::DELETE, false) if header("if-match") != Some(BUCKET_ETAG) => {
                refusal(412, "IfMatchFailed")
            }
            (&Method::DELETE, false) if self.object.is_some() => refusal(409, "BucketNotEmpty"),
            (&Method::DELETE, false) => {
                self.bucket = None;
                Response::default()
            }
            (&Method::PUT, true) => {
                let is_met = match (header("if-match"), header("if-none-match")) {
                    (Some(wanted), None) => etag.as_deref() == Some(wanted),
                    (None, Some("*")) => etag.is_none(),
                    conditions => panic!("a write needs one condition: {conditions:?}"),
                };
                if !is_met {
                    return refusal(412, "IfMatchFailed");
                }
                self.etags += 1;
                self.object = Some((self.etags, request.body().clone(), now));
                Response::builder().header("etag", self.etags).body(Bytes::new()).unwrap()
            }
            _ if self.object.is_none() => refusal(404, "ObjectNotFound"),
            (&Method::DELETE, true) => {
                if header("if-match") != etag.as_deref() {
                    return refusal(412, "IfMatchFailed");
                }
                self.object = None;
                Response::default()
            }
            (&Method::GET, true) => self.shown(now),
            other => panic!("{other:?}"),
        }
    }

    fn shown(&self, now: OffsetDateTime) -> Response<Bytes> {
        let (etag, content, written) = self.object.clone().unwrap();
        let builder = Response::builder()
            .header("etag", etag)
            .header("date", now.format(DATE).unwrap())
            .header("last-modified", written.format(DATE).unwrap());
        builder.body(content).unwrap()
    }
}

fn shown_bucket() -> Response<Bytes> {
    let shown = r#"{"name": "b", "namespace": "ns", "compartmentId": "c"}"#;
    let body = Bytes::from_static(shown.as_bytes());
    Response::builder().header("etag", BUCKET_ETAG).body(body).unwrap()
}

fn refusal(status: u16, code: &str) -> Response<Bytes> {
    let body = BTreeMap::from([("code", code), ("message", "no")]);
    let body = serde_json::to_vec(&body).unwrap();
    Response::builder().status(status).body(body.into()).unwrap()
}
