//! Refusals in the registry's words: `{"errors":[{"code","message","detail"}]}` (distribution spec, Error Codes).

use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};

use super::Body;
use super::digest::Digest;

/// Why a call was not carried out.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    headers: Vec<(HeaderName, String)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
    }

    pub(super) fn with(mut self, header: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    /// OCIR's answer to wrong or missing credentials.
    pub(super) fn anonymous() -> Self {
        let message = "Anonymous users are only allowed read access on public repos";
        Self::new(StatusCode::FORBIDDEN, "DENIED", message)
    }

    pub(super) fn absent(name: &str) -> Self {
        let message = format!("repository {name} not found");
        Self::new(StatusCode::NOT_FOUND, "NAME_UNKNOWN", message)
    }

    /// A push to a repository that neither exists nor may be created by pushing.
    pub(super) fn absent_for_push(name: &str) -> Self {
        let message =
            format!("repository {name} not found, or you are not authorized to create it");
        Self::new(StatusCode::FORBIDDEN, "NAME_UNKNOWN", message)
    }

    pub(super) fn unknown_blob(digest: &Digest) -> Self {
        let message = format!("blob {digest} unknown to registry");
        Self::new(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", message)
    }

    pub(super) fn unknown_manifest(reference: &str) -> Self {
        let message = format!("manifest {reference} unknown");
        Self::new(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", message)
    }

    pub(super) fn unknown_upload(id: &str) -> Self {
        let message = format!("upload {id} unknown to registry");
        Self::new(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", message)
    }

    pub(super) fn bad_digest(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", message)
    }

    pub(super) fn bad_manifest(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MANIFEST_INVALID", message)
    }

    pub(super) fn unsupported() -> Self {
        let message = "the operation is unsupported";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", message)
    }

    pub(super) fn internal(what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", format!("unknown error: {what}"))
    }

    /// A planned fault.
    pub(super) fn planned(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match status.as_u16() {
            401 => "UNAUTHORIZED",
            403 => "DENIED",
            404 => "NAME_UNKNOWN",
            429 => "TOOMANYREQUESTS",
            503 => "UNAVAILABLE",
            _ => "UNKNOWN",
        };
        let message = status.canonical_reason().unwrap_or("unknown error");
        Self::new(status, code, message.to_lowercase())
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let error = serde_json::json!({ "code": self.code, "message": self.message, "detail": {} });
        let text = serde_json::json!({ "errors": [error] }).to_string();
        let body = Full::from(text).map_err(|never| match never {}).boxed();
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("docker-distribution-api-version", HeaderValue::from_static("registry/2.0"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error.kind())
    }
}
