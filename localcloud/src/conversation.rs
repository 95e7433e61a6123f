//! How this cloud speaks HTTP with strangers: bounded in time and size, and only of requests that mean one thing.
//!
//! What two parties on the way could read in two ways (RFC 9112 section 11.2) is refused here, or made unambiguous by
//! being written anew for the next party.

mod patient;
#[cfg(test)]
pub(crate) mod tests;

use std::pin::pin;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Request, Response, Uri, Version, request};
use hyper::body::{Body, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

pub(crate) use self::patient::Patient;
use crate::network::Stream;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Bytes of the head of a request. The largest buffer that a load balancer can be given is 64 KB.
const LONGEST_HEAD: u32 = 128 * 1024;

/// How one conversation is held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// Whether HTTP/2 was agreed on. It is never guessed from the first bytes: that would wait for them without limit.
    pub(crate) http2: bool,
    /// Time for the head of each request, which the client of a kept connection also has for its next one.
    pub(crate) head: Duration,
}

/// Serves a connection until it ends; once `closing` is over, nothing new is begun on it. A connection that breaks off
/// ends quietly: its client knows.
pub(crate) async fn converse<S, B>(
    stream: impl Stream + 'static,
    terms: Terms,
    service: S,
    closing: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Failure>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failure>,
{
    let stream = TokioIo::new(stream);
    if terms.http2 {
        let mut server = http2::Builder::new(TokioExecutor::new());
        server.timer(TokioTimer::new()).max_header_list_size(LONGEST_HEAD);
        let mut connection = pin!(server.serve_connection(stream, service));
        tokio::select! {
            _ended = connection.as_mut() => return,
            () = closing => connection.as_mut().graceful_shutdown(),
        }
        let _ended = connection.await;
    } else {
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(terms.head);
        server.max_buf_size(LONGEST_HEAD as usize);
        let mut connection = pin!(server.serve_connection(stream, service).with_upgrades());
        tokio::select! {
            _ended = connection.as_mut() => return,
            () = closing => connection.as_mut().graceful_shutdown(),
        }
        let _ended = connection.await;
    }
}

/// Why a request must not be passed on, if it must not.
pub(crate) fn objection(request: &request::Parts) -> Option<&'static str> {
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Some("more than one Host");
    }
    if host.is_none() && request.version == Version::HTTP_11 {
        return Some("no Host");
    }
    if !host.is_none_or(is_host) {
        return Some("a Host that is none");
    }
    if request.uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Some("a user in the target");
    }
    if request.uri.path().is_empty() || !is_chunked_at_most(&request.headers) {
        return Some("a target or a coding that cannot be passed on");
    }
    None
}

/// The name that the client asked for: `:authority` of HTTP/2, else `Host`.
pub(crate) fn host<'a>(uri: &'a Uri, host: Option<&'a HeaderValue>) -> &'a str {
    let header = || host.and_then(|host| host.to_str().ok());
    uri.authority().map(|authority| authority.as_str()).or_else(header).unwrap_or_default()
}

/// The protocol that a request or an answer switches to. `h2c` is none of them: what follows it would reach the next
/// party without being looked at.
pub(crate) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let asks = |value: &HeaderValue| tokens(value).any(|t| t.eq_ignore_ascii_case("upgrade"));
    let wanted = headers.get_all(header::CONNECTION).iter().any(asks);
    let http = |value: &HeaderValue| {
        tokens(value).any(|t| t.to_ascii_lowercase().starts_with("h2") || t.contains('/'))
    };
    headers.get(header::UPGRADE).filter(|value| wanted && !http(value)).cloned()
}

/// Names of headers that concern one connection only, by the message's own words.
pub(crate) fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let lines = headers.get_all(header::CONNECTION).iter();
    lines.flat_map(tokens).filter_map(|token| token.parse().ok()).collect()
}

fn tokens(value: &HeaderValue) -> impl Iterator<Item = &str> {
    value.to_str().unwrap_or_default().split(',').map(str::trim)
}

/// An empty one is allowed (RFC 9112 section 3.2).
fn is_host(value: &HeaderValue) -> bool {
    let named =
        |text: &str| text.is_empty() || (!text.contains('@') && text.parse::<Authority>().is_ok());
    value.to_str().is_ok_and(named)
}

/// Bodies are passed on by length or in chunks; other codings would be lost on the way.
fn is_chunked_at_most(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let first = codings.next().is_none_or(|c| c.as_bytes().eq_ignore_ascii_case(b"chunked"));
    first && codings.next().is_none()
}
