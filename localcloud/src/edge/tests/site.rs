//! A zone with one proxied name, an edge for it, an origin behind it, and a visitor.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::redirect::Policy;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use time::Duration;

use crate::edge::{Connect, Edge};
use crate::model::zone::{Record, Zone};
use crate::network::{ConnectError, Stream};
use crate::{Cloud, Options, Ports, RuntimeChoice, Seed, ids};

pub(super) const HOST: &str = "www.codeharmony.net";
pub(super) const ORIGIN: &str = "203.0.113.7";

/// What is at every port of the origin but 80, which always speaks HTTP.
#[derive(Clone)]
pub(super) enum Origin {
    Filtered,
    Plain,
    Refusing,
    Tls(Arc<ServerConfig>),
}

pub(super) struct Site {
    pub(super) cloud: Arc<Cloud>,
    pub(super) edge: Edge,
    /// Source and destination of each connection to the origin.
    pub(super) calls: Arc<Mutex<Vec<(SocketAddr, SocketAddr)>>>,
    pub(super) files: Files,
}

/// How the origin answers below `/files/`, and what it was asked.
#[derive(Clone, Default)]
pub(super) struct Files(Arc<Mutex<FilesInner>>);

#[derive(Default)]
struct FilesInner {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    asked: Vec<String>,
}

impl Files {
    pub(super) fn answer_with(&self, status: u16, headers: &[(&'static str, &str)], body: &str) {
        let mut inner = self.0.lock().unwrap();
        inner.status = status;
        inner.headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        body.clone_into(&mut inner.body);
    }

    /// `METHOD path` of each request, with the condition that it had.
    pub(super) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.clone()
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let mut inner = self.0.lock().unwrap();
        let condition = request.headers().get("if-none-match").map(|tag| tag.to_str().unwrap());
        let mut asked = format!("{} {}", request.method(), request.uri());
        asked.extend(condition.map(|tag| format!(" if-none-match {tag}")));
        inner.asked.push(asked);
        let same =
            |(name, value): &(&str, String)| *name == "etag" && Some(value.as_str()) == condition;
        let is_same = inner.headers.iter().any(same);
        let mut response = Response::builder().status(if is_same { 304 } else { inner.status });
        for (name, value) in &inner.headers {
            response = response.header(*name, value);
        }
        let body = if is_same { String::new() } else { inner.body.clone() };
        response.body(Full::from(body)).unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.cloud.options.state);
    }
}

pub(super) fn cloud() -> Arc<Cloud> {
    let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cloud = Cloud::open(Options {
        state: std::env::temp_dir().join(format!("localcloud-edge-{}", ids::hex::<8>())),
        ports: Ports::default(),
        runtime: RuntimeChoice::Process,
        seed: Seed::default(),
        latency_ms: 0,
        conduct: crate::options::Conduct::default(),
    })
    .unwrap();
    cloud.zones.update(|world| {
        let (name, status) = ("codeharmony.net".to_owned(), "active".to_owned());
        let mut zone = Zone { id: "z".to_owned(), name, status, ..Zone::default() };
        zone.settings.insert("ssl".to_owned(), "strict".into());
        world.zones.insert(zone.id.clone(), zone);
    });
    record(&cloud, (HOST, "A", ORIGIN), true);
    cloud
}

/// Adds a record: name, type, content.
pub(super) fn record(cloud: &Cloud, (name, kind, content): (&str, &str, &str), proxied: bool) {
    let record = Record {
        id: ids::hex::<16>(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        content: content.to_owned(),
        proxied,
        ..Record::default()
    };
    cloud.zones.update(|world| {
        let zone = world.zones.get_mut("z").unwrap();
        zone.records.insert(record.id.clone(), record);
    });
}

/// A certificate of this cloud's authority for a name, made some days ago.
pub(super) fn issued(cloud: &Cloud, name: &str, age: i64, validity: i64) -> Origin {
    let from = cloud.clock.now() - Duration::days(age);
    let names = [name.to_owned()];
    let issued = cloud.authority.issue(&names, from, Duration::days(validity)).unwrap();
    tls(&issued.chain_pem, &issued.key_pem)
}

/// A certificate that signed itself, and its PEM.
pub(super) fn self_signed() -> (Origin, String) {
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    let pem = made.cert.pem();
    (tls(&pem, &made.signing_key.serialize_pem()), pem)
}

fn tls(chain: &str, key: &str) -> Origin {
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Origin::Tls(Arc::new(builder.with_single_cert(chain, key).unwrap()))
}

impl Site {
    /// A site whose origin has a good certificate.
    pub(super) async fn sound() -> Self {
        let cloud = cloud();
        let origin = issued(&cloud, HOST, 0, 30);
        Self::over(cloud, origin).await
    }

    pub(super) async fn over(cloud: Arc<Cloud>, origin: Origin) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let heard = calls.clone();
        let files = Files::default();
        let origin_files = files.clone();
        let connect: Connect = Arc::new(move |source, destination| {
            heard.lock().unwrap().push((source, destination));
            let origin = if destination.port() == 80 { Origin::Plain } else { origin.clone() };
            let files = origin_files.clone();
            Box::pin(async move { reach(origin, destination, files) })
        });
        let edge = Edge::start_with(cloud.clone(), &Ports::default(), connect).await.unwrap();
        Self { cloud, edge, calls, files }
    }

    pub(super) fn set(&self, setting: &str, value: &str) {
        self.cloud.zones.update(|world| {
            let zone = world.zones.get_mut("z").unwrap();
            zone.settings.insert(setting.to_owned(), value.into());
        });
    }

    /// A visitor who trusts this cloud's root and follows no redirect.
    pub(super) fn visitor(&self) -> reqwest::ClientBuilder {
        let root = reqwest::Certificate::from_pem(self.cloud.authority.root_pem().as_bytes());
        reqwest::Client::builder()
            .tls_certs_only([root.unwrap()])
            .no_proxy()
            .redirect(Policy::none())
            .resolve(HOST, self.edge.https)
    }

    pub(super) async fn get(&self, path: &str) -> reqwest::Response {
        self.fetch(self.edge.https, path).await
    }

    /// A request to one of the edge's further HTTPS ports.
    pub(super) async fn get_on(&self, port: u16, path: &str) -> reqwest::Response {
        self.fetch(self.edge.https_extra[&port], path).await
    }

    async fn fetch(&self, edge: SocketAddr, path: &str) -> reqwest::Response {
        let url = format!("https://{HOST}:{}{path}", edge.port());
        self.visitor().build().unwrap().get(url).send().await.unwrap()
    }

    /// A request to the HTTP port for any host.
    pub(super) async fn plain(&self, host: &str, path: &str) -> reqwest::Response {
        let url = format!("http://{}{path}", self.edge.http);
        let client = self.visitor().build().unwrap();
        client.get(url).header("host", host).send().await.unwrap()
    }

    pub(super) fn calls(&self) -> Vec<(SocketAddr, SocketAddr)> {
        self.calls.lock().unwrap().clone()
    }
}

fn reach(
    origin: Origin,
    destination: SocketAddr,
    files: Files,
) -> Result<Box<dyn Stream>, ConnectError> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    match origin {
        Origin::Filtered => {
            return Err(ConnectError::Filtered { why: "no rule allows it".to_owned() });
        }
        Origin::Refusing => return Err(ConnectError::Refused { destination }),
        Origin::Plain => drop(tokio::spawn(serve(far, files))),
        Origin::Tls(config) => drop(tokio::spawn(async move {
            let acceptor = tokio_rustls::TlsAcceptor::from(config);
            if let Ok(stream) = acceptor.accept(far).await {
                serve(stream, files).await;
            }
        })),
    }
    Ok(Box::new(near))
}

async fn serve(stream: impl Stream + 'static, files: Files) {
    let server = hyper::server::conn::http1::Builder::new();
    let connection = server.serve_connection(
        TokioIo::new(stream),
        service_fn(move |request| answer(files.clone(), request)),
    );
    let _ended = connection.with_upgrades().await;
}

/// `/echo` sends the body back, `/to?<url>` redirects, an upgrade echoes, all else shows the request.
async fn answer(
    files: Files,
    mut request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::default());
    if request.headers().contains_key("upgrade") {
        let ours = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(TokioIo::new(ours.await.unwrap()));
            tokio::io::copy(&mut read, &mut write).await
        });
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        for (name, value) in [("connection", "upgrade"), ("upgrade", "websocket")] {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        return Ok(response);
    }
    if request.uri().path().starts_with("/files/") || request.uri().path() == "/robots.txt" {
        return Ok(files.answer(&request));
    }
    match request.uri().path() {
        "/echo" => {
            *response.body_mut() = request.into_body().collect().await.unwrap().to_bytes().into();
        }
        "/to" => {
            *response.status_mut() = StatusCode::FOUND;
            let location = request.uri().query().unwrap().parse().unwrap();
            response.headers_mut().insert("location", location);
        }
        _ => {
            let headers: serde_json::Map<_, _> = request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
                .collect();
            let shown = json!({ "path": request.uri().to_string(), "headers": headers });
            *response.body_mut() = Full::from(shown.to_string());
            response.headers_mut().insert("server", "origin".parse().unwrap());
            response.headers_mut().insert("keep-alive", "timeout=5".parse().unwrap());
        }
    }
    Ok(response)
}
