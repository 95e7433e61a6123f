//! What the process counts, in the text format of Prometheus.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper ends of the buckets, in seconds: from a page to the longest job.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 5.0, 15.0];

/// Counters of one process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Family<Route, Histogram>,
    under_way: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

impl Metrics {
    pub(crate) fn new(build: &str) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let seconds =
            Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let under_way = Gauge::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register(
            "http_request_seconds",
            "Time until the head of an answer",
            seconds.clone(),
        );
        registry.register(
            "http_requests_under_way",
            "Requests not answered yet",
            under_way.clone(),
        );
        let labels =
            vec![("build", build.to_owned()), ("version", env!("CARGO_PKG_VERSION").to_owned())];
        registry.register(
            "build",
            "What runs",
            prometheus_client::metrics::info::Info::new(labels),
        );
        Self { registry, requests, seconds, under_way }
    }

    /// A request has come.
    pub(crate) fn begin(&self) {
        self.under_way.inc();
    }

    /// Its answer is there; `route` is its pattern and never what a visitor wrote.
    pub(crate) fn end(&self, route: &str, status: u16, took: Duration) {
        self.under_way.dec();
        self.requests.get_or_create(&Labels { route: route.to_owned(), status }).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// All of them, as Prometheus reads them.
    pub(crate) fn text(&self) -> String {
        let mut written = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut written, &self.registry);
        written
    }
}
