//! Answers one request: routes it, prepares it for a backend, records it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Uri, uri};
use hyper::body::{Body as _, Incoming};
use tokio::task::JoinSet;

use crate::conversation;
use crate::dataplane::Live;
use crate::dataplane::access_log::Entry;
use crate::dataplane::body::{Body, Watched, whole};
use crate::dataplane::exchange::Exchange;
use crate::dataplane::headers;
use crate::dataplane::port::Agreed;
use crate::dataplane::router::{self, Decision, Head, Origin};
use crate::dataplane::table::{Listener, Table};
use crate::ids;

/// One client connection.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) live: Arc<Live>,
    /// The lane that it stays on.
    pub(crate) lane: usize,
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

/// Answers a request; failures become the vendor's statuses.
pub(crate) async fn answer(
    visit: Arc<Visit>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let table = visit.latest();
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, body) = request.into_parts();
    let from = Origin {
        source: visit.peer.ip(),
        vcn: visit.vcn.as_deref(),
        port: visit.port,
        secure: visit.tls.is_some(),
    };
    let head = Head {
        host: conversation::host(&parts.uri, parts.headers.get(header::HOST)),
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        from,
    };
    let mut entry = Entry::begin(visit.clone(), head, &parts.uri, parts.version);
    if conversation::objection(&parts).is_some() {
        return Ok(end(page(StatusCode::BAD_REQUEST, entry), parts.version));
    }
    let Some(listener) = table.ports.get(&visit.port).and_then(|p| router::listener(p, head.host))
    else {
        return Ok(page(StatusCode::NOT_FOUND, entry));
    };
    entry.listener.clone_from(&listener.name);
    let request_id = table.request_id.clone().map(|name| (name, ids::hex::<16>()));
    let mut response = match router::decide(listener, head) {
        Decision::Forward { backend_set } => match table.sets.get(backend_set) {
            Some(set) => {
                let exchange = Exchange { visit: &visit, listener, set, headers: head.headers };
                let body = match body.is_end_stream() {
                    true => whole(""),
                    false => Watched::boxed(body, entry.received.clone(), listener.idle, ()),
                };
                let request = outgoing((head, &parts.uri), listener, request_id.as_ref(), body);
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

/// Nothing that follows on this connection can be trusted.
fn end(mut response: Response<Body>, version: http::Version) -> Response<Body> {
    if version <= http::Version::HTTP_11 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
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
pub(crate) fn page(status: StatusCode, mut entry: Entry) -> Response<Body> {
    let text = format!(
        "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
    );
    entry.status = Some(status);
    entry.sent.add(text.len());
    let mut response = Response::new(whole(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn outgoing(
    (head, uri): (Head<'_>, &Uri),
    listener: &Listener,
    request_id: Option<&(HeaderName, String)>,
    body: Body,
) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = head.method.clone();
    let mut target = uri::Parts::default();
    target.path_and_query = uri.path_and_query().cloned();
    *request.uri_mut() = Uri::from_parts(target).unwrap_or_default();
    let mut fields = headers::forwarded(head, &listener.rules.request_headers);
    if !listener.rules.keeps_odd_headers {
        headers::remove_odd(&mut fields);
    }
    if let Some((name, id)) = request_id {
        insert(&mut fields, name.clone(), id);
    }
    if let Some(protocol) = conversation::upgrade(head.headers) {
        headers::set_upgrade(&mut fields, protocol);
    }
    *request.headers_mut() = fields;
    request
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
