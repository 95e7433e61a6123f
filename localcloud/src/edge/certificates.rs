//! The certificates that visitors see: one for the apex and one label below it, made when first asked for.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::aws_lc_rs;
use rustls::server::Acceptor;
use rustls::{ServerConfig, SupportedProtocolVersion, version};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::cloud::Cloud;
use crate::model::zone::Zone;
use crate::services::cloudflare;

/// A certificate holds this long after it was made, and is made anew this long before its end.
const VALIDITY: Duration = Duration::days(90);
const RENEWAL: Duration = Duration::days(30);
/// It also begins this long before it is made: a rehearsal moves this cloud's clock ahead while the visitors'
/// browsers keep the machine's.
const EARLY: Duration = Duration::days(270);
/// A fatal `handshake_failure` (RFC 8446 section 6.2), which is what the vendor sends for a name that no
/// certificate covers.
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

/// Protocol versions that a zone allows its visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Versions {
    Both,
    Only12,
    Only13,
}

impl Versions {
    fn of(zone: &Zone) -> Self {
        if cloudflare::setting(zone, "min_tls_version") == "1.3" {
            Self::Only13
        } else if cloudflare::setting(zone, "tls_1_3") == "off" {
            Self::Only12
        } else {
            Self::Both
        }
    }

    fn list(self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            Self::Both => vec![&version::TLS13, &version::TLS12],
            Self::Only12 => vec![&version::TLS12],
            Self::Only13 => vec![&version::TLS13],
        }
    }
}

/// Certificates by apex, with the protocol versions that the zone allows.
#[derive(Debug)]
pub(crate) struct Certificates {
    cloud: Arc<Cloud>,
    kept: Mutex<HashMap<(String, Versions), Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    until: OffsetDateTime,
    config: Arc<ServerConfig>,
}

impl Certificates {
    pub(crate) fn new(cloud: Arc<Cloud>) -> Self {
        Self { cloud, kept: Mutex::default() }
    }

    /// Takes a visitor's handshake; `None` when it fails or asks for a name without a certificate.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let mut start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let Some(config) = name.and_then(|name| self.config(&name)) else {
            let _gone = start.io.write_all(&ALERT).await;
            return None;
        };
        start.into_stream(config).await.ok()
    }

    fn config(&self, name: &str) -> Option<Arc<ServerConfig>> {
        let world = self.cloud.zones.read();
        let zone = world.zone_of(name).filter(|zone| is_covered(zone, name))?;
        let versions = Versions::of(zone);
        let now = self.cloud.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (zone.name.clone(), versions);
        if let Some(good) = kept.get(&key).filter(|kept| now < kept.until - RENEWAL) {
            return Some(good.config.clone());
        }
        let config = Arc::new(make(&self.cloud, &zone.name, versions).ok()?);
        kept.insert(key, Kept { until: now + VALIDITY, config: config.clone() });
        Some(config)
    }
}

/// Universal SSL covers the apex and one label below it, no deeper.
fn is_covered(zone: &Zone, name: &str) -> bool {
    let below = name.strip_suffix(zone.name.as_str()).unwrap_or_default();
    let deep = below.trim_end_matches('.').contains('.');
    zone.status == "active" && !deep && cloudflare::is_universal(zone)
}

fn make(cloud: &Cloud, apex: &str, versions: Versions) -> io::Result<ServerConfig> {
    let names = [apex.to_owned(), format!("*.{apex}")];
    // Good for visitors, who may not know how far this cloud's clock was moved.
    let from = cloud.clock.undisplaced() - EARLY;
    let validity = EARLY + cloud.clock.ahead() + VALIDITY;
    let issued = cloud.authority.issue(&names, from, validity).map_err(io::Error::other)?;
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(issued.chain_pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).map_err(io::Error::other)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions.list())
        .map_err(io::Error::other)?;
    let mut config =
        builder.with_no_client_auth().with_single_cert(chain, key).map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
