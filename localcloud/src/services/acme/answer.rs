//! What a handler answers, before the headers that every answer carries.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

/// A status, a body, and the headers that are particular to it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Answer {
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json", body.to_string())
    }

    pub(super) fn text(body: &str) -> Self {
        Self::of(200, "text/plain; charset=utf-8", body.to_owned())
    }

    pub(super) fn of(status: u16, content_type: &str, body: String) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }.with("content-type", content_type)
    }

    /// Adds a header; one name may be added often.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn respond(self) -> Response<Bytes> {
        let mut response = Response::builder()
            .status(self.status)
            .header("cache-control", "public, max-age=0, no-cache, no-store");
        for (name, value) in self.headers {
            // Header injection ends here: a value with a line break is not a header value.
            if let Ok(value) = http::HeaderValue::try_from(value) {
                response = response.header(name, value);
            }
        }
        response.body(self.body).expect("status and names are constants of this service")
    }
}
