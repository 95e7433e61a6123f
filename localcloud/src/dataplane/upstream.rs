//! From the load balancer to its backends: opening a connection, and joining two of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio_rustls::TlsConnector;
use tokio_util::io::{InspectReader, InspectWriter};

use crate::cloud::Cloud;
use crate::dataplane::body::{Meter, while_moving};
use crate::network::rules::address_of;
use crate::network::{ConnectError, Stream, connect};

/// Connects from the load balancer's own address, so that rules judge it like any other party.
///
/// # Errors
/// As [`connect`]; [`ConnectError::Filtered`] also when the load balancer has no interface.
pub(crate) async fn open(
    cloud: &Cloud,
    load_balancer: &str,
    backend: SocketAddr,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<Box<dyn Stream>, ConnectError> {
    let source = address_of(&cloud.network.read(), load_balancer).ok_or_else(|| {
        ConnectError::Filtered { why: format!("{load_balancer} has no network interface") }
    })?;
    let stream = connect(cloud, SocketAddr::new(source, 0), backend).await?;
    let Some(config) = tls else { return Ok(stream) };
    let name = ServerName::from(backend.ip());
    match TlsConnector::from(config.clone()).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(source) => Err(ConnectError::Io { destination: backend, source }),
    }
}

/// Copies both ways until both ends are done, one fails, or nothing moves for `limit`. Both ends are closed then.
pub(crate) async fn join<A, B>(mut client: A, backend: B, limit: Duration)
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    let moved = Meter::default();
    let (read, written) = (moved.clone(), moved.clone());
    let backend = InspectReader::new(backend, move |bytes| read.add(bytes.len()));
    let mut backend = InspectWriter::new(backend, move |bytes| written.add(bytes.len()));
    let _outcome = while_moving(limit, &moved, copy_bidirectional(&mut client, &mut backend)).await;
}
