//! The control plane as a library: a whole cloud in memory, in simulated time, without sockets, files or processes.
//!
//! The services are the server's own. What differs is around them: documents are kept in memory, the clock follows
//! tokio's, identifiers follow from a seed, nobody verifies signatures, containers are only said to run, and health
//! follows from what is said about the instances ([`Stage`]).

pub(crate) mod export;
mod stage;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use time::OffsetDateTime;

pub use self::stage::Patient;
pub(crate) use self::stage::Stage;
use crate::authority::Authority;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::credentials::Credentials;
use crate::ids::Seeded;
use crate::journal::Entry;
use crate::options::{self, Conduct, Ports, RuntimeChoice, Seed};
use crate::server::{Call, plain};
use crate::services::acme::AcmeService;
use crate::services::cloudflare::CloudflareService;
use crate::services::oci::OciService;
use crate::services::registry::{RegistryCredentials, RegistryService};

/// Origin of the ACME directory; nothing listens there.
const ACME: &str = "https://acme.localcloud.test";

/// What a simulated cloud begins with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Every identifier follows from it.
    pub seed: u64,
    /// What the clock shows when the cloud is opened.
    pub start: OffsetDateTime,
    pub seeds: Seed,
    pub conduct: Conduct,
    /// Time that each asynchronous operation takes.
    pub work_time: Duration,
    /// Time from the arrival of a backend in its set until the first health check of it.
    pub check_time: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            start: time::macros::datetime!(2026-01-05 09:00 UTC),
            seeds: Seed::default(),
            conduct: Conduct { more_availability_domains: 2, ..Conduct::default() },
            work_time: Duration::from_secs(5),
            check_time: Duration::from_secs(3),
        }
    }
}

/// Who may use the cloud, and under which names.
#[derive(Debug, Clone)]
pub struct Access {
    pub tenancy: String,
    pub user: String,
    /// Namespace of Object Storage and of the registry.
    pub namespace: String,
    /// Host of the registry, as image URLs have it.
    pub registry: String,
    pub registry_username: String,
    pub registry_password: String,
    pub cloudflare_token: String,
    /// URL of the ACME directory.
    pub acme: String,
    /// The root of its certificates, PEM.
    pub root: String,
}

/// A cloud without sockets. One at a time on a thread: the latest decides the identifiers of all.
#[derive(Debug)]
pub struct SimulatedCloud {
    cloud: Arc<Cloud>,
    oci: Arc<OciService>,
    cloudflare: Arc<CloudflareService>,
    acme: Arc<AcmeService>,
    registry: Arc<RegistryService>,
    access: Access,
    _seeded: Seeded,
}

impl SimulatedCloud {
    /// Opens a cloud. To be called inside a current-thread tokio runtime whose time is paused.
    ///
    /// # Errors
    /// When a seed is not possible, for example a subnet that overlaps another.
    pub fn open(options: Options) -> io::Result<Arc<Self>> {
        let seeded = Seeded::with(options.seed);
        let clock = Clock::following_tokio(options.start);
        let authority = Authority::simulate(options.start).map_err(io::Error::other)?;
        let stage = Stage::new(options.check_time);
        let cloud = Cloud::simulate(server_options(options), clock, authority, stage)?;
        let credentials = Credentials::simulate();
        let registry_host = OciService::registry_name(&cloud.options.seed.region);
        let access = access(&cloud, &credentials, registry_host.clone());
        let registry_credentials = RegistryCredentials::from(&credentials);
        Ok(Arc::new(Self {
            cloudflare: CloudflareService::open(
                Arc::clone(&cloud),
                access.cloudflare_token.clone(),
            ),
            acme: AcmeService::simulate(Arc::clone(&cloud))?,
            registry: RegistryService::open(Arc::clone(&cloud), registry_credentials)?,
            oci: OciService::simulate(Arc::clone(&cloud), registry_host, credentials)?,
            cloud,
            access,
            _seeded: seeded,
        }))
    }

    /// Answers one request. Its path says which service it is for, as with the server; the host does not matter.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        if RegistryService::serves(path) {
            return self.registry(request).await;
        }
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let call = |service| Call::of(service, "", &head, &body);
        let request = || Request::from_parts(head.clone(), body.clone());
        if path.starts_with("/client/v4") {
            let reply = self.cloudflare.handle(request()).await;
            return call("cloudflare").record(&self.cloud, reply);
        }
        if AcmeService::serves(&path) {
            return call("acme").record(&self.cloud, self.acme.handle(request(), ACME).await);
        }
        call("oci").record(&self.cloud, self.oci.handle(request()).await)
    }

    async fn registry(&self, request: Request<Bytes>) -> Response<Bytes> {
        let Ok(response) = self.registry.handle(request.map(Full::new)).await else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "here no connection can break\n");
        };
        let (parts, body) = response.into_parts();
        // Blobs are in memory and cannot fail to be read.
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes);
        Response::from_parts(parts, bytes.unwrap_or_default())
    }

    /// The calls so far.
    pub fn journal(&self) -> Vec<Entry> {
        self.cloud.journal.since(0)
    }

    /// The shared parts: clock, planned faults, documents.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    pub fn access(&self) -> &Access {
        &self.access
    }

    /// From now on an instance is unhealthy for which `is_sick` says so; the latest predicate counts.
    pub fn sicken(&self, is_sick: impl Fn(&Patient<'_>) -> bool + Send + Sync + 'static) {
        if let Some(stage) = &self.cloud.simulated {
            stage.sicken(Box::new(is_sick));
        }
    }

    /// The ACME authority, whose policy can be changed.
    pub fn acme(&self) -> &AcmeService {
        &self.acme
    }

    /// Everything that lives, in the words of a person and in a fixed order: equal for clouds that are in the same state.
    pub fn export(&self) -> serde_json::Value {
        export::export(&self.cloud, &self.oci)
    }

    /// Live objects by kind, without those that existed from the start.
    pub fn inventory(&self) -> std::collections::BTreeMap<String, usize> {
        self.oci.inventory()
    }
}

fn server_options(options: Options) -> options::Options {
    options::Options {
        state: PathBuf::new(),
        ports: Ports::default(),
        runtime: RuntimeChoice::default(),
        seed: options.seeds,
        latency_ms: u64::try_from(options.work_time.as_millis()).unwrap_or(u64::MAX),
        conduct: options.conduct,
    }
}

fn access(cloud: &Cloud, credentials: &Credentials, registry: String) -> Access {
    Access {
        tenancy: credentials.tenancy.clone(),
        user: credentials.user.clone(),
        namespace: credentials.namespace.clone(),
        registry,
        registry_username: credentials.registry_username.clone(),
        registry_password: credentials.registry_password.clone(),
        cloudflare_token: credentials.cloudflare_token.clone(),
        acme: format!("{ACME}/directory"),
        root: cloud.authority.root_pem().to_owned(),
    }
}
