//! Starts every part of a cloud, in the order in which they need each other, and stops them again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use http::Request;
use serde::{Deserialize, Serialize};
use time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinSet, spawn_blocking};
use tokio_rustls::TlsAcceptor;

use crate::admin::Admin;
use crate::cloud::Cloud;
use crate::credentials::Credentials;
use crate::dataplane::DataPlane;
use crate::document::write_private;
use crate::edge::Edge;
use crate::faults::trouble;
use crate::loopback;
use crate::options::{Options, Ports};
use crate::runtime::Runtime;
use crate::server::{Call, Done, Handler, serve};
use crate::services::acme::AcmeService;
use crate::services::cloudflare::CloudflareService;
use crate::services::dns::DnsServer;
use crate::services::oci::OciService;
use crate::services::registry::{RegistryCredentials, RegistryService};

/// Why a cloud did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("another local cloud runs on {0}")]
    Locked(String),
    #[error("{what}: {error}")]
    Failed { what: &'static str, error: io::Error },
    #[error("the container runtime: {0}")]
    Runtime(#[from] crate::runtime::LaunchError),
}

/// Where everything is reached and who may use it; also written to `<state>/ready.json`, mode 0600.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    pub pid: u32,
    /// Base URL of OCI, of Cloudflare (`/client/v4`) and of the admin endpoints (`/_localcloud`).
    pub api: String,
    /// `host:port` of the registry, plain HTTP.
    pub registry: String,
    /// URL of the ACME directory.
    pub acme: String,
    pub dns: SocketAddr,
    pub edge_https: SocketAddr,
    pub edge_http: SocketAddr,
    /// Where the edge's HTTPS ports other than 443 are, by their public number.
    pub edge_https_extra: BTreeMap<u16, SocketAddr>,
    /// Path of the root certificate, PEM.
    pub root: String,
    /// Path of an OCI configuration file with one profile.
    pub oci_config: String,
    pub namespace: String,
    pub registry_username: String,
    pub registry_password: String,
    pub cloudflare_token: String,
    pub admin_token: String,
    /// `docker` or `process`.
    pub runtime: String,
}

/// A cloud that runs.
#[derive(Debug)]
pub struct Running {
    pub ready: Ready,
    pub cloud: Arc<Cloud>,
    runtime: Arc<Runtime>,
    stop: Arc<Notify>,
    tasks: JoinSet<()>,
    _lock: File,
}

impl Running {
    /// Until somebody asks for the end over the admin endpoint.
    pub async fn asked_to_stop(&self) {
        self.stop.notified().await;
    }

    /// Stops containers and listeners. State stays.
    pub async fn stop(mut self) {
        self.tasks.abort_all();
        self.runtime.shut_down().await;
        // The file says that the cloud can be reached; a leftover only costs the next user a failed ping.
        let _absent = fs::remove_file(self.cloud.options.state.join("ready.json"));
    }
}

/// Starts a cloud on its state folder.
///
/// Boxed, so that the whole cloud is compiled with this library and not once more with each of its users.
///
/// # Errors
/// When the folder is in use or a port is taken; the message names it.
pub fn start(
    options: Options,
) -> Pin<Box<dyn Future<Output = Result<Running, StartError>> + Send>> {
    Box::pin(begin(options))
}

async fn begin(options: Options) -> Result<Running, StartError> {
    let failed = |what| move |error| StartError::Failed { what, error };
    let state = options.state.clone();
    // First of all: opening the cloud makes keys where there are none, and two would overwrite each other's.
    let lock = lock(&state)?;
    // Making an RSA key takes longer than all the rest, which goes on meanwhile.
    let (folder, seed) = (state.clone(), options.seed.clone());
    let held = lock.try_clone().map_err(failed("state folder"))?;
    let credentials = spawn_blocking(move || {
        let _until_made = held;
        Credentials::open(&folder, &seed)
    });
    let cloud = Cloud::open(options).map_err(failed("state folder"))?;
    let ports = remembered_ports(&state, &cloud.options.ports);
    let api = listen("port of the API", ports.api).await?;
    let registry = listen("port of the registry", ports.registry).await?;
    let acme = listen("port of the ACME directory", ports.acme).await?;
    let runtime = Arc::new(Runtime::open(Arc::clone(&cloud)).await?);
    let dns =
        DnsServer::start(Arc::clone(&cloud), ports.dns).await.map_err(failed("port of DNS"))?;
    let edge = Edge::start(Arc::clone(&cloud), &ports).await;
    let edge = Arc::new(edge.map_err(failed("port of the edge"))?);
    let dataplane = DataPlane::start(Arc::clone(&cloud)).await.map_err(failed("data plane"))?;
    let addresses = Addresses::of(&api, &registry, &acme).map_err(failed("addresses"))?;
    let credentials = credentials.await.map_err(io::Error::other).and_then(|opened| opened);
    let credentials = credentials.map_err(failed("credentials"))?;
    let oci =
        OciService::open(Arc::clone(&cloud), Arc::clone(&runtime), addresses.registry.to_string());
    let oci = oci.map_err(failed("OCI"))?;
    let stop = Arc::new(Notify::new());
    let ready = ready(&cloud, &credentials, &addresses, (dns.address, &edge), runtime.name());
    let admin = Admin {
        cloud: Arc::clone(&cloud),
        oci: Arc::clone(&oci),
        edge: Arc::clone(&edge),
        dataplane: Arc::new(dataplane),
        ready: ready.clone(),
        stop: Arc::clone(&stop),
        dns,
    };
    let cloudflare =
        CloudflareService::open(Arc::clone(&cloud), credentials.cloudflare_token.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(api, None, api_handler(&cloud, &oci, cloudflare, Arc::new(admin))));
    let service = AcmeService::open(Arc::clone(&cloud), ready.dns).map_err(failed("ACME"))?;
    let tls = acme_tls(&cloud).map_err(failed("certificate of the ACME directory"))?;
    tasks.spawn(serve(
        acme,
        Some(tls),
        acme_handler(&cloud, service, format!("https://{}", addresses.acme)),
    ));
    let service =
        RegistryService::open(Arc::clone(&cloud), RegistryCredentials::from(&credentials));
    tasks.spawn(service.map_err(failed("registry"))?.serve(registry));
    oci.resume().await;
    remember(&state, &ready, &addresses).map_err(failed("state folder"))?;
    Ok(Running { ready, cloud, runtime, stop, tasks, _lock: lock })
}

/// Where the control plane's listeners ended up.
struct Addresses {
    api: SocketAddr,
    registry: SocketAddr,
    acme: SocketAddr,
}

impl Addresses {
    fn of(api: &TcpListener, registry: &TcpListener, acme: &TcpListener) -> io::Result<Self> {
        Ok(Self {
            api: api.local_addr()?,
            registry: registry.local_addr()?,
            acme: acme.local_addr()?,
        })
    }
}

async fn listen(what: &'static str, port: u16) -> Result<TcpListener, StartError> {
    loopback::listen(port).await.map_err(|error| StartError::Failed { what, error })
}

/// Held as long as the process lives, whatever ends it.
fn lock(state: &Path) -> Result<File, StartError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(state);
    let file = made.and_then(|()| File::create(state.join("lock")));
    let file = file.map_err(|error| StartError::Failed { what: "state folder", error })?;
    file.try_lock().map_err(|_| StartError::Locked(state.display().to_string()))?;
    Ok(file)
}

/// A port that was left to the system stays the same over restarts: images and clients remember it.
fn remembered_ports(state: &Path, asked: &Ports) -> Ports {
    let mut before: Ports = fs::read(state.join("ports.json"))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    let choose = |asked: u16, before: u16| if asked == 0 { before } else { asked };
    before.edge_https_extra.extend(asked.edge_https_extra.iter().filter(|(_, port)| **port != 0));
    Ports {
        api: choose(asked.api, before.api),
        registry: choose(asked.registry, before.registry),
        acme: choose(asked.acme, before.acme),
        dns: choose(asked.dns, before.dns),
        edge_https: choose(asked.edge_https, before.edge_https),
        edge_http: choose(asked.edge_http, before.edge_http),
        edge_https_extra: before.edge_https_extra,
    }
}

fn remember(state: &Path, ready: &Ready, addresses: &Addresses) -> io::Result<()> {
    let ports = Ports {
        api: addresses.api.port(),
        registry: addresses.registry.port(),
        acme: addresses.acme.port(),
        dns: ready.dns.port(),
        edge_https: ready.edge_https.port(),
        edge_http: ready.edge_http.port(),
        edge_https_extra: ready
            .edge_https_extra
            .iter()
            .map(|(public, address)| (*public, address.port()))
            .collect(),
    };
    write_private(&state.join("ports.json"), &serde_json::to_vec(&ports)?)?;
    write_private(&state.join("ready.json"), &serde_json::to_vec_pretty(ready)?)
}

fn ready(
    cloud: &Cloud,
    credentials: &Credentials,
    addresses: &Addresses,
    (dns, edge): (SocketAddr, &Edge),
    runtime: &str,
) -> Ready {
    Ready {
        pid: std::process::id(),
        api: format!("http://{}", addresses.api),
        registry: addresses.registry.to_string(),
        acme: format!("https://{}/directory", addresses.acme),
        dns,
        edge_https: edge.https,
        edge_http: edge.http,
        edge_https_extra: edge.https_extra.clone(),
        root: cloud.authority.root_path().display().to_string(),
        oci_config: credentials.config_path.display().to_string(),
        namespace: credentials.namespace.clone(),
        registry_username: credentials.registry_username.clone(),
        registry_password: credentials.registry_password.clone(),
        cloudflare_token: credentials.cloudflare_token.clone(),
        admin_token: crate::ids::token(),
        runtime: runtime.to_owned(),
    }
}

fn api_handler(
    cloud: &Arc<Cloud>,
    oci: &Arc<OciService>,
    cloudflare: Arc<CloudflareService>,
    admin: Arc<Admin>,
) -> Handler {
    let (cloud, oci) = (Arc::clone(cloud), Arc::clone(oci));
    Arc::new(move |request: Request<bytes::Bytes>| {
        let (cloud, oci) = (Arc::clone(&cloud), Arc::clone(&oci));
        let (cloudflare, admin) = (Arc::clone(&cloudflare), Arc::clone(&admin));
        Box::pin(async move {
            let path = request.uri().path();
            if path.starts_with("/_localcloud/") {
                return Ok(admin.handle(&request).map(trouble::whole));
            }
            let (head, body) = request.into_parts();
            let (method, path) = (&head.method, head.uri.path());
            if path.starts_with("/client/v4") {
                let operation = CloudflareService::operation(method, path);
                let call = Call::of("cloudflare", operation, &head, &body);
                let work = cloudflare.handle(Request::from_parts(head, body));
                return call.pass(&cloud, work.map(Done::from)).await;
            }
            let call = Call::of("oci", OciService::operation(method, path), &head, &body);
            let work = oci.handle(Request::from_parts(head, body));
            call.pass(&cloud, work.map(Done::from)).await
        })
    })
}

fn acme_handler(cloud: &Arc<Cloud>, service: Arc<AcmeService>, base: String) -> Handler {
    let (cloud, base) = (Arc::clone(cloud), Arc::<str>::from(base));
    Arc::new(move |request| {
        let (cloud, service, base) = (Arc::clone(&cloud), Arc::clone(&service), Arc::clone(&base));
        Box::pin(async move {
            let (head, body): (_, bytes::Bytes) = request.into_parts();
            let operation = AcmeService::operation(head.uri.path());
            let call = Call::of("acme", operation, &head, &body);
            let work = service.handle(Request::from_parts(head, body), &base);
            call.pass(&cloud, work.map(Done::from)).await
        })
    })
}

/// The directory's own certificate, from the root that its certificates lead to.
fn acme_tls(cloud: &Cloud) -> io::Result<TlsAcceptor> {
    use rustls_pki_types::pem::PemObject as _;
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let issued = cloud.authority.issue(&names, cloud.clock.undisplaced(), Duration::days(365));
    let issued = issued.map_err(io::Error::other)?;
    let chain = rustls_pki_types::CertificateDer::pem_slice_iter(issued.chain_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(io::Error::other)?;
    let key = rustls_pki_types::PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes())
        .map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_left_to_the_system_stays_and_one_that_is_asked_for_wins() {
        let state =
            std::env::temp_dir().join(format!("localcloud-ports-{}", crate::ids::hex::<8>()));
        fs::create_dir(&state).unwrap();
        let extra = |ports: &[(u16, u16)]| ports.iter().copied().collect::<BTreeMap<_, _>>();
        let before = Ports {
            api: 41000,
            edge_https: 41001,
            edge_https_extra: extra(&[(2053, 41002), (2083, 41003)]),
            ..Ports::default()
        };
        fs::write(state.join("ports.json"), serde_json::to_vec(&before).unwrap()).unwrap();
        let asked = Ports {
            edge_https: 8443,
            edge_https_extra: extra(&[(2053, 0), (2083, 2083)]),
            ..Ports::default()
        };
        let expected = Ports {
            edge_https: 8443,
            edge_https_extra: extra(&[(2053, 41002), (2083, 2083)]),
            ..before
        };
        assert_eq!(remembered_ports(&state, &asked), expected);
        fs::remove_dir_all(state).unwrap();
    }
}
