//! What can go wrong with a call, and what follows from it.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::http::HttpError;

/// What a caller branches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The token is bad, or lacks a permission.
    Denied,
    NotFound,
    /// Something else of that name or content is there.
    Conflict,
    RateLimited {
        after: Duration,
    },
    /// The service will not take it, however often it is asked.
    Invalid,
    /// Trouble on the way or at the edge; later may be better.
    Unavailable,
    Unexpected,
}

/// Why a call did not bring what it was made for.
#[derive(Debug, thiserror::Error)]
pub enum CloudflareError {
    #[error("the Cloudflare API token is not usable: {reason}")]
    Token { reason: &'static str },
    #[error("the Cloudflare API token is {status}")]
    TokenInactive { status: String },
    #[error("{operation}: Cloudflare {refusal}")]
    Refused { operation: &'static str, refusal: Box<Refusal> },
    #[error("{operation}")]
    Transport {
        operation: &'static str,
        #[source]
        source: HttpError,
    },
    #[error("{operation}: not a request")]
    Request {
        operation: &'static str,
        #[source]
        source: http::Error,
    },
    #[error("{operation}: an answer that cannot be read (cf-ray {ray})")]
    Unreadable {
        operation: &'static str,
        ray: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("{operation}: {got} of {total} came; the list changed while it was read")]
    Incomplete { operation: &'static str, got: usize, total: usize },
    #[error("no zone of {name} that this token can see; it needs Zone:Read on it")]
    ZoneAbsent { name: String },
    #[error("record {id} was asked for as {asked} and made as {made}")]
    Renamed { id: String, asked: String, made: String },
    #[error("Cloudflare's published ranges are not usable: {reason}")]
    Ranges { reason: String },
}

impl CloudflareError {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Token { .. } | Self::TokenInactive { .. } => Kind::Denied,
            Self::Refused { refusal, .. } => refusal.kind(),
            Self::Transport { .. } | Self::Incomplete { .. } => Kind::Unavailable,
            Self::ZoneAbsent { .. } => Kind::NotFound,
            Self::Request { .. } | Self::Renamed { .. } => Kind::Invalid,
            Self::Unreadable { .. } | Self::Ranges { .. } => Kind::Unexpected,
        }
    }

    /// Whether one of the vendor's codes is this one.
    pub fn has_code(&self, code: u32) -> bool {
        matches!(self, Self::Refused { refusal, .. } if refusal.codes().any(|each| each == code))
    }
}

/// One error of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Issue {
    pub code: u32,
    #[serde(default)]
    pub message: String,
    /// The causes; 1004 says nothing without them.
    #[serde(default)]
    pub error_chain: Vec<Self>,
}

/// An answer that says it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub issues: Vec<Issue>,
    /// The first 512 bytes, when the answer was not the API's own: a gateway's page.
    pub text: String,
    /// What Cloudflare's support asks for; empty when there was none.
    pub ray: String,
    /// When to come back, if the answer says so.
    pub after: Option<Duration>,
}

/// How long all calls stay blocked when an answer does not say it.
const BLOCKED: Duration = Duration::from_secs(300);

impl Refusal {
    /// Every code, causes included.
    pub fn codes(&self) -> impl Iterator<Item = u32> {
        let causes = self.issues.iter().flat_map(|issue| &issue.error_chain);
        self.issues.iter().chain(causes).map(|issue| issue.code)
    }

    pub fn kind(&self) -> Kind {
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            return Kind::RateLimited { after: self.after.unwrap_or(BLOCKED) };
        }
        self.codes().find_map(|code| self.kind_of(code)).unwrap_or_else(|| {
            match self.status.as_u16() {
                401 | 403 => Kind::Denied,
                404 => Kind::NotFound,
                409 => Kind::Conflict,
                400 | 405 | 413 | 415 | 422 => Kind::Invalid,
                500..=599 => Kind::Unavailable,
                _ => Kind::Unexpected,
            }
        })
    }

    fn kind_of(&self, code: u32) -> Option<Kind> {
        Some(match code {
            971 => Kind::RateLimited { after: self.after.unwrap_or(BLOCKED) },
            1000 | 6003 | 6103 | 6111 | 9103 | 9109 | 10000 => Kind::Denied,
            1001 | 1002 | 1032 | 7000 | 7003 | 81044 => Kind::NotFound,
            81053 | 81054 | 81056..=81058 => Kind::Conflict,
            1004 | 9000..=9102 | 9104..=9108 | 9110..=9999 | 81045 => Kind::Invalid,
            _ => return None,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {}", self.status)?;
        for issue in &self.issues {
            write!(f, ": {} ({})", issue.message, issue.code)?;
            for cause in &issue.error_chain {
                write!(f, ": {} ({})", cause.message, cause.code)?;
            }
        }
        if !self.text.is_empty() {
            write!(f, ": {:?}", self.text)?;
        }
        if !self.ray.is_empty() {
            write!(f, " (cf-ray {})", self.ray)?;
        }
        Ok(())
    }
}
