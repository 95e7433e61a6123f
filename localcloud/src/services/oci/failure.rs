//! The vendor's errors: a status, a code and a message (<https://docs.oracle.com/iaas/Content/API/References/apierrors.htm>).

use std::fmt::Display;

use http::StatusCode;

/// A call that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 400: a value that cannot be.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidParameter", message)
    }

    /// 400: a value that must be there.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MissingParameter", message)
    }

    /// 400: too many of something.
    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "LimitExceeded", message)
    }

    /// 401: the signature does not hold.
    pub(crate) fn not_authenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "NotAuthenticated", message)
    }

    /// 404: missing, or not for this caller; the vendor does not say which.
    pub(crate) fn not_found(what: impl Display) -> Self {
        let message = format!("Authorization failed or requested resource not found: {what}");
        Self::new(StatusCode::NOT_FOUND, "NotAuthorizedOrNotFound", message)
    }

    /// 409 that a retry does not cure.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", message)
    }

    /// 409 that a retry may cure.
    pub(crate) fn incorrect_state(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "IncorrectState", message)
    }

    /// 409: something still points at what was to be deleted.
    pub(crate) fn referenced(kind: &str, id: &str, other_kind: &str, other: &str) -> Self {
        Self::conflict(format!(
            "The {kind} {id} references the {other_kind} {other}. You must remove the reference to proceed with this operation."
        ))
    }

    /// 412: the object changed since the caller read it.
    pub(crate) fn no_etag_match() -> Self {
        let message = "If-Match header does not match the current etag of the resource.";
        Self::new(StatusCode::PRECONDITION_FAILED, "NoEtagMatch", message)
    }

    /// 501: the vendor has this operation, this cloud does not.
    pub(crate) fn not_implemented(operation: &str) -> Self {
        let message = format!("{operation} is not implemented by this cloud");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    /// 500: no host has room. The vendor has no code of its own for this; the text tells it from a fault.
    pub(crate) fn out_of_capacity() -> Self {
        let message = "Out of host capacity.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
    }

    /// A planned failure, in the vendor's words for its status.
    pub(crate) fn planned(status: u16) -> Self {
        let code = match status {
            400 => "InvalidParameter",
            401 => "NotAuthenticated",
            403 => "NotAuthorized",
            404 => "NotAuthorizedOrNotFound",
            409 => "IncorrectState",
            412 => "NoEtagMatch",
            429 => "TooManyRequests",
            503 => "ServiceUnavailable",
            _ => "InternalServerError",
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, code, "A planned fault of this cloud.")
    }
}
