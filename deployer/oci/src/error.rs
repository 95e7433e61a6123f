//! What a failed call tells: a kind to branch on, and everything that a person needs to look into it.

use std::{borrow::Cow, fmt, time::Duration};

use http::StatusCode;
use serde::Deserialize;

use crate::{signature::SignatureError, transport::TransportError};

/// The outcome of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// A call that failed.
#[derive(Debug)]
pub struct Error {
    operation: Cow<'static, str>,
    failure: Box<Failure>,
}

/// What code branches on; the rest of an [`Error`] is for telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 409 that stays: the name is taken, or something still uses the resource.
    Conflict,
    /// 403: the caller may not do this.
    Denied,
    /// 412: the resource changed since its etag was read.
    EtagMismatch,
    /// 409 `IncorrectState` or `LockConflict`: the resource is busy; later it will not be.
    IncorrectState,
    /// 400 and the like: the request is wrong and will stay so.
    Invalid,
    /// 409: the retry token belongs to something that has changed or is gone.
    InvalidatedRetryToken,
    /// 400 `LimitExceeded` or `QuotaExceeded`: a service limit of the tenancy is used up.
    LimitExceeded,
    /// 401: the signature, the key, the session or the clock is wrong.
    NotAuthenticated,
    /// 404: there is no such thing, *or* the caller may not see it. The service does not say which.
    NotFound,
    /// The service has no machine left of this shape in this place.
    OutOfCapacity,
    /// 429.
    RateLimited,
    /// What was waited for did not happen in the time allowed.
    TimedOut,
    /// An answer that this crate cannot make sense of.
    Unexpected,
    /// No answer.
    Unreachable,
    /// 5xx.
    Unavailable,
    /// The service accepted the request and failed to carry it out.
    WorkRequestFailed,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The service answered, with an error.
    #[error(transparent)]
    Answer(#[from] Answer),
    /// The request could not be built.
    #[error("the request cannot be built: {0}")]
    Request(String),
    /// The request could not be signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// What was waited for did not happen.
    #[error("not finished after {} s; it was {state}", .after.as_secs())]
    TimedOut {
        /// How long was waited.
        after: Duration,
        /// What was seen last.
        state: String,
    },
    /// No answer.
    #[error("{error}{}", cause(error))]
    Transport {
        /// What the transport said.
        error: TransportError,
    },
    /// The answer makes no sense.
    #[error("the answer cannot be understood: {reason}{}", request_id_note(request_id.as_deref()))]
    Unexpected {
        /// What is wrong with it.
        reason: String,
        /// `opc-request-id` of the answer.
        request_id: Option<String>,
    },
    /// The service accepted the request and failed to carry it out.
    #[error("work request {id} ended as {state}: {}", list(messages))]
    WorkRequest {
        /// The work request.
        id: String,
        /// Its final state, as the vendor writes it.
        state: String,
        /// What the vendor says about it, in its own words.
        messages: Vec<String>,
    },
}

/// An error answer of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The vendor's word for it, such as `NotAuthorizedOrNotFound`; empty when the body has none.
    pub code: String,
    /// The vendor's explanation.
    pub message: String,
    /// `opc-request-id`, by which the vendor's support finds the call.
    pub request_id: Option<String>,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
    /// On a 401: which credential was used. It names, and does not contain, the secret.
    pub credential: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// The most of a body that is no error document, in characters, that is worth showing.
const EXCERPT: usize = 300;

impl Answer {
    /// Reads the `code` and `message` of an error body; any other body becomes the message.
    pub(crate) fn new(status: StatusCode, body: &[u8]) -> Self {
        let body = serde_json::from_slice(body).unwrap_or_else(|_| ErrorBody {
            code: String::new(),
            message: String::from_utf8_lossy(body).chars().take(EXCERPT).collect(),
        });
        let ErrorBody { code, message } = body;
        Self { status, code, message, request_id: None, retry_after: None, credential: None }
    }

    fn kind(&self) -> Kind {
        if is_out_of_capacity(&self.message) {
            return Kind::OutOfCapacity;
        }
        match (self.status.as_u16(), self.code.as_str()) {
            (_, "LimitExceeded" | "QuotaExceeded") => Kind::LimitExceeded,
            (401, _) => Kind::NotAuthenticated,
            (402 | 403, _) => Kind::Denied,
            (404, "InvalidParameter") => Kind::Invalid,
            (404, _) => Kind::NotFound,
            (409, "IncorrectState" | "LockConflict") => Kind::IncorrectState,
            (409, "InvalidatedRetryToken") => Kind::InvalidatedRetryToken,
            (409, _) => Kind::Conflict,
            (412, _) => Kind::EtagMismatch,
            (429, _) => Kind::RateLimited,
            (400..=499, _) => Kind::Invalid,
            (501, _) => Kind::Unexpected,
            (500..=599, _) => Kind::Unavailable,
            _ => Kind::Unexpected,
        }
    }
}

impl std::error::Error for Answer {}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, code, message, request_id, retry_after, credential } = self;
        let code = Printable(if code.is_empty() { "no code" } else { code });
        write!(formatter, "{} {code}: {}", status.as_u16(), Printable(message))?;
        if let Some(after) = retry_after {
            write!(formatter, " (retry after {} s)", after.as_secs())?;
        }
        if let Some(credential) = credential {
            write!(formatter, "; signed as {}", Printable(credential))?;
        }
        formatter.write_str(&request_id_note(request_id.as_deref()))
    }
}

impl Error {
    pub(crate) fn new(
        operation: impl Into<Cow<'static, str>>,
        failure: impl Into<Failure>,
    ) -> Self {
        Self { operation: operation.into(), failure: Box::new(failure.into()) }
    }

    /// What to branch on.
    pub fn kind(&self) -> Kind {
        match &*self.failure {
            Failure::Answer(answer) => answer.kind(),
            Failure::Request(_) | Failure::Signature(_) => Kind::Invalid,
            Failure::TimedOut { .. } => Kind::TimedOut,
            Failure::Transport { .. } => Kind::Unreachable,
            Failure::Unexpected { .. } => Kind::Unexpected,
            Failure::WorkRequest { messages, .. } => {
                let full = messages.iter().any(|message| is_out_of_capacity(message));
                if full { Kind::OutOfCapacity } else { Kind::WorkRequestFailed }
            }
        }
    }

    /// The vendor's name of the operation, such as `CreateListener`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Why it failed.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.answer().map(|answer| answer.status)
    }

    /// The vendor's error code, if there was an answer with one.
    pub fn code(&self) -> Option<&str> {
        self.answer().map(|answer| answer.code.as_str()).filter(|code| !code.is_empty())
    }

    /// `opc-request-id` of the answer, if there was one.
    pub fn request_id(&self) -> Option<&str> {
        match &*self.failure {
            Failure::Answer(answer) => answer.request_id.as_deref(),
            Failure::Unexpected { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// How long the service asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.answer().and_then(|answer| answer.retry_after)
    }

    /// Whether the request may have been carried out although the call failed.
    pub fn may_have_happened(&self) -> bool {
        match &*self.failure {
            Failure::Answer(answer) => answer.status.is_server_error(),
            Failure::Request(_) | Failure::Signature(_) => false,
            Failure::Transport { error } => error.may_have_reached(),
            Failure::TimedOut { .. } | Failure::Unexpected { .. } | Failure::WorkRequest { .. } => {
                true
            }
        }
    }

    /// What a person can do about it, where this crate knows.
    pub fn hint(&self) -> Option<&'static str> {
        match self.kind() {
            Kind::Denied => Some("a policy must allow this user the operation in this compartment"),
            Kind::LimitExceeded => {
                Some("ask for a higher service limit in the console, or free what is unused")
            }
            Kind::NotAuthenticated => Some(
                "check that key_file holds the key whose fingerprint the console lists for this \
                 user and tenancy, that the session has not expired, and the clock of this machine",
            ),
            Kind::NotFound => {
                Some("the service answers the same for what is absent and what a policy hides")
            }
            Kind::OutOfCapacity => Some("try another fault domain, availability domain or shape"),
            _ => None,
        }
    }

    fn answer(&self) -> Option<&Answer> {
        match &*self.failure {
            Failure::Answer(answer) => Some(answer),
            _ => None,
        }
    }
}

/// `Display` tells the whole chain, so there is no `source`.
impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.operation, self.failure)
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        Self::Transport { error }
    }
}

/// Text from outside, with control characters escaped so that it cannot drive a terminal.
struct Printable<'a>(&'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(formatter, "{}", character.escape_default())?;
            } else {
                write!(formatter, "{character}")?;
            }
        }
        Ok(())
    }
}

/// Compute says it with status 500 `InternalError`, so that only the text tells it from a fault.
fn is_out_of_capacity(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("out of host capacity") || message.contains("out of capacity")
}

fn request_id_note(request_id: Option<&str>) -> String {
    request_id.map_or_else(String::new, |id| format!(" (opc-request-id {})", Printable(id)))
}

fn cause(error: &TransportError) -> String {
    let mut text = String::new();
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        text = format!("{text}: {}", Printable(&error.to_string()));
        next = error.source();
    }
    text
}

fn list(messages: &[String]) -> String {
    let messages: Vec<String> = messages.iter().map(|text| Printable(text).to_string()).collect();
    if messages.is_empty() { "no reason given".to_owned() } else { messages.join("; ") }
}

#[cfg(test)]
mod tests;
