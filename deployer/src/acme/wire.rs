//! How the protocol library reaches the authority: over the one HTTP client, with what it would lose kept.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use super::error::AcmeError;
use super::order::is;
use crate::http::HttpTransport;

/// Tries of one call on top of the library's three, when its nonces keep being refused.
const MORE_TRIES: usize = 2;
/// How much of a gateway's page is kept.
const KEPT: usize = 512;

/// The HTTP client as the library wants it.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    http: HttpTransport,
    /// `Retry-After` of the latest refusal, which the library drops.
    after: Arc<Mutex<Option<Duration>>>,
}

/// An answer that is no problem document: a gateway's page.
#[derive(Debug, thiserror::Error)]
#[error("answered {status}: {text:?}")]
pub(super) struct Gateway {
    pub(super) status: u16,
    text: String,
}

impl Wire {
    pub(super) fn new(http: HttpTransport) -> Self {
        Self { http, after: Arc::default() }
    }

    /// What a failure of the library means.
    pub(super) fn explain(&self, operation: &'static str, error: Error) -> AcmeError {
        let after = *self.after.lock().unwrap_or_else(PoisonError::into_inner);
        AcmeError::of(operation, error, after)
    }

    async fn exchange(self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (mut parts, body) = request.into_parts();
        // Ours is set by the client.
        parts.headers.remove(USER_AGENT);
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(never) => match never {},
        };
        let sent = self.http.send(Request::from_parts(parts, body)).await;
        let answer = sent.map_err(|e| Error::Other(Box::new(e)))?;
        if answer.status().is_client_error() || answer.status().is_server_error() {
            self.refused(&answer)?;
        }
        Ok(BytesResponse::from(answer.map(Full::new)))
    }

    fn refused(&self, answer: &Response<Bytes>) -> Result<(), Error> {
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let after = header(RETRY_AFTER).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        *self.after.lock().unwrap_or_else(PoisonError::into_inner) = after;
        if header(CONTENT_TYPE).is_some_and(|media| media.contains("json")) {
            return Ok(());
        }
        let kept = &answer.body()[..answer.body().len().min(KEPT)];
        let text = String::from_utf8_lossy(kept).into_owned();
        Err(Error::Other(Box::new(Gateway { status: answer.status().as_u16(), text })))
    }
}

impl HttpClient for Wire {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().exchange(request))
    }
}

/// Counts the tries of one call whose nonce is refused: it was not carried out then, and is made again.
#[derive(Debug)]
pub(super) struct Tries(usize);

impl Default for Tries {
    fn default() -> Self {
        Self(MORE_TRIES)
    }
}

impl Tries {
    /// Whether the call is to be made again.
    pub(super) fn again<T>(&mut self, outcome: &Result<T, Error>) -> bool {
        let refused = matches!(outcome, Err(Error::Api(problem)) if is(problem, "badNonce"));
        let again = refused && self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        again
    }
}
