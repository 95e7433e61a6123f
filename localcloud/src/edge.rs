//! The edge: takes visitors in, as the vendor's proxy does, and calls origins from its published addresses.
//!
//! visitor → TLS by name → zone → proxied record → address → security rules → origin. Everything it decides by is
//! in snapshots; it asks no control plane anything.

mod broken;
pub(crate) mod cache;
mod certificates;
mod front;
mod headers;
mod origin;
mod page;
pub(crate) mod pull;
mod route;
#[cfg(test)]
mod tests;
mod trust;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::front::{Front, Public, Visitor};
use self::trust::Trust;
use crate::cloud::Cloud;
use crate::conversation::{Patient, Terms, converse};
use crate::loopback;
use crate::network::{self, ConnectError, Stream};
use crate::options::Ports;

/// How the edge reaches an origin: from one of its own addresses to the origin's.
pub type Connect = Arc<
    dyn Fn(SocketAddr, SocketAddr) -> BoxFuture<'static, Result<Box<dyn Stream>, ConnectError>>
        + Send
        + Sync,
>;

/// Ports that the vendor takes HTTPS on besides 443, for every zone (developers.cloudflare.com, "Network ports").
const EXTRA_HTTPS_PORTS: [u16; 5] = [2053, 2083, 2087, 2096, 8443];

/// Time that a visitor has for its handshake, and for the headers of a request.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a visitor may take nothing of its answer, and how long a connection may be of no use at all. An origin may
/// be silent for 100 seconds before that is the visitor's business.
const STALL: Duration = Duration::from_secs(60);
const QUIET: Duration = Duration::from_secs(130);
/// Connections of one port at a time.
const MOST: usize = 10_000;

/// The public side; it stops when this is dropped.
pub struct Edge {
    /// What stands for ports 443 and 80.
    pub https: SocketAddr,
    pub http: SocketAddr,
    /// What stands for the other HTTPS ports, by their public number.
    pub https_extra: BTreeMap<u16, SocketAddr>,
    trust: Arc<Trust>,
    _tasks: JoinSet<()>,
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { https, http, .. } = self;
        f.debug_struct("Edge").field("https", https).field("http", http).finish_non_exhaustive()
    }
}

impl Edge {
    /// Listens on a loopback port for each public one (0 lets the system choose) and reaches origins through the
    /// emulated network.
    ///
    /// # Errors
    /// When a port is taken or the file of extra roots cannot be read.
    pub async fn start(cloud: Arc<Cloud>, ports: &Ports) -> io::Result<Self> {
        let world = cloud.clone();
        let connect: Connect = Arc::new(move |source, destination| {
            let world = world.clone();
            Box::pin(async move { network::connect(&world, source, destination).await })
        });
        Self::start_with(cloud, ports, connect).await
    }

    /// As [`Self::start`], with another way to reach origins.
    ///
    /// # Errors
    /// When a port is taken or the file of extra roots cannot be read.
    pub async fn start_with(
        cloud: Arc<Cloud>,
        ports: &Ports,
        connect: Connect,
    ) -> io::Result<Self> {
        let secure = loopback::listen(ports.edge_https).await?;
        let plain = loopback::listen(ports.edge_http).await?;
        let (https, http) = (secure.local_addr()?, plain.local_addr()?);
        let mut listeners = vec![(443, secure)];
        let mut https_extra = BTreeMap::new();
        for port in EXTRA_HTTPS_PORTS {
            let local = ports.edge_https_extra.get(&port).copied().unwrap_or(0);
            let listener = loopback::listen(local).await?;
            https_extra.insert(port, listener.local_addr()?);
            listeners.push((port, listener));
        }
        let trust = Arc::new(Trust::open(cloud.clone())?);
        let public = Public::new(https, http, &https_extra);
        let front =
            Arc::new(Front::new(cloud, public, origin::Origins::new(connect, trust.clone())));
        let mut tasks = JoinSet::new();
        for (port, listener) in listeners {
            let secured = move |front, stream, peer| secured(front, stream, peer, port);
            tasks.spawn(listen(listener, front.clone(), secured));
        }
        tasks.spawn(listen(plain, front, unsecured));
        Ok(Self { https, http, https_extra, trust, _tasks: tasks })
    }

    /// The authority behind the certificate that the edge shows to origins of zones with `tls_client_auth`, PEM; also in
    /// `<state>/edge_pull_ca.pem`.
    pub fn origin_pull_authority(&self) -> &str {
        &self.trust.shared().authority_pem
    }

    /// Accepts origin certificates below these roots too, also after a restart (`<state>/edge_trust.pem`).
    ///
    /// # Errors
    /// When the text holds no certificate, or the file cannot be written.
    pub fn trust(&self, pem: &str) -> io::Result<()> {
        self.trust.add(pem)
    }
}

async fn listen<F>(
    listener: TcpListener,
    front: Arc<Front>,
    serve: impl Fn(Arc<Front>, TcpStream, SocketAddr) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= MOST {
            let _ended = connections.join_next().await;
        }
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of descriptors: others may give some back.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _unsupported = stream.set_nodelay(true);
        connections.spawn(serve(front.clone(), stream, peer));
    }
}

async fn unsecured(front: Arc<Front>, stream: TcpStream, peer: SocketAddr) {
    serve(front, stream, Visitor { peer, port: 80, tls: None }, false).await;
}

async fn secured(front: Arc<Front>, stream: TcpStream, peer: SocketAddr, port: u16) {
    let Ok(Some(stream)) = timeout(PATIENCE, front.certificates.accept(stream)).await else {
        return;
    };
    let version = stream.get_ref().1.protocol_version();
    let tls =
        Some(if version == Some(rustls::ProtocolVersion::TLSv1_2) { "TLSv1.2" } else { "TLSv1.3" });
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    serve(front, stream, Visitor { peer, port, tls }, http2).await;
}

async fn serve(front: Arc<Front>, stream: impl Stream + 'static, visitor: Visitor, http2: bool) {
    let stream = Patient::new(stream, STALL, Some(QUIET));
    let answer = service_fn(move |request: http::Request<Incoming>| {
        let front = front.clone();
        async move { Ok::<_, std::convert::Infallible>(front.answer(visitor, request).await) }
    });
    let terms = Terms { http2, head: PATIENCE };
    converse(stream, terms, answer, std::future::pending()).await;
}
