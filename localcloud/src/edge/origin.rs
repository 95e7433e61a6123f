//! Connections to origins: opened by the zone's SSL mode, kept for the next request of the same kind.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::Connect;
use super::broken::Broken;
use super::pull::Identity;
use super::trust::{Trust, showing};
use crate::network::{ConnectError, Stream};

/// The vendor gives up on a SYN after 19 seconds, on a handshake a little earlier, on an answer after 100.
const SYN: Duration = Duration::from_secs(19);
const HANDSHAKE: Duration = Duration::from_secs(15);
const ANSWER: Duration = Duration::from_secs(100);
/// Short, so that a rule or an address that changed is soon felt.
const IDLE: Duration = Duration::from_secs(5);
/// Legs that are remembered; beyond them all are forgotten, which costs a handshake each.
const LEGS: usize = 1024;

/// How the edge speaks to an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Security {
    Plain,
    /// TLS, whatever the certificate.
    Encrypted,
    /// TLS with a valid certificate for the host.
    Verified,
}

/// Everything that two requests must agree on to share a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Leg {
    /// Address of the edge; its port is chosen when a connection is opened.
    pub(crate) source: std::net::IpAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) host: String,
    pub(crate) security: Security,
    /// What the edge shows when the origin asks who calls.
    pub(crate) identity: Option<Identity>,
}

/// All origins, as far as the edge has met them.
pub(crate) struct Origins {
    means: Arc<Means>,
    clients: Mutex<HashMap<Leg, Client<Opener, Incoming>>>,
}

struct Means {
    connect: Connect,
    trust: Arc<Trust>,
}

impl Origins {
    pub(crate) fn new(connect: Connect, trust: Arc<Trust>) -> Self {
        Self { means: Arc::new(Means { connect, trust }), clients: Mutex::default() }
    }

    /// Sends a request over a leg; the request's path counts, its scheme and authority do not.
    ///
    /// # Errors
    /// The link that broke.
    pub(crate) async fn send(
        &self,
        leg: Leg,
        mut request: Request<Incoming>,
    ) -> Result<Response<Incoming>, Broken> {
        let destination = leg.destination;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let target = format!("http://{destination}{path}").parse::<Uri>();
        *request.uri_mut() = target.map_err(|e| Broken::Empty { why: e.to_string() })?;
        *request.version_mut() = http::Version::HTTP_11;
        match timeout(ANSWER, self.client(leg).request(request)).await {
            Ok(outcome) => outcome.map_err(|e| cause(&e)),
            Err(_) => Err(Broken::Silent { origin: destination, seconds: ANSWER.as_secs() }),
        }
    }

    /// The certificate that zones share.
    pub(crate) fn shared_identity(&self) -> Identity {
        self.means.trust.shared().identity.clone()
    }

    fn client(&self, leg: Leg) -> Client<Opener, Incoming> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= LEGS && !clients.contains_key(&leg) {
            clients.clear();
        }
        let opener = Opener { means: self.means.clone(), leg: leg.clone() };
        let client = clients.entry(leg).or_insert_with(|| {
            Client::builder(TokioExecutor::new())
                .pool_idle_timeout(IDLE)
                .pool_timer(TokioTimer::new())
                .build(opener)
        });
        client.clone()
    }
}

/// What broke, as far as the client knows.
fn cause(error: &Error) -> Broken {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(broken) = inner.downcast_ref::<Broken>() {
            return broken.clone();
        }
        if inner.source().is_none() {
            return Broken::Empty { why: inner.to_string() };
        }
        source = inner.source();
    }
    Broken::Empty { why: error.to_string() }
}

/// Opens the connections of one leg.
#[derive(Clone)]
pub(crate) struct Opener {
    means: Arc<Means>,
    leg: Leg,
}

impl tower::Service<Uri> for Opener {
    type Response = TokioIo<Wire>;
    type Error = Broken;
    type Future = BoxFuture<'static, Result<Self::Response, Broken>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _uri: Uri) -> Self::Future {
        let Self { means, leg } = self.clone();
        Box::pin(async move { open(&means, &leg).await.map(|wire| TokioIo::new(Wire(wire))) })
    }
}

async fn open(means: &Means, leg: &Leg) -> Result<Box<dyn Stream>, Broken> {
    let origin = leg.destination;
    // Which port the edge calls from tells nobody anything, but two calls should not look like one.
    let [high, low] = crate::ids::bytes::<2>();
    let source = SocketAddr::new(leg.source, u16::from_be_bytes([high | 0x80, low]));
    let stream = match timeout(SYN, (means.connect)(source, origin)).await {
        Ok(outcome) => outcome.map_err(|e| refused(origin, e))?,
        Err(_) => return Err(Broken::Filtered { origin, why: "no answer to SYN".to_owned() }),
    };
    let config = match leg.security {
        Security::Plain => return Ok(stream),
        Security::Encrypted => means.trust.any(),
        Security::Verified => means.trust.strict(),
    };
    let config = match &leg.identity {
        None => config,
        Some(identity) => {
            showing(&config, identity).map_err(|why| Broken::Handshake { origin, why })?
        }
    };
    encrypt(leg, config, stream).await
}

fn refused(origin: SocketAddr, error: ConnectError) -> Broken {
    match error {
        ConnectError::Filtered { why } => Broken::Filtered { origin, why },
        ConnectError::Refused { .. } => Broken::Refused { origin },
        ConnectError::Io { source, .. } => Broken::Unreachable { origin, why: source.to_string() },
    }
}

async fn encrypt(
    leg: &Leg,
    config: Arc<rustls::ClientConfig>,
    stream: Box<dyn Stream>,
) -> Result<Box<dyn Stream>, Broken> {
    let origin = leg.destination;
    let failed = |why: String| Broken::Handshake { origin, why };
    let name = ServerName::try_from(leg.host.clone()).map_err(|e| failed(e.to_string()))?;
    let handshake = TlsConnector::from(config).connect(name, stream);
    match timeout(HANDSHAKE, handshake).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(e)) => Err(match invalid_certificate(&e) {
            Some(why) => Broken::Certificate { host: leg.host.clone(), why },
            None => failed(e.to_string()),
        }),
        Err(_) => Err(failed(format!("not done within {} seconds", HANDSHAKE.as_secs()))),
    }
}

fn invalid_certificate(error: &io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => Some(why.to_string()),
        _ => None,
    }
}

/// A stream that the client may keep.
pub(crate) struct Wire(Box<dyn Stream>);

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
