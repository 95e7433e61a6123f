//! A visitor from outside: DNS, then TLS with the edge on a connection of its own. And the cloud's admin endpoints.

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;
use tokio::net::UdpSocket;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// What a visitor got.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
}

/// Visits a URL of the cloud that `ready` tells of.
pub(super) fn visit(ready: &Value, url: &str) -> Result<Visit, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let host = url.host_str().ok_or("no host")?.to_owned();
    let edge = address(&ready[if url.scheme() == "https" { "edge_https" } else { "edge_http" }]);
    let root = ready["root"].as_str().expect("ready.json names the root");
    wait(async {
        let found = resolve(address(&ready["dns"]), &host).await?;
        if found.is_empty() {
            return Err(format!("{host} has no address"));
        }
        let client = client(Some(root)).resolve(&host, edge).build().expect("a client can be made");
        let answer = client.get(url).send().await.map_err(|error| format!("{error:?}"))?;
        let header =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            };
        let headers = answer.headers().iter().map(header).collect();
        Ok(Visit { status: answer.status().as_u16(), headers })
    })
}

/// Calls one of the cloud's endpoints about itself.
pub(super) fn admin(
    ready: &Value,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, String> {
    call(ready, "admin_token", (method, &format!("_localcloud/{path}")), body)
}

/// Calls the emulated Cloudflare, as somebody with the same token would.
pub(super) fn cloudflare(
    ready: &Value,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, String> {
    call(ready, "cloudflare_token", (method, &format!("client/v4/{path}")), body)
}

fn call(
    ready: &Value,
    token: &str,
    (method, path): (Method, &str),
    body: Option<&Value>,
) -> Result<Value, String> {
    let url = format!("{}/{path}", ready["api"].as_str().unwrap_or_default());
    wait(async {
        let client = client(None).build().expect("a client can be made");
        let token = ready[token].as_str().unwrap_or_default();
        let request = client.request(method, url).bearer_auth(token);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        answer.map_err(|error| error.to_string())?.json().await.map_err(|error| error.to_string())
    })
}

/// Reads a document over HTTPS that `root` (path of a PEM file) vouches for.
pub(super) fn read(root: &str, url: &str) -> Result<String, String> {
    wait(async {
        let client = client(Some(root)).build().expect("a client can be made");
        let answer = client.get(url).send().await.map_err(|error| error.to_string())?;
        answer.text().await.map_err(|error| error.to_string())
    })
}

fn client(root: Option<&str>) -> reqwest::ClientBuilder {
    let mut roots = RootCertStore::empty();
    if let Some(path) = root {
        let pem = fs::read(path).expect("the root can be read");
        for certificate in CertificateDer::pem_slice_iter(&pem).flatten() {
            roots.add(certificate).expect("the root is a certificate");
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = Client::builder().tls_backend_preconfigured(tls).no_proxy();
    client.redirect(Policy::none()).timeout(PATIENCE)
}

/// The IPv4 addresses that the name server has for a host.
async fn resolve(server: SocketAddr, host: &str) -> Result<Vec<IpAddr>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("DNS: {error}");
    let mut question = Message::query();
    let name = Name::from_str(&format!("{host}.")).map_err(|error| failed(&error))?;
    question.add_query(Query::query(name, RecordType::A));
    let socket = UdpSocket::bind("127.0.0.1:0").await.map_err(|error| failed(&error))?;
    let bytes = question.to_vec().map_err(|error| failed(&error))?;
    socket.send_to(&bytes, server).await.map_err(|error| failed(&error))?;
    let mut answer = [0; 4096];
    let received = timeout(PATIENCE, socket.recv(&mut answer)).await;
    let length = received.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    let answer = Message::from_vec(&answer[..length]).map_err(|error| failed(&error))?;
    let address = |data: &RData| if let RData::A(a) = data { Some(IpAddr::V4(a.0)) } else { None };
    Ok(answer.answers.iter().filter_map(|record| address(&record.data)).collect())
}

fn address(text: &Value) -> SocketAddr {
    text.as_str().and_then(|text| text.parse().ok()).expect("ready.json holds addresses")
}

pub(super) fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(work)
}
