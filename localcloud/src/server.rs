//! HTTP in front of the services: sockets, TLS, size limits, the `Host` check and the journal.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::{Method, Request, Response, StatusCode, request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::cloud::Cloud;
use crate::conversation::{self, Patient, Terms};
use crate::journal::Entry;
use crate::loopback::is_local_host;
use crate::network::Stream;
use crate::services::Reply;

/// Control plane bodies are JSON; objects of object storage are small here.
const BODY_LIMIT: usize = 64 << 20;

/// Connections of one service at a time.
const MOST: usize = 1_000;
/// Time that a client has for its handshake and for the head of a request, and may take nothing of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What answers a request.
pub(crate) type Handler = Arc<
    dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Response<Bytes>> + Send>> + Send + Sync,
>;

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
fn refusal(request: &request::Parts) -> Option<(StatusCode, &'static str)> {
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

async fn answer(
    request: Request<Incoming>,
    handler: Handler,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    if let Some((status, text)) = refusal(&parts) {
        return Ok(plain(status, text).map(Full::new));
    }
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n").map(Full::new));
    };
    Ok(handler(Request::from_parts(parts, body.to_bytes())).await.map(Full::new))
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
    method: Method,
    path: String,
}

impl Call {
    pub(crate) fn of(service: &'static str, request: &Request<Bytes>) -> Self {
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
        Self { service, method: request.method().clone(), path }
    }

    /// Lets the call pass when its time comes, writes it and its outcome down, and gives the response on.
    pub(crate) async fn pass(
        self,
        cloud: &Cloud,
        work: impl Future<Output = Reply>,
    ) -> Response<Bytes> {
        let (method, path) = (self.method.clone(), self.path.clone());
        let shown = (self.service, &*path);
        let answer = cloud.gate.pass(&method, shown, async { self.record(cloud, work.await) });
        let held = || plain(StatusCode::SERVICE_UNAVAILABLE, "this call was held, then refused\n");
        answer.await.unwrap_or_else(held)
    }

    /// Writes the call and its outcome down, and gives the response on.
    pub(crate) fn record(self, cloud: &Cloud, reply: Reply) -> Response<Bytes> {
        cloud.journal.add(Entry {
            number: 0,
            time: cloud.clock.stamp(),
            service: self.service,
            operation: reply.operation,
            method: self.method.to_string(),
            path: self.path,
            status: reply.response.status().as_u16(),
            mutating: reply.mutating,
        });
        reply.response
    }
}

#[cfg(test)]
mod tests;
