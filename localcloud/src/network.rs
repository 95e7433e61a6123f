//! Who may reach whom, and how: security rules, routes, and the table of who listens where.

pub mod cidr;
pub mod connect;
pub mod rules;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{PoisonError, RwLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

pub use connect::{ConnectError, connect};

/// A byte stream between two parties of this cloud.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that arrives at a listener of the data plane.
pub struct Incoming {
    pub stream: Box<dyn Stream>,
    /// The address that the listener sees.
    pub peer: SocketAddr,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("peer", &self.peer).finish_non_exhaustive()
    }
}

/// What answers at an address of the emulated networks.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A listener of the load balancer's data plane, in this process.
    Listener(mpsc::Sender<Incoming>),
    /// A container's port, published on loopback.
    Published(SocketAddr),
}

/// The table of who listens where: emulated (address, port) to endpoint.
#[derive(Debug, Default)]
pub struct Fabric {
    endpoints: RwLock<HashMap<(IpAddr, u16), Endpoint>>,
}

impl Fabric {
    pub fn attach(&self, address: IpAddr, port: u16, endpoint: Endpoint) {
        self.endpoints
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((address, port), endpoint);
    }

    pub fn detach(&self, address: IpAddr, port: u16) {
        self.endpoints.write().unwrap_or_else(PoisonError::into_inner).remove(&(address, port));
    }

    /// Removes every port of an address.
    pub fn detach_all(&self, address: IpAddr) {
        self.endpoints
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(ip, _), _| *ip != address);
    }

    pub fn find(&self, address: IpAddr, port: u16) -> Option<Endpoint> {
        self.endpoints.read().unwrap_or_else(PoisonError::into_inner).get(&(address, port)).cloned()
    }
}
