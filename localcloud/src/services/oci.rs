//! Oracle Cloud's control plane: identity, network, load balancers, container instances, artifacts, object storage,
//! logging.
//!
//! A request passes route, signature, planned faults, contract, policies and retry token before an operation sees it,
//! and every answer is cut to the contract on its way out. Operations of a noun live in the file of that noun.

mod authorization;
pub mod balancer;
mod bucket;
mod call;
mod check;
mod contract;
mod failure;
mod holdings;
mod identity;
mod instance;
mod limits;
mod listing;
mod logging;
mod network;
mod permission;
mod replay;
mod repository;
mod signature;
mod strict;
#[cfg(test)]
mod tests;
mod work;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::HeaderValue;

use self::call::{Answer, Call};
pub use self::contract::NOT_IMPLEMENTED;
use self::contract::{CONTRACT, Route};
use self::failure::Failure;
pub(crate) use self::holdings::Holding;
use self::listing::Horizon;
use self::work::WorkRequests;
use super::Reply;
use crate::cloud::Cloud;
use crate::credentials::Credentials;
use crate::document::Document;
use crate::runtime::Runtime;

/// The first segments of the vendor's paths: one per version of an API, and Object Storage.
const ROOTS: &[&str] =
    &["20160918", "20170115", "20210415", "20200531", "20190909", "20190729", "n", "workRequests"];

/// The control plane of one local cloud.
#[derive(Debug)]
pub struct OciService {
    cloud: Arc<Cloud>,
    runtime: Arc<Runtime>,
    /// Where clients push images to; `<region key>.ocir.io` stands for it in image URLs.
    registry_host: String,
    credentials: Credentials,
    work: WorkRequests,
    tenancy: Document<identity::World>,
    instances: Document<instance::World>,
    buckets: Document<bucket::World>,
    lines: balancer::Lines,
    /// Held while a call with a retry token is carried out, so that its twin waits for the answer.
    replaying: tokio::sync::Mutex<()>,
}

/// The vendor's names of all operations.
pub(super) fn operations() -> Vec<String> {
    CONTRACT.operations().map(contract::Operation::title).collect()
}

impl OciService {
    /// Opens the state kept in the cloud's folder and sees to it that the seeds exist.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or a seed is not possible.
    pub fn open(
        cloud: Arc<Cloud>,
        runtime: Arc<Runtime>,
        registry_host: String,
    ) -> io::Result<Arc<Self>> {
        let credentials = Credentials::open(&cloud.options.state, &cloud.options.seed)?;
        Self::furnish(cloud, runtime, registry_host, credentials)
    }

    /// The control plane of a simulation. Who calls it is trusted: there is no key to verify signatures with, and a
    /// signature would take longer than all the rest of a call.
    pub(crate) fn simulate(
        cloud: Arc<Cloud>,
        registry_host: String,
        credentials: Credentials,
    ) -> io::Result<Arc<Self>> {
        let runtime = Arc::new(Runtime::simulated(Arc::clone(&cloud)));
        Self::furnish(cloud, runtime, registry_host, credentials)
    }

    fn furnish(
        cloud: Arc<Cloud>,
        runtime: Arc<Runtime>,
        registry_host: String,
        credentials: Credentials,
    ) -> io::Result<Arc<Self>> {
        let folder = cloud.folder();
        let service = Self {
            work: WorkRequests { document: Document::keep(folder, "work_requests")? },
            tenancy: Document::keep(folder, "tenancy")?,
            instances: Document::keep(folder, "container_instances")?,
            buckets: Document::keep(folder, "buckets")?,
            lines: balancer::Lines::default(),
            replaying: tokio::sync::Mutex::default(),
            credentials,
            registry_host,
            runtime,
            cloud,
        };
        network::seed(&service).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        Ok(Arc::new(service))
    }

    /// Host of a region's registry, `<region key>.ocir.io`.
    pub(crate) fn registry_name(region: &str) -> String {
        format!("{}.ocir.io", identity::region_key(region).to_lowercase())
    }

    /// Whether a path is one of this vendor's.
    pub fn serves(path: &str) -> bool {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        path.starts_with('/') && ROOTS.contains(&first)
    }

    /// The operation that a request means; empty when it means none.
    pub(crate) fn operation(method: &http::Method, path: &str) -> String {
        CONTRACT.route(method, path).map(|(operation, _)| operation.title()).unwrap_or_default()
    }

    /// Answers one request.
    pub async fn handle(self: &Arc<Self>, request: http::Request<Bytes>) -> Reply {
        let route = CONTRACT.route(request.method(), request.uri().path());
        let operation = route.as_ref().map(|(operation, _)| operation.title()).unwrap_or_default();
        let mutating = !request.method().is_safe();
        let header = if request.uri().path().starts_with("/n") {
            "opc-client-request-id"
        } else {
            "opc-request-id"
        };
        let sent = request.headers().get(header).and_then(|id| id.to_str().ok());
        let request_id = call::request_id(sent);
        let is_head = request.method() == http::Method::HEAD;
        let mut response = match self.carry_out(route, request).await {
            Ok(response) => response,
            Err(failure) => call::refusal(&failure),
        };
        if is_head {
            // The length of what a GET would have brought (RFC 9110 section 9.3.2).
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().insert("content-length", length);
            response.body_mut().clear();
        }
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("opc-request-id", id.clone());
            response.headers_mut().insert(header, sent_back(header, &request_id).unwrap_or(id));
        }
        Reply { operation, mutating, response }
    }

    /// After a restart: starts the containers again that should run, and finishes what was begun.
    pub async fn resume(self: &Arc<Self>) {
        instance::relaunch(self).await;
        for work in self.work.open() {
            if logging::owns(&work) {
                logging::proceed(self, work.id);
            } else if self.cloud.balancers.read().load_balancers.contains_key(&work.resource) {
                balancer::enqueue(self, &work.resource, work.id);
            } else {
                instance::proceed(self, work.id);
            }
        }
    }

    /// Live objects by kind; seeds and what a VCN brings with it are not counted, nor are kinds of which there is none.
    pub fn inventory(&self) -> BTreeMap<String, usize> {
        let mut counts = network::inventory(self);
        counts.extend(balancer::inventory(self));
        counts.extend(instance::inventory(self));
        counts.extend(repository::inventory(self));
        counts.extend(bucket::inventory(self));
        counts.extend(identity::inventory(self));
        counts.extend(logging::inventory(self));
        counts.retain(|_, count| *count > 0);
        counts
    }

    /// Container instances with their containers.
    pub(crate) fn instances(&self) -> Vec<serde_json::Value> {
        instance::holdings(self)
    }

    /// Everything that lives.
    pub(crate) fn holdings(&self) -> Vec<Holding> {
        holdings::all(self)
    }

    /// Words for what was drawn for this tenancy and is no object of it.
    pub(crate) fn aliases(&self) -> BTreeMap<String, String> {
        let Credentials { tenancy, user, namespace, .. } = &self.credentials;
        let words = [(tenancy, "tenancy"), (user, "user"), (namespace, "namespace")];
        words.map(|(drawn, word)| (drawn.clone(), word.to_owned())).into()
    }

    async fn carry_out(
        self: &Arc<Self>,
        route: Option<Route>,
        request: http::Request<Bytes>,
    ) -> Result<Response<Bytes>, Failure> {
        let streams = route.as_ref().is_some_and(|(o, _)| o.body.as_deref() == Some("stream"));
        if self.cloud.simulated.is_some() {
            signature::check_date(&request, self.cloud.clock.now())?;
        } else {
            // Clients sign by their own clocks, and need not know how far this one was moved.
            let now = self.cloud.clock.undisplaced();
            signature::verify(&self.credentials, &request, streams, now)?;
        }
        let Some((operation, parameters)) = route else {
            let target = format!("{} {}", request.method(), request.uri().path());
            return Err(Failure::not_found(target));
        };
        if let Some(status) = self.cloud.faults.strike("oci", &operation.title()) {
            return Err(Failure::planned(status));
        }
        let mut call = Call::new((operation, parameters), request)?;
        call.horizon = Horizon::of(self, operation);
        if self.cloud.options.conduct.strict {
            strict::check(&call)?;
        }
        if let Some(compartment) =
            call.compartment().filter(|c| !identity::has_compartment(self, c))
        {
            return Err(Failure::not_found(format_args!("compartment {compartment}")));
        }
        authorization::check(self, &call)?;
        let answer = match call.header("opc-retry-token") {
            Some(_) => self.once(&call).await?,
            None => self.perform(&call).await?,
        };
        Ok(answer.into_response(operation))
    }

    /// Carries out a call with a retry token, or repeats the answer that it got before.
    async fn once(self: &Arc<Self>, call: &Call) -> Result<Answer, Failure> {
        let _turn = self.replaying.lock().await;
        let now = self.cloud.clock.now();
        if let Some(answer) = self.work.document.read().replays.find(call, now)? {
            return Ok(answer);
        }
        let answer = self.perform(call).await?;
        self.work.document.update(|world| world.replays.keep(call, &answer, now));
        Ok(answer)
    }

    async fn perform(self: &Arc<Self>, call: &Call) -> Result<Answer, Failure> {
        limits::check(self, call)?;
        match call.operation.service.as_str() {
            "limits" => limits::answer(self, call),
            "identity" => identity::answer(self, call),
            "core" => network::answer(self, call),
            "load_balancer" => balancer::answer(self, call),
            "container_instances" => instance::answer(self, call).await,
            "artifacts" => repository::answer(self, call),
            "object_storage" => bucket::answer(self, call),
            "logging" | "loggingsearch" => logging::answer(self, call),
            _ => Err(Failure::not_implemented(&call.operation.title())),
        }
    }

    fn region(&self) -> &str {
        &self.cloud.options.seed.region
    }

    /// The availability domain of what lies in all of them.
    fn availability_domain(&self) -> String {
        self.numbered_domain(1)
    }

    fn availability_domains(&self) -> impl Iterator<Item = String> {
        let last = self.cloud.options.conduct.more_availability_domains.saturating_add(1);
        (1..=last).map(|number| self.numbered_domain(number))
    }

    /// The prefix differs from tenancy to tenancy, as the vendor's does.
    fn numbered_domain(&self, number: u8) -> String {
        let unique = self.credentials.tenancy.rsplit('.').next().unwrap_or_default();
        let prefix: String = unique.chars().filter(char::is_ascii_alphabetic).take(4).collect();
        let mut letters = prefix.chars();
        let first = letters.next().unwrap_or('L').to_ascii_uppercase();
        format!("{first}{}:{}-AD-{number}", letters.as_str(), self.region().to_ascii_uppercase())
    }
}

/// Object Storage gives the client's own id back as it came.
fn sent_back(header: &str, request_id: &str) -> Option<HeaderValue> {
    let own = request_id.split('/').next()?;
    (header == "opc-client-request-id").then(|| HeaderValue::from_str(own).ok())?
}
