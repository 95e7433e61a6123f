//! Authoritative DNS over the zones as they are at the moment of the question: nothing is mirrored, so what the
//! API accepted is what the next query sees. It resolves nothing beyond its own zones.

mod data;
mod lookup;
mod message;
mod resolve;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::message::Transport;
use crate::cloud::Cloud;
use crate::loopback;

pub use lookup::{Found, find};
pub use resolve::{Answer, canonical, plain, resolve};

/// A client that says nothing on its connection for this long is cut off (RFC 7766 section 6.2.3).
const IDLE: Duration = Duration::from_secs(10);
/// Attempts to find a port that is free for both protocols.
const ATTEMPTS: usize = 16;

/// The name server; it stops when this is dropped.
#[derive(Debug)]
pub struct DnsServer {
    /// The same for UDP and TCP.
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl DnsServer {
    /// Answers on a loopback port; 0 lets the system choose.
    ///
    /// # Errors
    /// When the port is taken, by either protocol.
    pub async fn start(cloud: Arc<Cloud>, port: u16) -> io::Result<Self> {
        let (udp, tcp) = bind(port).await?;
        let address = tcp.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_udp(cloud.clone(), udp));
        tasks.spawn(serve_tcp(cloud, tcp));
        Ok(Self { address, _tasks: tasks })
    }
}

async fn bind(port: u16) -> io::Result<(UdpSocket, TcpListener)> {
    let mut attempt = 1;
    loop {
        let tcp = loopback::listen(port).await?;
        match loopback::listen_udp(tcp.local_addr()?.port()).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(e) if port != 0 || attempt == ATTEMPTS => return Err(e),
            Err(_) => attempt += 1,
        }
    }
}

async fn serve_udp(cloud: Arc<Cloud>, socket: UdpSocket) {
    let mut buffer = [0; 4096];
    loop {
        // An error here is the echo of an earlier answer that its asker no longer waited for.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        let query = &buffer[..length];
        if let Some(answer) = message::respond(&cloud.zones.read(), query, Transport::Udp) {
            let _gone = socket.send_to(&answer, peer).await;
        }
    }
}

async fn serve_tcp(cloud: Arc<Cloud>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        connections.spawn(converse(cloud.clone(), stream));
    }
}

/// Any number of queries on one connection, each behind its length (RFC 1035 section 4.2.2).
async fn converse(cloud: Arc<Cloud>, mut stream: TcpStream) {
    while let Ok(Ok(length)) = timeout(IDLE, stream.read_u16()).await {
        let mut query = vec![0; usize::from(length)];
        let Ok(Ok(_)) = timeout(IDLE, stream.read_exact(&mut query)).await else { return };
        let answer = message::respond(&cloud.zones.read(), &query, Transport::Tcp);
        let Some((answer, length)) =
            answer.and_then(|a| u16::try_from(a.len()).ok().map(|n| (a, n)))
        else {
            return;
        };
        let framed = [length.to_be_bytes().as_slice(), &answer].concat();
        if stream.write_all(&framed).await.is_err() {
            return;
        }
    }
}
