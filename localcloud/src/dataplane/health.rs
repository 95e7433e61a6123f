//! Health checks of backends, from the load balancer's own address, so that rules decide about them too.
//!
//! A backend that is not healthy is checked more often than configured, because a local cloud's users wait for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use regex_lite::Regex;
use rustls::ClientConfig;
use tokio::time::{sleep, timeout};

use crate::cloud::Cloud;
use crate::dataplane::balancer::{Backend, Set, State};
use crate::dataplane::body::{Body, whole};
use crate::dataplane::upstream;
use crate::health::{CheckResult, Health};
use crate::model::load_balancer::{HealthChecker, SslConfiguration};
use crate::network::{ConnectError, Stream};

/// Longest pause before a backend that is not healthy is checked again.
const IMPATIENCE: Duration = Duration::from_millis(250);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// Bytes of an answer that a regular expression may look at.
const MOST_OF_BODY: usize = 64 * 1024;

/// What is checked; a change of it begins a new watch.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    load_balancer: String,
    set: String,
    /// `ip:port`.
    backend: String,
    address: SocketAddr,
    offline: bool,
    checker: HealthChecker,
    state: Arc<State>,
    /// What `tls` was made of.
    ssl: Option<SslConfiguration>,
    tls: Option<Arc<ClientConfig>>,
}

impl Target {
    /// A backend of a set.
    pub(crate) fn new(
        load_balancer: &str,
        set: &Set,
        backend: &Backend,
        checker: &HealthChecker,
    ) -> Self {
        let port = if checker.port == 0 { backend.address.port() } else { checker.port };
        Self {
            load_balancer: load_balancer.to_owned(),
            set: set.name.clone(),
            backend: backend.name.clone(),
            address: SocketAddr::new(backend.address.ip(), port),
            offline: backend.offline,
            checker: checker.clone(),
            state: backend.state.clone(),
            ssl: set.ssl.clone(),
            tls: set.tls.clone(),
        }
    }

    /// Whether a watch of `self` is as good as one of `other`.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.address == other.address
            && self.offline == other.offline
            && self.checker == other.checker
            && self.ssl == other.ssl
            && Arc::ptr_eq(&self.state, &other.state)
    }

    /// Checks until it is aborted.
    pub(crate) async fn watch(self, cloud: Arc<Cloud>) {
        let retries = self.checker.retries.max(1);
        let interval = Duration::from_millis(self.checker.interval_in_millis);
        let mut streak = Streak::new(self.state.is_healthy());
        loop {
            let result = self.check(&cloud).await;
            let healthy = streak.note(result == CheckResult::Ok, retries);
            self.state.set_healthy(healthy);
            let time = cloud.clock.stamp();
            let status = if healthy { CheckResult::Ok } else { result };
            // A backend that recovers stays what it last failed of until it is trusted again.
            if healthy || result != CheckResult::Ok {
                let health = Health { status, time };
                cloud.health.set(&self.load_balancer, &self.set, &self.backend, health);
            }
            let pause = if healthy { interval } else { interval.min(IMPATIENCE) };
            sleep(pause.max(SHORTEST_PAUSE)).await;
        }
    }

    async fn check(&self, cloud: &Cloud) -> CheckResult {
        if self.offline {
            return CheckResult::Offline;
        }
        let limit = Duration::from_millis(self.checker.timeout_in_millis.max(1));
        timeout(limit, self.ask(cloud)).await.unwrap_or(CheckResult::TimedOut)
    }

    async fn ask(&self, cloud: &Cloud) -> CheckResult {
        // `isForcePlainText` checks without the set's TLS.
        let plain = self.checker.is_force_plain_text.unwrap_or(false);
        let tls = self.tls.as_ref().filter(|_| !plain);
        match upstream::open(cloud, &self.load_balancer, self.address, tls).await {
            Err(ConnectError::Filtered { .. }) => CheckResult::TimedOut,
            Err(ConnectError::Refused { .. }) => CheckResult::ConnectFailed,
            Err(ConnectError::Io { .. }) => CheckResult::IoError,
            Ok(_) if self.checker.protocol == "TCP" => CheckResult::Ok,
            Ok(stream) => self.get(stream).await.unwrap_or(CheckResult::IoError),
        }
    }

    async fn get(&self, stream: Box<dyn Stream>) -> Result<CheckResult, hyper::Error> {
        let path = self.checker.url_path.as_deref().filter(|path| path.starts_with('/'));
        let request = Request::get(path.unwrap_or("/")).header(header::HOST, &self.backend);
        let Ok(request) = request.body(whole("")) else { return Ok(CheckResult::Unknown) };
        let (mut sender, connection) = http1::handshake::<_, Body>(TokioIo::new(stream)).await?;
        let exchange = async {
            let response = sender.send_request(request).await?;
            if response.status().as_u16() != self.checker.return_code {
                return Ok(CheckResult::InvalidStatusCode);
            }
            Ok(self.compare(response.into_body()).await)
        };
        tokio::select! {
            result = exchange => result,
            // The connection ends first only when it breaks.
            ended = connection => ended.map(|()| CheckResult::IoError),
        }
    }

    async fn compare(&self, body: hyper::body::Incoming) -> CheckResult {
        let pattern = self.checker.response_body_regex.as_str();
        if pattern.is_empty() || pattern == ".*" {
            return CheckResult::Ok;
        }
        let Ok(body) = Limited::new(body, MOST_OF_BODY).collect().await else {
            return CheckResult::IoError;
        };
        let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        match Regex::new(pattern) {
            Ok(pattern) if pattern.is_match(&text) => CheckResult::Ok,
            _ => CheckResult::RegexMismatch,
        }
    }
}

/// Outcomes in a row, and what they make of a backend.
///
/// A backend changes its state after `retries` equal outcomes; the very first one that passes is believed at once.
#[derive(Debug)]
struct Streak {
    healthy: bool,
    /// Whether it ever was healthy.
    proven: bool,
    /// Outcomes in a row that speak against the present state.
    against: u32,
}

impl Streak {
    fn new(healthy: bool) -> Self {
        Self { healthy, proven: healthy, against: 0 }
    }

    /// Takes one outcome; returns whether the backend counts as healthy.
    fn note(&mut self, passed: bool, retries: u32) -> bool {
        if passed == self.healthy {
            self.against = 0;
            return self.healthy;
        }
        self.against += 1;
        let needed = if self.proven { retries } else { 1 };
        if self.against >= needed {
            self.healthy = passed;
            self.proven = true;
            self.against = 0;
        }
        self.healthy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_changes_after_enough_equal_outcomes() {
        let mut streak = Streak::new(false);
        let outcomes = [false, true, false, false, true, false, false, false, true, true, true];
        let states: Vec<bool> = outcomes.iter().map(|passed| streak.note(*passed, 3)).collect();
        let expected = [false, true, true, true, true, true, true, false, false, false, true];
        assert_eq!(states, expected);
    }
}
