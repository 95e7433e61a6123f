//! The engine's answer as one of HTTP: later, in pieces, or by breaking the connection.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Extensions, StatusCode};
use hyper::ext::ReasonPhrase;
use mock::Reply;
use mock::stub::delay::Dribble;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::problem::Problem;
use crate::serve::wire::Breaker;

/// Marks an answer that is a visitor's: nothing is added to it, and it is not compressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Foreign;

/// Headers that are the connection's own, whatever a stub says.
const OURS: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];
/// Headers by which a page could act on everything else of its origin.
const NOT_ON_THE_SITE: [&str; 7] = [
    "set-cookie",
    "set-cookie2",
    "clear-site-data",
    "strict-transport-security",
    "service-worker-allowed",
    "alt-svc",
    "content-security-policy",
];

/// Where a workspace answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At a host of its own: what it says harms nobody else.
    Host,
    /// At a path of the site: a browser must take it for an origin of its own and keep nothing of it.
    Path,
}

/// Sends a reply as it asks to be sent.
pub(super) async fn send(reply: Reply, place: Place, connection: &Extensions) -> Response {
    if reply.delay.before > 0 {
        tokio::time::sleep(Duration::from_millis(reply.delay.before)).await;
    }
    if let Some(fault) = reply.fault {
        let Some(breaker) = connection.get::<Breaker>() else {
            return Problem::internal().into_response();
        };
        breaker.set(fault);
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(body(reply.body, reply.delay.dribble));
    *response.status_mut() = status;
    let reason = reply.message.map(|words| ReasonPhrase::try_from(words.into_bytes()));
    if let Some(Ok(reason)) = reason {
        response.extensions_mut().insert(reason);
    }
    response.extensions_mut().insert(Foreign);
    for (name, value) in reply.headers {
        let name = HeaderName::try_from(name);
        let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) else { continue };
        let is_dropped = |list: &[&str]| list.contains(&name.as_str());
        if is_dropped(&OURS) || (place == Place::Path && is_dropped(&NOT_ON_THE_SITE)) {
            continue;
        }
        response.headers_mut().append(name, value);
    }
    if place == Place::Path {
        confine(&mut response);
    }
    response
}

/// A page from a path of the site gets an origin that is nobody's, and may run nothing (HTML, 7.6 sandboxing).
fn confine(response: &mut Response) {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn body(bytes: Vec<u8>, dribble: Option<Dribble>) -> Body {
    let Some(Dribble { pieces, over }) = dribble.filter(|dribble| dribble.pieces > 1) else {
        return Body::from(bytes);
    };
    let pieces = usize::try_from(pieces).unwrap_or(1).min(bytes.len().max(1));
    let length = bytes.len().div_ceil(pieces).max(1);
    let pause = Duration::from_millis(over) / u32::try_from(pieces).unwrap_or(1);
    let (sender, receiver) = mpsc::channel(1);
    let bytes = Bytes::from(bytes);
    tokio::spawn(async move {
        let mut rest = bytes;
        while !rest.is_empty() {
            tokio::time::sleep(pause).await;
            let piece = rest.split_to(length.min(rest.len()));
            // Who asked is gone.
            if sender.send(Ok::<_, Infallible>(piece)).await.is_err() {
                return;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}
