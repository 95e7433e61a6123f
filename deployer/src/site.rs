//! Where an environment's clouds are reached, and with which credentials: the real ones, or the embedded one.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oci::{Clock, Sleeping, SystemClock};
use time::OffsetDateTime;

/// Addresses and credentials of everything that a command talks to.
#[derive(Clone)]
pub struct Site {
    /// One URL for all OCI services instead of the region's own.
    pub oci_endpoint: Option<String>,
    /// OCI configuration file to read credentials from; otherwise from settings.
    pub oci_config: Option<PathBuf>,
    pub cloudflare_url: String,
    pub cloudflare_token: Option<String>,
    pub registry: Registry,
    /// ACME directory, when the environment leaves it to the embedded cloud.
    pub acme_directory: Option<String>,
    /// Roots to trust besides the public ones, PEM.
    pub roots: Vec<String>,
    /// Set for the embedded cloud.
    pub local: Option<LocalSite>,
}

/// Which registry images go to.
#[derive(Clone)]
pub struct Registry {
    /// `None`: the region's own.
    pub host: Option<String>,
    pub plain_http: bool,
    pub username: Option<String>,
    pub password: Option<String>,
}

/// What only the embedded cloud has.
#[derive(Clone)]
pub struct LocalSite {
    pub api: String,
    pub admin_token: String,
    pub dns: SocketAddr,
    pub edge_https: SocketAddr,
    pub edge_http: SocketAddr,
    /// Where the edge's HTTPS ports other than 443 are, by their public number.
    pub edge_https_extra: BTreeMap<u16, SocketAddr>,
    pub root: PathBuf,
    pub runtime: String,
    pub state: PathBuf,
    /// How far its clock was moved forward.
    pub ahead: Duration,
}

impl LocalSite {
    /// Where a public port of the edge really is; `None` for one that the edge does not have.
    pub fn edge(&self, port: u16) -> Option<SocketAddr> {
        match port {
            80 => Some(self.edge_http),
            443 => Some(self.edge_https),
            port => self.edge_https_extra.get(&port).copied(),
        }
    }
}

impl Site {
    /// The vendors' own addresses.
    pub fn real() -> Self {
        Self {
            oci_endpoint: None,
            oci_config: None,
            cloudflare_url: "https://api.cloudflare.com/client/v4".to_owned(),
            cloudflare_token: None,
            registry: Registry { host: None, plain_http: false, username: None, password: None },
            acme_directory: None,
            roots: Vec::new(),
            local: None,
        }
    }
}

impl Site {
    /// The clock that certificates go by.
    pub fn clock(&self) -> Arc<dyn Clock> {
        match self.local.as_ref().map(|local| local.ahead).filter(|ahead| !ahead.is_zero()) {
            Some(ahead) => Arc::new(Advanced { ahead }),
            None => Arc::new(SystemClock),
        }
    }
}

/// The clock of an embedded cloud that was moved forward.
#[derive(Debug)]
struct Advanced {
    ahead: Duration,
}

impl Clock for Advanced {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + self.ahead
    }

    fn sleep(&self, duration: Duration) -> Sleeping<'_> {
        SystemClock.sleep(duration)
    }
}

impl fmt::Debug for Registry {
    /// Leaves the credentials out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("host", &self.host).finish_non_exhaustive()
    }
}

impl fmt::Debug for LocalSite {
    /// Leaves the token out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSite")
            .field("api", &self.api)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Site {
    /// Leaves every credential out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("oci_endpoint", &self.oci_endpoint)
            .field("cloudflare_url", &self.cloudflare_url)
            .field("registry", &self.registry.host)
            .finish_non_exhaustive()
    }
}
