//! What went wrong with a request, as RFC 9457 problem details.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// An answer that is no success: `application/problem+json` with the HTTP status' own title.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// The query parameter at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// What that parameter may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip)]
    code: StatusCode,
}

impl Problem {
    pub(crate) fn new(code: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            r#type: "about:blank",
            title: code.canonical_reason().unwrap_or("Error"),
            status: code.as_u16(),
            detail: detail.into(),
            parameter: None,
            expected: None,
            code,
        }
    }

    /// A query parameter that cannot be used, and what could be.
    pub(crate) fn parameter(name: &str, expected: impl Into<String>) -> Self {
        let expected = expected.into();
        Self {
            parameter: Some(name.to_owned()),
            expected: Some(expected.clone()),
            ..Self::new(StatusCode::BAD_REQUEST, format!("{name} must be {expected}"))
        }
    }

    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "too many pictures are being drawn")
    }

    pub(crate) fn too_slow(deadline: Duration) -> Self {
        let detail = format!("no answer could be given within {} s", deadline.as_secs());
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// A fault of ours. What it was is nothing for a visitor.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.code, kind, body).into_response();
        if self.code == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// Answers a known path asked with another method; the `Allow` header is added by the router.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not answer that method")
}
