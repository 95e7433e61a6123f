//! A load balancer with two backends in a small network, and a client that comes from an allowed address.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::dataplane::DataPlane;
use crate::model::load_balancer::LoadBalancer;
use crate::network::{ConnectError, Endpoint, Stream, connect};
use crate::{Cloud, Options, Ports, RuntimeChoice, Seed, ids, loopback};

pub(super) const ID: &str = "ocid1.loadbalancer.oc1..test";
pub(super) const VISITOR: &str = "173.245.48.9:40000";
const PUBLIC: &str = "203.0.113.5";

/// Everything, gone when dropped.
pub(super) struct Site {
    pub(super) cloud: Arc<Cloud>,
    pub(super) plane: DataPlane,
    state: PathBuf,
    backends: JoinSet<()>,
    /// Slow requests that have reached a backend.
    pub(super) slow: Arc<AtomicUsize>,
}

/// What a client got.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Site {
    /// Starts with the backends `10.0.1.1:8080` and `10.0.1.2:8080`, healthy, and the load balancer changed by `extra`.
    pub(super) async fn start(extra: Value) -> Self {
        let state = std::env::temp_dir().join(format!("dataplane-{}", ids::hex::<8>()));
        let options = Options {
            state: state.clone(),
            ports: Ports::default(),
            runtime: RuntimeChoice::Process,
            seed: Seed::default(),
            latency_ms: 0,
            conduct: crate::options::Conduct::default(),
        };
        let cloud = Cloud::open(options).unwrap();
        let world = serde_json::from_value(network()).unwrap();
        cloud.network.update(|network| *network = world);
        let mut backends = JoinSet::new();
        let slow = Arc::new(AtomicUsize::new(0));
        for last in [1, 2] {
            let listener = loopback::listen(0).await.unwrap();
            let published = Endpoint::Published(listener.local_addr().unwrap());
            cloud.fabric.attach(IpAddr::from([10, 0, 1, last]), 8080, published);
            backends.spawn(serve(listener, last, slow.clone(), None));
        }
        let plane = DataPlane::start(cloud.clone()).await.unwrap();
        let site = Self { cloud, plane, state, backends, slow };
        site.change(|balancer| *balancer = site.balancer(&extra));
        site
    }

    /// Changes the load balancer as the control plane does.
    pub(super) fn change(&self, change: impl FnOnce(&mut LoadBalancer)) {
        self.cloud.balancers.update(|world| {
            change(world.load_balancers.get_or_insert_with(ID, Default::default));
        });
    }

    /// Applies a change to the load balancer's JSON.
    pub(super) fn merge(&self, extra: &Value) {
        self.change(|balancer| {
            let mut value = serde_json::to_value(&*balancer).unwrap();
            merge(&mut value, extra);
            *balancer = serde_json::from_value(value).unwrap();
        });
    }

    pub(super) async fn connect(
        &self,
        source: &str,
        port: u16,
    ) -> Result<Box<dyn Stream>, ConnectError> {
        let destination = SocketAddr::new(PUBLIC.parse().unwrap(), port);
        connect(&self.cloud, source.parse().unwrap(), destination).await
    }

    /// A TLS connection of an allowed visitor to port 443.
    pub(super) async fn tls(&self, name: &str, alpn: &str) -> TlsStream<Box<dyn Stream>> {
        let mut roots = RootCertStore::empty();
        let root = self.cloud.authority.root_pem().as_bytes();
        roots.add(CertificateDer::from_pem_slice(root).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
        let stream = self.connect(VISITOR, 443).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    /// A GET over a TLS connection of its own.
    pub(super) async fn get(&self, host: &str, path: &str) -> Got {
        let mut client = speak(self.tls(host, "http/1.1").await).await;
        send(&mut client, get(host, path)).await
    }

    /// A GET over a plain connection to port 80.
    pub(super) async fn get_plain(&self, host: &str, path: &str) -> Got {
        let mut client = speak(self.connect(VISITOR, 80).await.unwrap()).await;
        send(&mut client, get(host, path)).await
    }

    /// Waits until `https://a.example/` is answered by all of these backends and no others.
    pub(super) async fn served_by(&self, expected: &[&str]) {
        poll(async || {
            let mut seen = Vec::new();
            for _ in 0..4 {
                if self.connect(VISITOR, 443).await.is_err() {
                    return false;
                }
                seen.push(self.get("a.example", "/who").await.body);
            }
            seen.sort_unstable();
            seen.dedup();
            seen == expected
        })
        .await;
    }

    pub(super) fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.state.join("access.log")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Replaces the first backend by one that speaks TLS with a certificate for `name`.
    pub(super) async fn encrypt_backend(&mut self, name: &str) {
        let now = self.cloud.clock.now();
        let issued = self.cloud.authority.issue(&[name.to_owned()], now, time::Duration::days(9));
        let issued = issued.unwrap();
        let chain = CertificateDer::pem_slice_iter(issued.chain_pem.as_bytes());
        let chain = chain.collect::<Result<_, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = loopback::listen(0).await.unwrap();
        let published = Endpoint::Published(listener.local_addr().unwrap());
        self.cloud.fabric.attach(IpAddr::from([10, 0, 1, 1]), 8080, published);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        self.backends.spawn(serve(listener, 3, self.slow.clone(), Some(acceptor)));
    }

    pub(super) fn stop_backends(&mut self) {
        self.backends.abort_all();
    }

    /// HTTPS for `a.example` and, with a certificate of its own, `b.example`; port 80 redirects.
    fn balancer(&self, extra: &Value) -> LoadBalancer {
        let backend =
            |ip: &str| json!({"name": format!("{ip}:8080"), "ipAddress": ip, "port": 8080});
        let ssl =
            |name: &str| json!({"certificateName": name, "protocols": ["TLSv1.2", "TLSv1.3"]});
        let mut value = json!({
            "id": ID,
            "lifecycleState": "ACTIVE",
            "ipAddresses": [{"ipAddress": PUBLIC, "isPublic": true}],
            "certificates": {"a": self.bundle("a.example"), "b": self.bundle("b.example")},
            "hostnames": {"b": {"name": "b", "hostname": "b.example"}},
            "backendSets": {"web": {
                "name": "web",
                "policy": "ROUND_ROBIN",
                "backends": [backend("10.0.1.1"), backend("10.0.1.2")],
                "healthChecker": {"protocol": "HTTP", "urlPath": "/health", "intervalInMillis": 1000}
            }, "empty": {"name": "empty", "policy": "ROUND_ROBIN", "backends": []}},
            "ruleSets": {"secure": {"name": "secure", "items": [{
                "action": "REDIRECT",
                "responseCode": 301,
                "conditions": [{"attributeName": "PATH", "attributeValue": "/", "operator": "FORCE_LONGEST_PREFIX_MATCH"}],
                "redirectUri": {"protocol": "HTTPS", "port": 443}
            }]}},
            "pathRouteSets": {"p": {"name": "p", "pathRoutes": [
                {"path": "/none", "pathMatchType": {"matchType": "PREFIX_MATCH"}, "backendSetName": "empty"}
            ]}},
            "listeners": {
                "a": {"name": "a", "port": 443, "protocol": "HTTP", "defaultBackendSetName": "web",
                    "pathRouteSetName": "p", "sslConfiguration": ssl("a")},
                "b": {"name": "b", "port": 443, "protocol": "HTTP", "defaultBackendSetName": "web",
                    "hostnameNames": ["b"], "sslConfiguration": ssl("b")},
                "plain": {"name": "plain", "port": 80, "protocol": "HTTP",
                    "defaultBackendSetName": "web", "ruleSetNames": ["secure"]}
            }
        });
        merge(&mut value, extra);
        serde_json::from_value(value).unwrap()
    }

    fn bundle(&self, name: &str) -> Value {
        let now = self.cloud.clock.now();
        let issued = self.cloud.authority.issue(&[name.to_owned()], now, time::Duration::days(9));
        let issued = issued.unwrap();
        json!({"certificateName": name, "publicCertificate": issued.chain_pem, "privateKey": issued.key_pem})
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _gone_anyway = std::fs::remove_dir_all(&self.state);
    }
}

/// Only 173.245.48.0/20 reaches the load balancer, only the load balancer the backends.
fn network() -> Value {
    let rule = |direction: &str, end: &str, kind: &str, other: &str, ports: [u16; 2]| {
        json!({"direction": direction, "protocol": "6", end: other, format!("{end}Type"): kind,
            "tcpOptions": {"destinationPortRange": {"min": ports[0], "max": ports[1]}}})
    };
    let vnic = |owner: &str, subnet: &str, group: &str, private: &str, public: Option<&str>| json!({"ownerId": owner, "subnetId": subnet, "nsgIds": [group], "privateIp": private, "publicIp": public});
    json!({
        "subnets": {
            "front": {"vcnId": "vcn", "routeTableId": "out"},
            "back": {"vcnId": "vcn", "prohibitPublicIpOnVnic": true}
        },
        "internet_gateways": {"igw": {"isEnabled": true}},
        "route_tables": {"out": {"routeRules": [{"destination": "0.0.0.0/0", "networkEntityId": "igw"}]}},
        "network_security_groups": {
            "edge": {"securityRules": [
                rule("INGRESS", "source", "CIDR_BLOCK", "173.245.48.0/20", [80, 443]),
                rule("EGRESS", "destination", "NETWORK_SECURITY_GROUP", "app", [8080, 8080])
            ]},
            "app": {"securityRules": [
                rule("INGRESS", "source", "NETWORK_SECURITY_GROUP", "edge", [8080, 8080])
            ]}
        },
        "vnics": {
            "lb": vnic(ID, "front", "edge", "10.0.0.5", Some(PUBLIC)),
            "one": vnic("one", "back", "app", "10.0.1.1", None),
            "two": vnic("two", "back", "app", "10.0.1.2", None)
        }
    })
}

pub(super) fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

pub(super) fn get(host: &str, path: &str) -> Request<Full<Bytes>> {
    Request::get(path).header(header::HOST, host).body(Full::default()).unwrap()
}

pub(super) async fn speak(stream: impl Stream + 'static) -> SendRequest<Full<Bytes>> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    sender
}

pub(super) async fn send(
    client: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Got {
    client.ready().await.unwrap();
    let (parts, body) = client.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    Got { status: parts.status, headers: parts.headers, body }
}

/// Waits for something to become true.
pub(super) async fn poll(mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds().await {
        assert!(Instant::now() < deadline, "it did not become true");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn serve(
    listener: TcpListener,
    number: u8,
    slow: Arc<AtomicUsize>,
    tls: Option<TlsAcceptor>,
) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let slow = slow.clone();
        let service = service_fn(move |request| reply(number, slow.clone(), request));
        let tls = tls.clone();
        connections.spawn(async move {
            let stream: Box<dyn Stream> = match tls {
                None => Box::new(stream),
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => Box::new(stream),
                    Err(_) => return,
                },
            };
            let server = hyper::server::conn::http1::Builder::new();
            let connection = server.serve_connection(TokioIo::new(stream), service);
            drop(connection.with_upgrades().await);
        });
    }
}

/// The backends' program, by path.
async fn reply(
    number: u8,
    slow: Arc<AtomicUsize>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/headers" => text(&format!("{:#?}", request.headers())),
        "/slow" => {
            slow.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(400)).await;
            text(&format!("slow {number}"))
        }
        "/stuck" => std::future::pending().await,
        "/echo" => Response::new(Full::new(request.collect().await.unwrap().to_bytes())),
        "/upgrade" => shout(request),
        _ => text(&format!("backend {number}")),
    })
}

fn text(text: &str) -> Response<Full<Bytes>> {
    Response::new(Full::from(text.to_owned()))
}

/// Leaves HTTP and answers each byte with its upper case.
fn shout(mut request: Request<Incoming>) -> Response<Full<Bytes>> {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        while let Ok(byte) = stream.read_u8().await {
            stream.write_u8(byte.to_ascii_uppercase()).await.unwrap();
        }
    });
    let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    let response = response.header(header::CONNECTION, "upgrade").header(header::UPGRADE, "shout");
    response.body(Full::default()).unwrap()
}
