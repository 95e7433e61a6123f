//! One port of a load balancer: takes connections from the fabric and from loopback, ends TLS, serves.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::service::service_fn;
use rustls::server::Acceptor;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::conversation::{Patient, Terms, converse};
use crate::dataplane::Live;
use crate::dataplane::balancer::Asker;
use crate::dataplane::forward::{Visit, answer};
use crate::dataplane::table::{Listener, Protocol, Table};
use crate::dataplane::{router, upstream};
use crate::network::rules::{Flow, Verdict, judge, vcn_of};
use crate::network::{Incoming, Stream};

/// Connections of one port at a time.
const MOST: usize = 10_000;
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a client connection may wait for its next request (guide, "Keep-Alive Settings").
const KEEP_ALIVE: Duration = Duration::from_secs(65);
/// How long connections may go on after their port was closed.
const DRAIN: Duration = Duration::from_secs(300);

/// What a port needs to be served.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) live: Arc<Live>,
    pub(crate) port: u16,
    pub(crate) incoming: mpsc::Receiver<Incoming>,
    /// The address of this machine that stands for the load balancer's public one.
    pub(crate) loopback: TcpListener,
    pub(crate) closing: CancellationToken,
}

/// A connection that has no lane yet.
enum Arrival {
    Fabric(Incoming),
    Loopback(std::net::TcpStream, SocketAddr),
}

/// What TLS agreed on, for the access log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agreed {
    pub(crate) cipher: String,
    pub(crate) protocol: String,
    pub(crate) http2: bool,
}

impl Door {
    /// Serves until it is closed, then lets connections finish.
    pub(crate) async fn serve(mut self) {
        let mut visits = JoinSet::new();
        loop {
            let room = visits.len() < MOST;
            tokio::select! {
                () = self.closing.cancelled() => break,
                Some(incoming) = self.incoming.recv(), if room => {
                    self.enter(&mut visits, Arrival::Fabric(incoming));
                }
                accepted = self.loopback.accept(), if room => self.knock(&mut visits, accepted).await,
                Some(_ended) = visits.join_next() => {}
            }
        }
        self.incoming.close();
        while let Some(incoming) = self.incoming.recv().await {
            self.enter(&mut visits, Arrival::Fabric(incoming));
        }
        drop(self.loopback);
        let _unfinished =
            timeout(DRAIN, async { while visits.join_next().await.is_some() {} }).await;
    }

    fn enter(&self, visits: &mut JoinSet<()>, arrival: Arrival) {
        let lane = self.live.lanes.next();
        let (live, port, closing) = (self.live.clone(), self.port, self.closing.clone());
        let visit = async move {
            if let Ok(incoming) = arrival.settle() {
                visit(live, (port, lane.number), incoming, closing).await;
            }
        };
        visits.spawn_on(visit, &lane.handle);
    }

    /// Somebody on this machine goes around the edge: judged like anybody from the internet.
    async fn knock(&self, visits: &mut JoinSet<()>, accepted: io::Result<(TcpStream, SocketAddr)>) {
        let Ok((stream, peer)) = accepted else {
            // Out of descriptors: others may give some back.
            tokio::time::sleep(Duration::from_millis(10)).await;
            return;
        };
        if self.lets_in(peer) {
            // A socket belongs to the thread that it is watched from.
            if let Ok(stream) = stream.into_std() {
                self.enter(visits, Arrival::Loopback(stream, peer));
            }
        } else {
            // Closing without lingering is a reset: the caller sees at once what would be a time-out.
            let _closed_anyway = stream.set_zero_linger();
        }
    }

    fn lets_in(&self, peer: SocketAddr) -> bool {
        let table = self.live.table.load();
        let Some(destination) = table.addresses.first() else { return false };
        let flow = Flow { source: peer.ip(), destination: *destination, port: self.port };
        judge(&self.live.cloud.network.read(), flow) == Verdict::Allowed
    }
}

impl Arrival {
    fn settle(self) -> io::Result<Incoming> {
        match self {
            Self::Fabric(incoming) => Ok(incoming),
            Self::Loopback(stream, peer) => {
                stream.set_nodelay(true)?;
                Ok(Incoming { stream: Box::new(TcpStream::from_std(stream)?), peer })
            }
        }
    }
}

async fn visit(
    live: Arc<Live>,
    (port, lane): (u16, usize),
    incoming: Incoming,
    closing: CancellationToken,
) {
    let Incoming { stream, peer } = incoming;
    let table = live.table.load_full();
    let Some(listeners) = table.ports.get(&port) else { return };
    let secure = listeners.all().any(|listener| listener.tls.is_some());
    let visit = Visit {
        vcn: vcn_of(&live.cloud.network.read(), peer.ip()).map(str::to_owned),
        table: table.clone(),
        tls: None,
        tunnels: Mutex::default(),
        live,
        lane,
        port,
        peer,
    };
    if !secure {
        let Some(listener) = listeners.all().next() else { return };
        let Some(_place) = visit.live.crowd.enter(listener, visit.peer.ip()) else { return };
        return serve(visit, listener, stream, closing).await;
    }
    // A client that fails the handshake was told so by an alert; there is nobody else to tell.
    let Ok(Ok((stream, listener))) = timeout(HANDSHAKE, shake_hands(&table, port, stream)).await
    else {
        return;
    };
    let Some(_place) = visit.live.crowd.enter(listener, visit.peer.ip()) else { return };
    let visit = Visit { tls: Some(agreed(&stream)), ..visit };
    serve(visit, listener, stream, closing).await;
}

/// Ends TLS with the certificate of the listener that the client names (SNI), or of the default one.
async fn shake_hands(
    table: &Table,
    port: u16,
    stream: Box<dyn Stream>,
) -> io::Result<(TlsStream<Box<dyn Stream>>, &Listener)> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let hello = start.client_hello();
    let name = hello.server_name().unwrap_or_default();
    let listeners = table.ports.get(&port);
    let named = listeners.and_then(|listeners| router::listener(listeners, name));
    let listener = named.or_else(|| listeners?.all().next().map(AsRef::as_ref));
    let config = listener.and_then(|listener| Some((listener, listener.tls.clone()?)));
    let (listener, config) = config.ok_or(io::ErrorKind::ConnectionRefused)?;
    Ok((start.into_stream(config).await?, listener))
}

fn agreed(stream: &TlsStream<Box<dyn Stream>>) -> Agreed {
    let (_, tls) = stream.get_ref();
    let protocol = match tls.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "TLSv1.2",
    };
    let cipher = tls.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    let http2 = tls.alpn_protocol() == Some(b"h2");
    Agreed { cipher: cipher.unwrap_or_default().to_owned(), protocol: protocol.to_owned(), http2 }
}

async fn serve(
    visit: Visit,
    listener: &Listener,
    stream: impl Stream + 'static,
    closing: CancellationToken,
) {
    match listener.protocol {
        Protocol::Tcp => pass(&visit, listener, stream).await,
        Protocol::Http | Protocol::Http2 => {
            let http2 = visit.tls.as_ref().is_some_and(|tls| tls.http2);
            // Nothing moving for longer than any exchange may be silent: the connection is of no use.
            let quiet = listener.idle.max(KEEP_ALIVE) + HANDSHAKE;
            let stream = Patient::new(stream, listener.idle, Some(quiet));
            serve_http(visit, stream, http2, closing).await;
        }
    }
}

/// HTTP on one connection. A broken connection ends quietly: its client knows.
async fn serve_http(
    visit: Visit,
    stream: impl Stream + 'static,
    http2: bool,
    closing: CancellationToken,
) {
    let visit = Arc::new(visit);
    let answering = visit.clone();
    let service = service_fn(move |request| answer(answering.clone(), request));
    let terms = Terms { http2, head: KEEP_ALIVE };
    converse(stream, terms, service, closing.cancelled()).await;
    visit.finish_tunnels().await;
}

/// Bytes as they are, for a TCP listener.
async fn pass(visit: &Visit, listener: &Listener, stream: impl Stream) {
    let Some(set) = visit.table.sets.get(&listener.default_set) else { return };
    let mut tried = Vec::new();
    while let Some(backend) = set.pick(Asker { source: visit.peer.ip(), tried: &tried }) {
        let _lease = backend.lease();
        let (cloud, id) = (&visit.live.cloud, &visit.live.id);
        match upstream::open(cloud, id, backend.address, set.tls.as_ref()).await {
            Ok(upstream) => return upstream::join(stream, upstream, listener.idle).await,
            Err(_unreachable) => tried.push(backend.name.clone()),
        }
    }
}
