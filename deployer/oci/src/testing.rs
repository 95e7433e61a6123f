//! What tests of calls share: a transport that answers from a script, and a clock that only counts.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use time::OffsetDateTime;

use crate::{
    Client, Clock, Config, Credentials, Endpoints, Sending, Sleeping, Transport, TransportError,
};

const KEY: &str = include_str!("../../../tests/contracts/signing/key.pem");
const FINGERPRINT: &str = "1f:e6:26:be:9d:8f:31:21:5e:30:20:56:46:2b:f2:a5";

/// One answer of the script.
pub(crate) type Outcome = Result<http::Response<Bytes>, TransportError>;

/// Gives the answers of a script in order, and keeps the requests.
#[derive(Debug, Default)]
pub(crate) struct Script {
    answers: Mutex<VecDeque<Outcome>>,
    requests: Mutex<Vec<http::Request<Bytes>>>,
}

impl Script {
    /// The requests that came, in order.
    pub(crate) fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }
}

impl Transport for Script {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        self.requests.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async { answer.expect("the script has an answer for every request") })
    }
}

/// Time passes only by sleeping.
#[derive(Debug)]
pub(crate) struct Counter {
    now: Mutex<OffsetDateTime>,
    sleeps: Mutex<Vec<Duration>>,
}

impl Counter {
    /// Every wait, in order.
    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.sleeps.lock().unwrap().clone()
    }
}

impl Clock for Counter {
    fn now(&self) -> OffsetDateTime {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleeping<'_> {
        *self.now.lock().unwrap() += duration;
        self.sleeps.lock().unwrap().push(duration);
        Box::pin(async {})
    }
}

/// A client on a script and a counting clock.
pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) script: Arc<Script>,
    pub(crate) clock: Arc<Counter>,
}

impl World {
    pub(crate) fn new(answers: impl IntoIterator<Item = Outcome>) -> Self {
        Self::configured(answers, |_| {})
    }

    pub(crate) fn configured(
        answers: impl IntoIterator<Item = Outcome>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let answers = Mutex::new(answers.into_iter().collect());
        let script = Arc::new(Script { answers, requests: Mutex::default() });
        let now = Mutex::new(OffsetDateTime::from_unix_timestamp(1_672_954_300).unwrap());
        let clock = Arc::new(Counter { now, sleeps: Mutex::default() });
        let (tenancy, user) = ("ocid1.tenancy.oc1..t", "ocid1.user.oc1..u");
        let credentials = Credentials::user_key(tenancy, user, FINGERPRINT, KEY).unwrap();
        let endpoints = Endpoints::at("http://127.0.0.1:8080").unwrap();
        let mut config = Config::new(credentials, endpoints, script.clone());
        config.clock = clock.clone();
        config.seed = 7;
        change(&mut config);
        Self { client: Client::new(config), script, clock }
    }
}

/// An answer with a body.
pub(crate) fn answer(status: u16, body: &str) -> Outcome {
    answer_with(status, body, &[])
}

/// An answer with a body and headers.
pub(crate) fn answer_with(status: u16, body: &str, headers: &[(&str, &str)]) -> Outcome {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(Bytes::from(body.to_owned())).unwrap())
}

/// Runs a future that never really waits.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
