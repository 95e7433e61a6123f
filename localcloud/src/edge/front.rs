//! One request, from the visitor's words to the visitor's answer.

mod cached;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use http::header::{self, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use super::broken::Broken;
use super::cache::keeping::Passing;
use super::cache::wish::{self, Arrival, Plan};
use super::certificates::Certificates;
use super::headers::{self, Told};
use super::origin::{Leg, Origins, Security};
use super::page::{self, Body};
use super::route;
use crate::cloud::Cloud;
use crate::model::zone::{World, Zone};
use crate::services::cloudflare;
use crate::{clock, conversation, ids, loopback, traffic};

const CACHE_STATUS: HeaderName = HeaderName::from_static("cf-cache-status");

/// The local ports that stand for the edge's public ones.
#[derive(Debug)]
pub(crate) struct Public {
    https: BTreeMap<u16, u16>,
    http: u16,
}

impl Public {
    /// `https` stands for 443, `http` for 80, `extra` for the HTTPS ports that are its keys.
    pub(crate) fn new(
        https: SocketAddr,
        http: SocketAddr,
        extra: &BTreeMap<u16, SocketAddr>,
    ) -> Self {
        let extra = extra.iter().map(|(public, local)| (*public, local.port()));
        Self { https: extra.chain([(443, https.port())]).collect(), http: http.port() }
    }

    /// The local port for a public one, if the edge has it.
    pub(crate) fn local(&self, scheme: &str, port: u16) -> Option<u16> {
        match (scheme, port) {
            ("https", port) => self.https.get(&port).copied(),
            ("http", 80) => Some(self.http),
            _ => None,
        }
    }
}

/// Who asks, and over what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor {
    pub(crate) peer: SocketAddr,
    /// Public number of the port that was called.
    pub(crate) port: u16,
    /// Version of TLS; `None` on the HTTP port.
    pub(crate) tls: Option<&'static str>,
}

impl Visitor {
    fn scheme(self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The host as the visitor names it; the usual ports go without saying.
    fn authority(self, host: &str) -> String {
        match self.port {
            80 | 443 => host.to_owned(),
            port => format!("{host}:{port}"),
        }
    }

    /// The same for the same visitor and host: their requests leave from one address.
    fn seed(self, host: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.peer.ip(), host).hash(&mut hasher);
        hasher.finish()
    }
}

/// What all requests share.
pub(crate) struct Front {
    cloud: Arc<Cloud>,
    public: Public,
    pub(crate) certificates: Certificates,
    origins: Origins,
}

/// What is known of a request before it is passed on.
struct Passage<'a> {
    world: &'a World,
    zone: &'a Zone,
    host: &'a str,
    ray: &'a str,
    visitor: Visitor,
}

impl Front {
    pub(crate) fn new(cloud: Arc<Cloud>, public: Public, origins: Origins) -> Self {
        Self { certificates: Certificates::new(cloud.clone()), cloud, public, origins }
    }

    pub(crate) async fn answer(
        &self,
        visitor: Visitor,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let ray = format!("{}-LCL", ids::hex::<8>());
        // Copies of these share what they hold.
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let host = request.headers().get(header::HOST).cloned();
        let (time, begun) = (self.cloud.clock.now(), Instant::now());
        let outcome = self.route(visitor, request, &ray).await;
        let mut response = outcome.unwrap_or_else(|broken| page::broken(&broken, &ray));
        let headers = response.headers_mut();
        headers.insert(header::SERVER, HeaderValue::from_static("cloudflare"));
        headers::set(headers, HeaderName::from_static("cf-ray"), &ray);
        if is_own(&response) {
            self.cloud.traffic.add(traffic::Request {
                time: clock::stamp(time),
                method: method.to_string(),
                host: conversation::host(&uri, host.as_ref()).to_owned(),
                target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
                status: response.status().as_u16(),
                seconds: format!("{:.3}", begun.elapsed().as_secs_f64()),
                ..traffic::Request::default()
            });
        }
        response
    }

    async fn route(
        &self,
        visitor: Visitor,
        request: Request<Incoming>,
        ray: &str,
    ) -> Result<Response<Body>, Broken> {
        let (parts, body) = request.into_parts();
        let clear = conversation::objection(&parts).is_none() && parts.method != Method::CONNECT;
        let Some(host) = headers::host(&parts).filter(|_| clear) else {
            return Ok(page::bad_request(parts.version));
        };
        let world = self.cloud.zones.read();
        let zone = world.zone_of(&host).ok_or_else(|| stranger(&host))?;
        let address = route::origin(&world, zone, &host, visitor.seed(&host))?;
        if visitor.tls.is_none() && cloudflare::setting(zone, "always_use_https") == "on" {
            return Ok(page::moved(&self.secure(&host, &parts.uri)));
        }
        if parts.uri.path() == "/cdn-cgi/trace" {
            return Ok(self.trace(visitor, &host, &parts));
        }
        if headers::is_looping(&parts.headers) {
            return Err(Broken::Loop { host });
        }
        let passage = Passage { world: &world, zone, host: &host, ray, visitor };
        self.pass(&passage, address, Request::from_parts(parts, body)).await
    }

    /// Answers from the cache, or passes a request on and its answer back.
    async fn pass(
        &self,
        passage: &Passage<'_>,
        address: IpAddr,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Broken> {
        let (parts, body) = request.into_parts();
        let Passage { zone, host, visitor, .. } = *passage;
        let plan = wish::plan(
            zone,
            Arrival { scheme: visitor.scheme(), host, port: visitor.port },
            &parts,
        );
        let request = Request::from_parts(parts, body);
        let (status, mut response) = match plan {
            Plan::Cached(wish) => self.consult(passage, address, request, *wish).await?,
            plan => {
                let response = self.fetch(passage, address, request).await?;
                let status = if matches!(plan, Plan::Bypass) { "BYPASS" } else { "DYNAMIC" };
                (status, response.map(|body| Either::Left(Passing::new(body, None))))
            }
        };
        self.dress(passage, &mut response, status);
        Ok(response)
    }

    /// Sends a request to the origin.
    async fn fetch(
        &self,
        passage: &Passage<'_>,
        address: IpAddr,
        mut request: Request<Incoming>,
    ) -> Result<Response<Incoming>, Broken> {
        let identity = match cloudflare::pull_identity(passage.zone) {
            Ok(identity) => identity,
            Err(_shared) => Some(self.origins.shared_identity()),
        };
        let leg = Leg { identity, ..leg(passage, address)? };
        let websockets = cloudflare::setting(passage.zone, "websockets") == "on";
        let protocol = conversation::upgrade(request.headers()).filter(|_| websockets);
        let visitor = protocol.as_ref().map(|_| hyper::upgrade::on(&mut request));
        headers::strip(request.headers_mut());
        if let Some(protocol) = protocol {
            headers::keep_upgrade(request.headers_mut(), protocol);
        }
        let Passage { host, ray, .. } = *passage;
        let (scheme, peer) = (passage.visitor.scheme(), passage.visitor.peer.ip());
        let host = passage.visitor.authority(host);
        headers::tell(request.headers_mut(), &Told { host: &host, ray, scheme, visitor: peer });
        let mut response = self.origins.send(leg, request).await?;
        if let Some(visitor) =
            visitor.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS)
        {
            tokio::spawn(tunnel(visitor, hyper::upgrade::on(&mut response)));
        } else {
            headers::strip(response.headers_mut());
        }
        *response.version_mut() = http::Version::default();
        Ok(response)
    }

    /// Makes an origin's answer the edge's.
    fn dress(&self, passage: &Passage<'_>, response: &mut Response<Body>, status: &'static str) {
        let headers = response.headers_mut();
        headers::relocate(headers, passage.world, &self.public);
        headers::set(headers, CACHE_STATUS, status);
        let rule = cloudflare::strict_transport_header(passage.zone);
        if let Some(rule) = rule.filter(|_| passage.visitor.tls.is_some()) {
            headers::set(headers, header::STRICT_TRANSPORT_SECURITY, &rule);
        }
    }

    /// The same URL over HTTPS, on the port where this edge has it.
    fn secure(&self, host: &str, uri: &http::Uri) -> String {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        match self.public.local("https", 443) {
            None | Some(443) => format!("https://{host}{path}"),
            Some(port) => format!("https://{host}:{port}{path}"),
        }
    }

    /// `/cdn-cgi/trace`: the edge about itself, one `key=value` a line.
    fn trace(&self, visitor: Visitor, host: &str, parts: &http::request::Parts) -> Response<Body> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let now = self.cloud.clock.now();
        let protocol = match parts.version {
            http::Version::HTTP_2 => "http/2",
            http::Version::HTTP_10 => "http/1.0",
            _ => "http/1.1",
        };
        let lines = [
            ("fl", "local".to_owned()),
            ("h", host.to_owned()),
            ("ip", visitor.peer.ip().to_string()),
            ("ts", format!("{}.{:03}", now.unix_timestamp(), now.millisecond())),
            ("visit_scheme", visitor.scheme().to_owned()),
            ("uag", agent.unwrap_or_default().to_owned()),
            ("colo", "LCL".to_owned()),
            ("sliver", "none".to_owned()),
            ("http", protocol.to_owned()),
            ("loc", "XX".to_owned()),
            ("tls", visitor.tls.unwrap_or("off").to_owned()),
            ("sni", if visitor.tls.is_some() { "plaintext" } else { "off" }.to_owned()),
            ("warp", "off".to_owned()),
            ("gateway", "off".to_owned()),
        ];
        let text = lines.map(|(key, value)| format!("{key}={value}\n")).concat();
        page::text(StatusCode::OK, "text/plain", text)
    }
}

/// Whether nobody but the edge was asked.
fn is_own(response: &Response<Body>) -> bool {
    response.headers().get(CACHE_STATUS).is_none_or(|status| status == "HIT")
}

/// Names of this machine get a page that explains; others are a site that had its name pointed at loopback.
fn stranger(host: &str) -> Broken {
    if loopback::is_local_host(host) {
        return Broken::NoHost { why: format!("{host} is in no zone of this cloud") };
    }
    Broken::Stranger { host: host.to_owned() }
}

/// Plain requests go to port 80 in every mode; encrypted ones as the zone's `ssl` says, to the port that was called.
/// Flexible is for 443 alone, on other ports it is full (developers.cloudflare.com, "Encryption modes: Flexible").
fn leg(passage: &Passage<'_>, address: IpAddr) -> Result<Leg, Broken> {
    let Passage { world, zone, host, visitor, .. } = *passage;
    let mode = cloudflare::setting(zone, "ssl");
    let (port, security) = match (visitor.tls, mode.as_str()) {
        (None, _) => (80, Security::Plain),
        (_, "off" | "flexible") if visitor.port == 443 => (80, Security::Plain),
        (_, "off" | "flexible" | "full") => (visitor.port, Security::Encrypted),
        _ => (visitor.port, Security::Verified),
    };
    let destination = SocketAddr::new(address, port);
    let source = world.ranges.pick(address, visitor.seed(host)).ok_or_else(|| {
        let why = "the edge publishes no range of its address family".to_owned();
        Broken::Unreachable { origin: destination, why }
    })?;
    Ok(Leg { source, destination, host: host.to_owned(), security, identity: None })
}

/// Carries bytes both ways after a change of protocol, until one side ends.
async fn tunnel(visitor: hyper::upgrade::OnUpgrade, origin: hyper::upgrade::OnUpgrade) {
    if let (Ok(visitor), Ok(origin)) = tokio::join!(visitor, origin) {
        let (mut visitor, mut origin) = (TokioIo::new(visitor), TokioIo::new(origin));
        let _ended = tokio::io::copy_bidirectional(&mut visitor, &mut origin).await;
    }
}
