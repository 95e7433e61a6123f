//! The clouds of one history, and what time it is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use localcloud::Seed as Seeds;
use localcloud::simulation::{Access, Options, SimulatedCloud};
use serde_json::Value;
use tokio::time::Instant;

use crate::environments::{COMPARTMENT, ZONE};

/// A request whose date is further off is refused, as the vendor does it.
const SKEW: Duration = Duration::from_secs(300);

/// One cloud for each region that anything lives in; Cloudflare and the authority are the first one's.
#[derive(Debug)]
pub(crate) struct Clouds {
    home: Arc<SimulatedCloud>,
    abroad: BTreeMap<&'static str, Arc<SimulatedCloud>>,
    begun: Instant,
    arrivals: AtomicU64,
}

impl Clouds {
    /// Clouds in the state that every history begins with.
    pub(crate) fn open(seed: u64, change: impl FnOnce(&mut Options)) -> Arc<Self> {
        Self::with(seed, change, BTreeMap::new())
    }

    /// The same in two regions of one tenancy, which the same seed gives both.
    pub(crate) fn open_two(abroad: &'static str) -> Arc<Self> {
        let there = Self::open(1, |options| abroad.clone_into(&mut options.seeds.region));
        let there = BTreeMap::from([(abroad, Arc::clone(&there.home))]);
        Self::with(1, |options| options.conduct.other_regions = vec![abroad.to_owned()], there)
    }

    fn with(
        seed: u64,
        change: impl FnOnce(&mut Options),
        abroad: BTreeMap<&'static str, Arc<SimulatedCloud>>,
    ) -> Arc<Self> {
        let mut options = Options { seed, ..Options::default() };
        options.seeds = Seeds {
            compartments: vec![COMPARTMENT.to_owned()],
            zones: vec![ZONE.to_owned()],
            ..Seeds::default()
        };
        change(&mut options);
        let home = SimulatedCloud::open(options).expect("the seeds are possible");
        Arc::new(Self { home, abroad, begun: Instant::now(), arrivals: AtomicU64::new(0) })
    }

    pub(crate) fn home(&self) -> &SimulatedCloud {
        &self.home
    }

    pub(crate) fn abroad(&self, region: &str) -> &SimulatedCloud {
        &self.abroad[region]
    }

    pub(crate) fn access(&self) -> &Access {
        self.home.access()
    }

    /// Who may push images to a region.
    pub(crate) fn access_in(&self, region: &str) -> &Access {
        self.abroad.get(region).unwrap_or(&self.home).access()
    }

    /// Milliseconds since the beginning.
    pub(crate) fn milliseconds(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Counts what arrives, of whomever.
    pub(crate) fn arrived(&self) -> u64 {
        self.arrivals.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let host = request.uri().host().unwrap_or_default();
        let is_for = |region: &str, there: &SimulatedCloud| {
            host.contains(region) || host == there.access().registry
        };
        let abroad = self.abroad.iter().find(|(region, there)| is_for(region, there));
        let cloud = abroad.map_or(&self.home, |(_, cloud)| cloud);
        if let Some(refusal) = self.refusal_of_date(&request, cloud) {
            return refusal;
        }
        let mut response = cloud.send(request).await;
        let now = http_date(cloud.cloud().clock.now());
        response.headers_mut().insert("date", now.parse().expect("a date is plain"));
        response
    }

    /// The vendor's 401 to a signature that is more than five minutes off.
    fn refusal_of_date(
        &self,
        request: &Request<Bytes>,
        cloud: &SimulatedCloud,
    ) -> Option<Response<Bytes>> {
        use time::format_description::well_known::Rfc2822;
        let date = request.headers().get("date")?.to_str().ok()?.replace("GMT", "+0000");
        let date = time::OffsetDateTime::parse(&date, &Rfc2822).ok()?;
        let now = cloud.cloud().clock.now();
        if (now - date).unsigned_abs() <= SKEW {
            return None;
        }
        let body =
            r#"{"code":"NotAuthenticated","message":"the date is not within the allowed range"}"#;
        let response = Response::builder()
            .status(401)
            .header("content-type", "application/json")
            .header("date", http_date(now));
        response.body(Bytes::from_static(body.as_bytes())).ok()
    }

    /// A call of somebody who is no operator: makes what is foreign, or changes things by hand.
    pub(crate) async fn by_hand(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.request(method, path, body);
        let response = self.home.send(request).await;
        assert!(response.status().is_success(), "{path}: {:?}", response.body());
        serde_json::from_slice(response.body()).unwrap_or_default()
    }

    /// As [`Self::by_hand`], of something that may not be there.
    pub(crate) async fn asked(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.request(method, path, body);
        serde_json::from_slice(self.home.send(request).await.body()).unwrap_or_default()
    }

    fn request(&self, method: Method, path: &str, body: &Value) -> Request<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://by-hand.example{path}"))
            .header("authorization", format!("Bearer {}", self.access().cloudflare_token))
            .header("content-type", "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        request.body(Bytes::from(body)).expect("the parts are plain")
    }
}

fn http_date(moment: time::OffsetDateTime) -> String {
    use time::format_description::well_known::Rfc2822;
    moment.format(&Rfc2822).unwrap_or_default().replace("+0000", "GMT")
}

/// Runs a history on a thread of its own time: it passes only when everybody waits.
pub(crate) fn simulate<T>(history: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime needs nothing").block_on(history)
}
