//! How the outside world reaches a host: its address from DNS, and one HTTP request to it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::dns;
use crate::failure::{Failure, Kind};
use crate::http;
use crate::local;
use crate::site::Site;

const CONNECT: Duration = Duration::from_secs(5);

/// The world outside, or the embedded cloud's picture of it.
#[derive(Debug)]
pub struct Outside {
    site: Site,
}

impl Outside {
    pub fn new(site: &Site) -> Self {
        Self { site: site.clone() }
    }

    /// Addresses of a host, as DNS gives them; none for a name that does not exist.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        match &self.site.local {
            Some(local) => {
                dns::addresses_of(local.dns, host).await.map_err(|error| error.to_string())
            }
            None => Ok(lookup_host((host, 443))
                .await
                .into_iter()
                .flatten()
                .map(|address| address.ip())
                .collect()),
        }
    }

    /// Where a connection to an edge address really goes.
    fn dial(&self, address: IpAddr, port: u16) -> SocketAddr {
        let local = self.site.local.as_ref().and_then(|local| local.edge(port));
        local.unwrap_or(SocketAddr::new(address, port))
    }

    /// The URL that a person types.
    pub fn url(&self, scheme: &str, host: &str, port: u16, path: &str) -> String {
        let local = self.site.local.as_ref().and_then(|local| local.edge(port));
        match (scheme, local.map_or(port, |address| address.port())) {
            ("https", 443) | ("http", 80) => format!("{scheme}://{host}{path}"),
            (scheme, port) => format!("{scheme}://{host}:{port}{path}"),
        }
    }

    /// Sends a GET to `url`, whose host lies at `address`; redirects are not followed.
    ///
    /// # Errors
    /// When no answer came, in words.
    pub async fn get(
        &self,
        url: &str,
        host: &str,
        address: IpAddr,
        port: u16,
    ) -> Result<reqwest::Response, Failure> {
        let dialled = self.dial(address, port);
        let failed = |error: &dyn std::error::Error| Failure::because(Kind::Unverified, url, error);
        let client = http::client(&self.site.roots, &[(host.to_owned(), dialled)])
            .map_err(|error| failed(&error))?;
        client.get(url).send().await.map_err(|error| failed(&error))
    }

    /// Whether anything but the edge can speak TLS with a port of the origin's own address. The text says what happened.
    pub async fn origin_is_open(&self, origin: &str, port: u16) -> (bool, String) {
        let Some(address) = self.origin_address(format!("{origin}:{port}")).await else {
            return (false, "no listener".to_owned());
        };
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Err(_) => (false, "no answer".to_owned()),
            Ok(Err(error)) => (false, error.kind().to_string()),
            Ok(Ok(stream)) => speaks(stream).await,
        }
    }

    async fn origin_address(&self, wanted: String) -> Option<SocketAddr> {
        if self.site.local.is_none() {
            return wanted.parse().ok();
        }
        let map = local::admin(&self.site, reqwest::Method::GET, "addresses", None).await.ok()?;
        map.get(&wanted)?.as_str()?.parse().ok()
    }
}

/// Sends the first bytes of a TLS handshake record: whoever lets us in answers them, be it with an alert.
async fn speaks(mut stream: TcpStream) -> (bool, String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    // A handshake record with an empty ClientHello: malformed, so a TLS server answers with an alert.
    let hello = [22, 3, 1, 0, 4, 1, 0, 0, 0];
    let mut answer = [0; 1];
    let exchange = async {
        stream.write_all(&hello).await?;
        stream.read(&mut answer).await
    };
    match timeout(CONNECT, exchange).await {
        Err(_) => (false, "no answer".to_owned()),
        Ok(Err(error)) => (false, error.kind().to_string()),
        Ok(Ok(0)) => (false, "closed at once".to_owned()),
        Ok(Ok(_)) => (true, "it answers".to_owned()),
    }
}
