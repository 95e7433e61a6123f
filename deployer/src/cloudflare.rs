//! The part of Cloudflare's API v4 that a deployment needs: zones, DNS records, zone settings, edge ranges.
//!
//! Typed calls over the one HTTP client. Error codes keep their full width, causes are kept, and only
//! [`Kind`] is branched on.

mod envelope;
pub mod error;
pub mod ips;
pub mod record;
mod retry;
mod token;
pub mod zone;

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::envelope::{Envelope, Page};
pub use self::error::{CloudflareError, Issue, Kind, Refusal};
pub use self::ips::Ranges;
pub use self::record::{Batch, BatchResult, Filter, NewRecord, Record, RecordPatch};
pub use self::retry::Patience;
pub use self::zone::{Setting, Zone};
use crate::http::HttpTransport;
use crate::secret::Secret;

/// Where the API is.
pub const BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// A client that acts with one API token.
#[derive(Debug, Clone)]
pub struct Cloudflare {
    http: HttpTransport,
    base_url: String,
    token: Secret,
    patience: Patience,
}

/// One call of the API.
#[derive(Debug)]
struct Call {
    /// What the call is for, in the words of an error message.
    operation: &'static str,
    method: Method,
    /// Below the base URL, with its query.
    path: String,
    body: Option<Bytes>,
}

impl Call {
    fn new(operation: &'static str, method: Method, path: String) -> Self {
        Self { operation, method, path, body: None }
    }

    fn with(mut self, body: &impl Serialize) -> Self {
        let text =
            serde_json::to_vec(body).expect("the bodies of this client are maps with text keys");
        self.body = Some(text.into());
        self
    }
}

impl Cloudflare {
    /// A client for the API at `base_url` ([`BASE_URL`] but in tests).
    ///
    /// # Errors
    /// When the token cannot be one: empty, or with blanks inside.
    pub fn new(
        http: HttpTransport,
        base_url: &str,
        token: &Secret,
    ) -> Result<Self, CloudflareError> {
        Ok(Self {
            http,
            base_url: base_url.trim_end_matches('/').to_owned(),
            token: token::checked(token)?,
            patience: Patience::default(),
        })
    }

    /// Waits differently between tries.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Carries a call out and reads its result; see [`retry`] for what is tried again.
    async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, CloudflareError> {
        Ok(self.page(call).await?.result)
    }

    /// As [`Self::call`], with what the answer says about pages.
    async fn page<T: DeserializeOwned>(&self, call: Call) -> Result<Page<T>, CloudflareError> {
        let answer = retry::send(&self.patience, &call, || self.send(&call)).await?;
        Envelope::read(call.operation, &answer)
    }

    /// One exchange; an answer that says it failed is an error.
    async fn send(&self, call: &Call) -> Result<http::Response<Bytes>, CloudflareError> {
        let request = http::Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{}", self.base_url, call.path))
            .header("authorization", self.authorization())
            .header("accept", "application/json");
        let request = match &call.body {
            Some(body) => request.header("content-type", "application/json").body(body.clone()),
            None => request.body(Bytes::new()),
        };
        let request = request
            .map_err(|source| CloudflareError::Request { operation: call.operation, source })?;
        let answer = self
            .http
            .send(request)
            .await
            .map_err(|source| CloudflareError::Transport { operation: call.operation, source })?;
        Envelope::check(call.operation, answer)
    }

    fn authorization(&self) -> http::HeaderValue {
        let mut value = http::HeaderValue::try_from(format!("Bearer {}", self.token.expose()))
            .expect("the token was checked to be visible ASCII");
        value.set_sensitive(true);
        value
    }
}

/// A value of a query, or a segment of a path.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit)]);
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
        out
    })
}

#[cfg(test)]
mod tests;
