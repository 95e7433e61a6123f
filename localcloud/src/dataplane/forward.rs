//! Answers one request: routes it, hands it to a backend, streams both bodies, records it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use crate::dataplane::Live;
use crate::dataplane::access_log::{Entry, Record, seconds};
use crate::dataplane::balancer::{Asker, Backend, Lease, Set};
use crate::dataplane::body::{Body, Watched, while_moving, whole};
use crate::dataplane::port::Agreed;
use crate::dataplane::router::{self, Decision, From, Head};
use crate::dataplane::table::{Listener, Table};
use crate::dataplane::{headers, upstream};
use crate::ids;
use crate::network::ConnectError;

/// One client connection.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) live: Arc<Live>,
    pub(crate) port: u16,
    pub(crate) peer: SocketAddr,
    /// The VCN that the peer is in.
    pub(crate) vcn: Option<String>,
    pub(crate) tls: Option<Agreed>,
    /// The table at its beginning, for requests after its port went away.
    pub(crate) table: Arc<Table>,
    /// What became something else than HTTP.
    pub(crate) tunnels: Mutex<JoinSet<()>>,
}

impl Visit {
    /// Waits for upgraded connections to end.
    pub(crate) async fn finish_tunnels(&self) {
        let mut tunnels =
            std::mem::take(&mut *self.tunnels.lock().unwrap_or_else(PoisonError::into_inner));
        while tunnels.join_next().await.is_some() {}
    }

    /// The latest table, as long as it has this port.
    fn latest(&self) -> Arc<Table> {
        let latest = self.live.table.load_full();
        if latest.ports.contains_key(&self.port) { latest } else { self.table.clone() }
    }
}

/// What is known of a request before a backend is asked.
struct Exchange<'a> {
    visit: &'a Visit,
    listener: &'a Listener,
    set: &'a Set,
    /// As the client sent them.
    headers: &'a HeaderMap,
}

/// A backend's answer.
struct Answer<'a> {
    response: Response<Incoming>,
    backend: &'a Backend,
    lease: Lease,
}

/// Answers a request; failures become the vendor's statuses.
pub(crate) async fn answer(
    visit: Arc<Visit>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let table = visit.latest();
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, body) = request.into_parts();
    let from = From {
        source: visit.peer.ip(),
        vcn: visit.vcn.as_deref(),
        port: visit.port,
        secure: visit.tls.is_some(),
    };
    let head = Head {
        host: host(&parts.uri, &parts.headers),
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        from,
    };
    let mut entry = visit.live.log.begin(&visit.live.id, record(&visit, head, parts.version));
    let Some(listener) = table.ports.get(&visit.port).and_then(|p| router::listener(p, head.host))
    else {
        return Ok(page(StatusCode::NOT_FOUND, entry));
    };
    entry.record.listener_name.clone_from(&listener.name);
    let request_id = table.request_id.clone().map(|name| (name, ids::hex::<16>()));
    let mut response = match router::decide(listener, head) {
        Decision::Forward { backend_set } => match table.sets.get(backend_set) {
            Some(set) => {
                let exchange = Exchange { visit: &visit, listener, set, headers: head.headers };
                let body = Watched::boxed(body, entry.received.clone(), listener.idle, ());
                let request = outgoing(head, listener, request_id.as_ref(), body);
                exchange.run(request, upgrade, entry).await
            }
            None => page(StatusCode::BAD_GATEWAY, entry),
        },
        decision => local_answer(decision, entry),
    };
    for change in &listener.rules.response_headers {
        change.apply(response.headers_mut());
    }
    if let Some((name, id)) = request_id {
        insert(response.headers_mut(), name, &id);
    }
    Ok(response)
}

impl Exchange<'_> {
    async fn run(
        &self,
        request: Request<Body>,
        upgrade: OnUpgrade,
        mut entry: Entry,
    ) -> Response<Body> {
        let received = entry.received.clone();
        let sending = self.send(request, &mut entry);
        let answer = match while_moving(self.listener.idle, &received, sending).await {
            None => return page(StatusCode::GATEWAY_TIMEOUT, entry),
            Some(Err(status)) => return page(status, entry),
            Some(Ok(answer)) => answer,
        };
        let status = answer.response.status().as_u16().to_string();
        entry.record.lb_status_code.clone_from(&status);
        entry.record.backend_status_code = status;
        self.relay(answer, upgrade, entry)
    }

    /// Asks backends until one takes the request. It is sent at most once: another attempt is made only when a backend
    /// could not be connected to, or a kept connection turned out to be closed before the request was on its way.
    async fn send(
        &self,
        mut request: Request<Body>,
        entry: &mut Entry,
    ) -> Result<Answer<'_>, StatusCode> {
        let mut tried = Vec::new();
        let mut failure = StatusCode::BAD_GATEWAY;
        let mut reuse = true;
        while let Some(backend) = self.choose(&tried) {
            let lease = backend.lease();
            note_backend(&mut entry.record, &backend.name);
            let began = Instant::now();
            let mut connection = match self.connection(backend, reuse).await {
                Ok(connection) => connection,
                Err(status) => {
                    failure = status;
                    tried.push(backend.name.clone());
                    continue;
                }
            };
            entry.record.backend_connect_time = seconds(began);
            match connection.try_send_request(request).await {
                Ok(response) => {
                    entry.record.backend_processing_time = seconds(began);
                    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                        backend.pool.put(connection);
                    }
                    return Ok(Answer { response, backend, lease });
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) if reuse => {
                        request = unsent;
                        reuse = false;
                    }
                    _ => return Err(StatusCode::BAD_GATEWAY),
                },
            }
        }
        Err(failure)
    }

    fn choose(&self, tried: &[String]) -> Option<&Backend> {
        let asker = Asker { source: self.visit.peer.ip(), tried };
        let persistence = self.set.persistence.as_ref();
        let session = persistence.and_then(|p| Some((p, p.named(self.set, self.headers)?)));
        let Some((persistence, named)) = session else { return self.set.pick(asker) };
        let kept = self.set.pick_named(&named.name, asker);
        kept.or_else(|| self.set.pick(asker).filter(|_| persistence.falls_back))
    }

    async fn connection(
        &self,
        backend: &Backend,
        reuse: bool,
    ) -> Result<SendRequest<Body>, StatusCode> {
        if let Some(kept) = backend.pool.take().filter(|_| reuse) {
            return Ok(kept);
        }
        let Live { cloud, id, .. } = self.visit.live.as_ref();
        let stream = upstream::open(cloud, id, backend.address, self.set.tls.as_ref()).await;
        let stream = stream.map_err(|error| match error {
            ConnectError::Filtered { .. } => StatusCode::GATEWAY_TIMEOUT,
            ConnectError::Refused { .. } | ConnectError::Io { .. } => StatusCode::BAD_GATEWAY,
        })?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_closed| StatusCode::BAD_GATEWAY)?;
        // Ends with its sender, which the pool or the request owns.
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }

    /// Turns a backend's answer into the client's, body and all.
    fn relay(&self, answer: Answer<'_>, upgrade: OnUpgrade, entry: Entry) -> Response<Body> {
        let Answer { mut response, backend, lease } = answer;
        let switched = headers::upgrade(response.headers())
            .filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS);
        let ahead = hyper::upgrade::on(&mut response);
        let (mut parts, body) = response.into_parts();
        headers::remove_hop_by_hop(&mut parts.headers);
        if let Some(persistence) = &self.set.persistence {
            let named = persistence.named(self.set, self.headers);
            if named.is_none_or(|named| named.name != backend.name) {
                persistence.mark_response(self.set, &backend.name, &mut parts.headers);
            }
        }
        if let Some(protocol) = switched {
            headers::set_upgrade(&mut parts.headers, protocol);
            self.tunnel(upgrade, ahead, (lease, entry));
            return Response::from_parts(parts, whole(""));
        }
        let meter = entry.sent.clone();
        let body = Watched::boxed(body, meter, self.listener.idle, (lease, entry));
        Response::from_parts(parts, body)
    }

    /// Joins client and backend once both have left HTTP.
    fn tunnel(&self, client: OnUpgrade, backend: OnUpgrade, guard: (Lease, Entry)) {
        let idle = self.listener.idle;
        let mut tunnels = self.visit.tunnels.lock().unwrap_or_else(PoisonError::into_inner);
        tunnels.spawn(async move {
            let _until_done = guard;
            if let (Ok(client), Ok(backend)) = (client.await, backend.await) {
                upstream::join(TokioIo::new(client), TokioIo::new(backend), idle).await;
            }
        });
    }
}

fn local_answer(decision: Decision<'_>, entry: Entry) -> Response<Body> {
    match decision {
        Decision::Redirect { status, location } => {
            let mut response = page(status, entry);
            insert(response.headers_mut(), header::LOCATION, &location);
            response
        }
        Decision::DenyMethod { status, allow } => {
            let mut response = page(status, entry);
            insert(response.headers_mut(), header::ALLOW, &allow);
            response
        }
        Decision::Deny { status } => page(status, entry),
        Decision::Forward { .. } => page(StatusCode::BAD_GATEWAY, entry),
    }
}

/// The load balancer's own answer.
fn page(status: StatusCode, mut entry: Entry) -> Response<Body> {
    let text = format!(
        "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
    );
    entry.record.lb_status_code = status.as_u16().to_string();
    entry.sent.add(text.len());
    let mut response = Response::new(whole(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn outgoing(
    head: Head<'_>,
    listener: &Listener,
    request_id: Option<&(HeaderName, String)>,
    body: Body,
) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = head.method.clone();
    let target = match head.query {
        "" => head.path.to_owned(),
        query => format!("{}?{query}", head.path),
    };
    // Both parts came out of a URI.
    *request.uri_mut() = target.parse().unwrap_or_default();
    let mut fields = headers::forwarded(head, &listener.rules.request_headers);
    if !listener.rules.keeps_odd_headers {
        headers::remove_odd(&mut fields);
    }
    if let Some((name, id)) = request_id {
        insert(&mut fields, name.clone(), id);
    }
    if let Some(protocol) = headers::upgrade(head.headers) {
        headers::set_upgrade(&mut fields, protocol);
    }
    *request.headers_mut() = fields;
    request
}

/// The name that the client asked for: `:authority` of HTTP/2, else `Host`.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let header = || headers.get(header::HOST).and_then(|host| host.to_str().ok());
    uri.authority().map(|authority| authority.as_str()).or_else(header).unwrap_or_default()
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn note_backend(record: &mut Record, backend: &str) {
    match record.backend_addr.as_str() {
        "-" => backend.clone_into(&mut record.backend_addr),
        // The same backend again, over another connection.
        tried if tried.ends_with(backend) => {}
        _ => record.backend_addr.extend([", ", backend]),
    }
}

fn record(visit: &Visit, head: Head<'_>, version: http::Version) -> Record {
    let text = |name: HeaderName| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or("-").to_owned()
    };
    let protocol = if head.from.secure { "https" } else { "http" };
    let question = if head.query.is_empty() { "" } else { "?" };
    let tls = visit.tls.clone().unwrap_or_default();
    Record {
        timestamp: visit.live.cloud.clock.stamp(),
        client_addr: visit.peer.to_string(),
        forwarded_for_addr: text(HeaderName::from_static("x-forwarded-for")),
        host: head.host.to_owned(),
        backend_addr: "-".to_owned(),
        backend_connect_time: "-".to_owned(),
        backend_processing_time: "-".to_owned(),
        // What stays when the client leaves before the answer.
        lb_status_code: "499".to_owned(),
        backend_status_code: "-".to_owned(),
        request: format!(
            "{} {protocol}://{}{}{question}{} {version:?}",
            head.method, head.host, head.path, head.query
        ),
        user_agent: text(header::USER_AGENT),
        ssl_cipher: tls.cipher,
        ssl_protocol: tls.protocol,
        ..Record::default()
    }
}
