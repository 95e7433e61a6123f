//! The one HTTP client: rustls over aws-lc-rs, public roots and those of the environment, deadlines, no redirects.
//!
//! Every vendor is reached through an [`HttpTransport`]. Behind it is the [`Network`], which bounds what an answer may
//! weigh and refuses to send anything in clear text but to this machine, or, in a simulation, a world in memory.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::lease::{Fence, Lost};

const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(30);
const LARGEST: usize = 16 * 1024 * 1024;
const USER_AGENT: &str = concat!("deployer/", env!("CARGO_PKG_VERSION"));

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("root certificate {number}: {reason}")]
    Root {
        /// Counts from 1, in the order given.
        number: usize,
        reason: String,
    },
    #[error("TLS set-up")]
    Tls(#[source] rustls::Error),
    #[error("HTTP client set-up")]
    Client(#[source] reqwest::Error),
    #[error("{url}: plain http is for this machine alone; use https")]
    Insecure { url: String },
    #[error("{url}: not a request")]
    Request {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{url}: no answer")]
    Exchange {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{url}: the answer has more than {limit} bytes")]
    TooLarge { url: String, limit: usize },
    #[error("{url}: the connection broke")]
    Broken {
        url: String,
        /// Whether the other side may have read the request.
        sent: bool,
    },
    #[error("{url}: not sent")]
    Fenced {
        url: String,
        #[source]
        source: Lost,
    },
}

impl HttpError {
    /// Whether the request certainly never reached the other side, so that even a `POST` may be sent again.
    pub fn never_sent(&self) -> bool {
        match self {
            Self::Exchange { source, .. } => source.is_connect(),
            Self::TooLarge { .. } => false,
            Self::Broken { sent, .. } => !sent,
            _ => true,
        }
    }
}

/// A client that trusts the public roots and `roots_pem`, and reaches the hosts of `resolve` at fixed addresses
/// (port 0 keeps the URL's port).
///
/// # Errors
/// When a root is not a PEM certificate.
pub fn client(
    roots_pem: &[String],
    resolve: &[(String, SocketAddr)],
) -> Result<reqwest::Client, HttpError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(roots_pem)?)
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(USER_AGENT);
    for (host, address) in resolve {
        builder = builder.resolve(host, *address);
    }
    builder.build().map_err(HttpError::Client)
}

fn tls(roots_pem: &[String]) -> Result<ClientConfig, HttpError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for (index, pem) in roots_pem.iter().enumerate() {
        let refused = |reason: String| HttpError::Root { number: index + 1, reason };
        let before = roots.len();
        for der in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let der = der.map_err(|e| refused(e.to_string()))?;
            roots.add(der).map_err(|e| refused(e.to_string()))?;
        }
        if roots.len() == before {
            return Err(refused("no PEM certificate in it".to_owned()));
        }
    }
    // The provider is named here and not taken from the process: two crates with two ideas of it would panic.
    let mut config = ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .map_err(HttpError::Tls)?
    .with_root_certificates(roots)
    .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// An exchange under way.
pub type Sending<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, HttpError>> + Send + 'a>>;

/// Sends whole requests and receives whole answers; any status is an answer.
pub trait Transport: Send + Sync + fmt::Debug {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_>;
}

/// The real thing.
#[derive(Debug, Clone)]
pub struct Network(reqwest::Client);

impl Network {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let url = shown(request.uri());
        if !is_private(request.uri()) {
            return Err(HttpError::Insecure { url });
        }
        let request = reqwest::Request::try_from(request).map_err(|source| HttpError::Request {
            url: url.clone(),
            source: source.without_url(),
        })?;
        let response = self.0.execute(request).await.map_err(|source| HttpError::Exchange {
            url: url.clone(),
            source: source.without_url(),
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut answer = http::Response::new(body_within(response, LARGEST, &url).await?);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

impl Transport for Network {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        Box::pin(self.exchange(request))
    }
}

/// A handle on a transport; cheap to clone.
#[derive(Debug, Clone)]
pub struct HttpTransport(Arc<dyn Transport>);

impl HttpTransport {
    /// Over the network.
    pub fn new(client: reqwest::Client) -> Self {
        Self::over(Network(client))
    }

    /// Over any transport.
    pub fn over(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }

    /// The same, but that changes pass only with the leave of `fence`.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Self::over(Fenced { transport: self.clone(), fence })
    }

    /// Sends a request; any status is an answer.
    ///
    /// # Errors
    /// When the URL is plain http to another machine, or no whole answer of at most 16 MiB arrives in time.
    pub async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        self.0.send(request).await
    }
}

/// Asks before each change whether the lease on the environment still holds.
#[derive(Debug)]
struct Fenced {
    transport: HttpTransport,
    fence: Fence,
}

impl Transport for Fenced {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        Box::pin(async move {
            if !request.method().is_safe() {
                let url = shown(request.uri());
                self.fence.may_write().map_err(|source| HttpError::Fenced { url, source })?;
            }
            self.transport.send(request).await
        })
    }
}

impl oci::Transport for HttpTransport {
    fn send(&self, request: http::Request<Bytes>) -> oci::Sending<'_> {
        Box::pin(async move {
            Self::send(self, request).await.map_err(|error| {
                if error.never_sent() {
                    oci::TransportError::unsent(error)
                } else {
                    oci::TransportError::lost(error)
                }
            })
        })
    }
}

/// The body of an answer, if it has at most `limit` bytes; `url` is for the error.
///
/// # Errors
/// When it is larger, or breaks off.
pub async fn body_within(
    mut response: reqwest::Response,
    limit: usize,
    url: &str,
) -> Result<Bytes, HttpError> {
    let mut body = BytesMut::new();
    let broken = |source: reqwest::Error| HttpError::Exchange {
        url: url.to_owned(),
        source: source.without_url(),
    };
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > limit {
            return Err(HttpError::TooLarge { url: url.to_owned(), limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Whether others cannot read along: TLS, or this machine.
fn is_private(uri: &http::Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    uri.scheme_str() == Some("https") || here
}

/// A URL without its query, which may hold what is nobody's business.
fn shown(uri: &http::Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    // User information would be a secret; it is cut as well.
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{}", uri.path())
}

#[cfg(test)]
pub(crate) mod loopback;

#[cfg(test)]
mod tests {
    use std::future::ready;

    use http::{Request, Response};

    use super::{Bytes, HttpError, HttpTransport, LARGEST, client, loopback, shown};

    async fn get(response: Response<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let address = loopback::serve(None, move |request| {
            let agent = request.headers()["user-agent"].to_str().unwrap();
            assert!(agent.starts_with("deployer/"), "{agent}");
            ready(response.clone())
        })
        .await;
        let request = Request::get(format!("http://{address}/")).body(Bytes::new()).unwrap();
        HttpTransport::new(client(&[], &[]).unwrap()).send(request).await
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_an_order() {
        let redirect = Response::builder().status(302).header("location", "http://127.0.0.1:1/");
        let answer = get(redirect.body(Bytes::new()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 302);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off() {
        let error = get(Response::new(vec![0; LARGEST + 1].into())).await.unwrap_err();
        assert!(matches!(error, HttpError::TooLarge { .. }), "{error}");
        assert!(!error.never_sent());
    }

    #[tokio::test]
    async fn a_request_to_nobody_was_never_sent() {
        let request = Request::post("http://127.0.0.1:1/").body(Bytes::new()).unwrap();
        let error = HttpTransport::new(client(&[], &[]).unwrap()).send(request).await.unwrap_err();
        assert!(error.never_sent(), "{error}");
    }

    #[test]
    fn a_root_that_is_no_certificate_is_named() {
        let error = client(&["nonsense".to_owned()], &[]).unwrap_err();
        assert_eq!(error.to_string(), "root certificate 1: no PEM certificate in it");
    }

    #[test]
    fn urls_in_errors_have_neither_query_nor_user() {
        let uri = "https://me:secret@host.example:1/path?token=secret".parse().unwrap();
        assert_eq!(shown(&uri), "https://host.example:1/path");
    }

    #[tokio::test]
    async fn plain_http_goes_to_this_machine_alone() {
        let transport = HttpTransport::new(client(&[], &[]).unwrap());
        let request = Request::get("http://example.com/").body(Bytes::new()).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert!(matches!(error, HttpError::Insecure { .. }), "{error}");
    }
}
