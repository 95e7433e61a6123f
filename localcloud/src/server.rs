//! HTTP in front of the services: sockets, TLS, size limits, the `Host` check and the journal.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;

use crate::cloud::Cloud;
use crate::conversation::{self, Patient, Terms};
use crate::faults::trouble::{self, Dropped};
use crate::journal::{self, Entry};
use crate::loopback::is_local_host;
use crate::network::Stream;
use crate::services::{self, Reply};

/// Control plane bodies are JSON; objects of object storage are small here.
const BODY_LIMIT: usize = 64 << 20;

/// Connections of one service at a time.
const MOST: usize = 1_000;
/// Time that a client has for its handshake and for the head of a request, and may take nothing of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What comes of a request: an answer, or a connection that breaks.
pub(crate) type Outcome = Result<Response<trouble::Answer>, Dropped>;

/// What answers a request.
pub(crate) type Handler =
    Arc<dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// Serves connections until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, handler: Handler) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        // Nobody closes the semaphore.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: others may give some back.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (tls, handler) = (tls.clone(), Arc::clone(&handler));
        tokio::spawn(async move {
            let _until_it_ends = place;
            let encrypted = timeout(PATIENCE, encrypted(stream, tls)).await;
            let Ok(Ok((stream, http2))) = encrypted else { return };
            let service = service_fn(move |request| answer(request, Arc::clone(&handler)));
            let stream = Patient::new(stream, PATIENCE, None);
            let terms = Terms { http2, head: PATIENCE };
            conversation::converse(stream, terms, service, std::future::pending()).await;
        });
    }
}

/// The stream that HTTP is spoken on, and whether HTTP/2 was agreed on.
async fn encrypted(
    stream: tokio::net::TcpStream,
    tls: Option<TlsAcceptor>,
) -> io::Result<(Box<dyn Stream>, bool)> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok((Box::new(stream), false)) };
    let stream = tls.accept(stream).await?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok((Box::new(stream), http2))
}

/// Why a request is not answered: it is not meant for this machine, or a web page sent it.
fn refusal(request: &Parts) -> Option<(StatusCode, &'static str)> {
    if conversation::objection(request).is_some() {
        return Some((StatusCode::BAD_REQUEST, "the request can be read in more than one way\n"));
    }
    let headers = &request.headers;
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let hosts = [request.uri.authority().map(|authority| authority.as_str()), header];
    let local = hosts.iter().flatten().all(|host| is_local_host(host));
    if !local || hosts.iter().flatten().next().is_none() {
        let text = "this address answers to loopback names only\n";
        return Some((StatusCode::MISDIRECTED_REQUEST, text));
    }
    let text = |name| {
        headers.get(name).map(|value: &http::HeaderValue| value.to_str().unwrap_or_default())
    };
    let page = text(ORIGIN.as_str()).is_some_and(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        !host.is_some_and(is_local_host)
    });
    if page || text("sec-fetch-site") == Some("cross-site") {
        return Some((StatusCode::FORBIDDEN, "web pages of others are not answered\n"));
    }
    None
}

async fn answer(request: Request<Incoming>, handler: Handler) -> Outcome {
    let (parts, body) = request.into_parts();
    if let Some((status, text)) = refusal(&parts) {
        return Ok(plain(status, text).map(trouble::whole));
    }
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let refusal = plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n");
        return Ok(refusal.map(trouble::whole));
    };
    handler(Request::from_parts(parts, body.to_bytes())).await
}

/// An answer in plain text.
pub(crate) fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response
}

/// What of a request the journal keeps.
pub(crate) struct Call {
    service: &'static str,
    operation: String,
    method: Method,
    path: String,
    actor: String,
    begun: Instant,
}

impl Call {
    /// `body` may be empty where a call's head says who makes it.
    pub(crate) fn of(
        service: &'static str,
        operation: impl Into<String>,
        head: &Parts,
        body: &[u8],
    ) -> Self {
        let path = head.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let actor = journal::actor(&head.headers, body);
        let (operation, method) = (operation.into(), head.method.clone());
        // Faults are planned for names of that list. Those of OCI are on it because both come from the contract.
        debug_assert!(
            service == "oci"
                || operation.is_empty()
                || services::operations(service).contains(&operation),
            "{service} {operation}"
        );
        Self { service, operation, method, path, actor, begun: Instant::now() }
    }

    /// Lets the call pass when its time comes, writes it and its outcome down, and gives the response on, both with
    /// the trouble that is planned for it.
    pub(crate) async fn pass(self, cloud: &Cloud, work: impl Future<Output = Done>) -> Outcome {
        let trouble = cloud.faults.trouble(self.service, &self.operation);
        if let Err(dropped) = trouble.there().await {
            self.note(cloud, trouble.name(), 0, !self.method.is_safe());
            return Err(dropped);
        }
        let carry_out = async {
            let Done { mutating, response } = work.await;
            self.note(cloud, trouble.name(), response.status().as_u16(), mutating);
            response
        };
        let answer = cloud.gate.pass(&self.method, (self.service, &self.path), carry_out).await;
        let held = || {
            let text = "this call was held, then refused\n";
            plain(StatusCode::SERVICE_UNAVAILABLE, text).map(trouble::whole)
        };
        trouble.back(answer.unwrap_or_else(held)).await
    }

    /// Writes a call down that nothing can happen to on its way.
    pub(crate) fn record(mut self, cloud: &Cloud, reply: Reply) -> Response<Bytes> {
        self.operation = reply.operation;
        self.note(cloud, trouble::ANSWERED, reply.response.status().as_u16(), reply.mutating);
        reply.response
    }

    fn note(&self, cloud: &Cloud, outcome: &'static str, status: u16, mutating: bool) {
        cloud.journal.add(Entry {
            number: 0,
            time: cloud.clock.stamp(),
            service: self.service,
            operation: self.operation.clone(),
            method: self.method.to_string(),
            path: self.path.clone(),
            status,
            mutating,
            actor: self.actor.clone(),
            outcome,
            micros: u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        });
    }
}

/// What a service made of a call.
pub(crate) struct Done {
    /// Whether the call asked for a change, whatever came of it.
    pub(crate) mutating: bool,
    pub(crate) response: Response<trouble::Answer>,
}

impl From<Reply> for Done {
    fn from(reply: Reply) -> Self {
        Self { mutating: reply.mutating, response: reply.response.map(trouble::whole) }
    }
}

#[cfg(test)]
mod tests;
