//! The one door to the network: whatever sends an HTTP request for this crate implements [`Transport`].
//! The crate brings no HTTP client of its own, so its user chooses one and a test can be one.

use std::{error::Error, fmt, pin::Pin};

use bytes::Bytes;

/// The answer to one request, still under way.
pub type Sending<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'a>>;

/// Sends signed requests exactly as they are: path, query and headers are covered by the signature.
///
/// An implementation sets the time limits of one attempt (5 s to connect and 30 s to read suit these
/// services), follows no redirects, does not retry, and stops reading at [`RESPONSE_LIMIT`] bytes.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends `request` once and reads the whole answer.
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_>;
}

/// The longest response body that is accepted, in bytes.
pub const RESPONSE_LIMIT: usize = 32 * 1024 * 1024;

/// No answer came back.
///
/// The two cases are told apart because a request that cannot have reached the server may always be
/// sent again, and one that may have been carried out may not.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The connection broke, or the time ran out, after the request may have reached the server.
    #[error("the answer was lost")]
    Lost(#[source] Box<dyn Error + Send + Sync>),
    /// The request cannot have reached the server: no address, no connection, no TLS.
    #[error("the server could not be reached")]
    Unsent(#[source] Box<dyn Error + Send + Sync>),
}

impl TransportError {
    /// The request may have been carried out, though `cause` kept the answer from arriving.
    pub fn lost(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Lost(cause.into())
    }

    /// The request was never sent, because of `cause`.
    pub fn unsent(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unsent(cause.into())
    }

    /// Whether the server may have seen, and carried out, the request.
    pub fn may_have_reached(&self) -> bool {
        matches!(self, Self::Lost(_))
    }
}
