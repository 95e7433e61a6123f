//! HTTP in front of the services: sockets, TLS, size limits, the `Host` check and the journal.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::cloud::Cloud;
use crate::journal::Entry;
use crate::loopback::is_local_host;
use crate::network::Stream;
use crate::services::Reply;

/// Control plane bodies are JSON; objects of object storage are small here.
const BODY_LIMIT: usize = 64 << 20;

/// What answers a request.
pub(crate) type Handler = Arc<
    dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Response<Bytes>> + Send>> + Send + Sync,
>;

/// Serves connections until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, handler: Handler) {
    loop {
        // An accept that fails (too many open files) concerns that one connection.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let (tls, handler) = (tls.clone(), Arc::clone(&handler));
        tokio::spawn(async move {
            let Ok(stream) = encrypted(stream, tls).await else { return };
            let service = service_fn(|request| answer(request, Arc::clone(&handler)));
            // A connection that breaks off is the client's business.
            let _ended = auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn encrypted(
    stream: tokio::net::TcpStream,
    tls: Option<TlsAcceptor>,
) -> io::Result<Box<dyn Stream>> {
    stream.set_nodelay(true)?;
    Ok(match tls {
        Some(tls) => Box::new(tls.accept(stream).await?),
        None => Box::new(stream),
    })
}

async fn answer(
    request: Request<Incoming>,
    handler: Handler,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    let host = parts
        .headers
        .get(HOST)
        .and_then(|h| h.to_str().ok())
        .or(parts.uri.authority().map(|a| a.as_str()));
    if !host.is_some_and(is_local_host) {
        return Ok(plain(
            StatusCode::MISDIRECTED_REQUEST,
            "this address answers to loopback names only\n",
        )
        .map(Full::new));
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
