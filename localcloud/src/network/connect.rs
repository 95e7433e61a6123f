//! Opening a connection between two addresses of the emulated networks.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::cloud::Cloud;
use crate::network::rules::{Flow, Verdict, judge};
use crate::network::{Endpoint, Incoming, Stream};

/// Bytes that wait in each direction of a connection within this process.
const BUFFERED: usize = 64 * 1024;

/// Why a connection was not opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Rules or routes drop it. In the vendor's cloud this is a time-out; here the answer comes at once.
    #[error("connection filtered: {why}")]
    Filtered { why: String },
    #[error("connection refused by {destination}: nothing listens there")]
    Refused { destination: SocketAddr },
    #[error("connection to {destination} failed: {source}")]
    Io { destination: SocketAddr, source: io::Error },
}

/// Connects as `source` to `destination`, both addresses of the emulated networks.
///
/// # Errors
/// [`ConnectError`]: what drops it, nobody listens, or the published port cannot be reached.
pub async fn connect(
    cloud: &Cloud,
    source: SocketAddr,
    destination: SocketAddr,
) -> Result<Box<dyn Stream>, ConnectError> {
    let flow =
        Flow { source: source.ip(), destination: destination.ip(), port: destination.port() };
    if let Verdict::Denied { why } = judge(&cloud.network.read(), flow) {
        return Err(ConnectError::Filtered { why });
    }
    match cloud.fabric.find(destination.ip(), destination.port()) {
        None => Err(ConnectError::Refused { destination }),
        Some(Endpoint::Listener(listener)) => {
            let (ours, theirs) = tokio::io::duplex(BUFFERED);
            let incoming = Incoming { stream: Box::new(theirs), peer: source };
            let accepted = listener.send(incoming).await;
            accepted.map_err(|_closed| ConnectError::Refused { destination })?;
            Ok(Box::new(ours))
        }
        Some(Endpoint::Published(address)) => match published(address).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
                Err(ConnectError::Refused { destination })
            }
            Err(source) => Err(ConnectError::Io { destination, source }),
        },
    }
}

async fn published(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
