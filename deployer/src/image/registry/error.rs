//! What a registry, or the way to it, did wrong, in words for the person who has to mend it.

use std::{error::Error, fmt, time::Duration};

use super::super::digest::Digest;

/// A step at a registry that failed.
#[derive(Debug, thiserror::Error)]
#[error("{repository}: cannot {step}: {failure}")]
pub struct RegistryError {
    /// Host (and port) and path: `lhr.ocir.io/namespace/name`.
    pub repository: String,
    /// What was tried, as a verb phrase.
    pub step: &'static str,
    /// What came of it.
    pub failure: Failure,
}

/// How a step failed.
#[derive(Debug)]
pub enum Failure {
    /// The address is not one that credentials may be sent to, or not an address.
    Address(String),
    /// The registry asks for a login that cannot be given safely, or in an unknown way.
    Challenge(String),
    /// The tag shows another digest than the one pushed.
    Mismatch { pushed: Digest, found: Option<Digest> },
    /// No answer, or half of one.
    Lost(String),
    /// The upload session is no longer good; another one may be.
    Session(String),
    /// An answer that means no.
    Status { status: u16, message: String, hint: Option<String>, retry_after: Option<Duration> },
}

impl Failure {
    /// Flattens the chain; URLs are left out, as those of uploads carry the session's secret.
    pub(super) fn lost(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Self::Lost(text)
    }

    /// May the same step, which changes nothing or nothing twice, succeed in a moment?
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            Self::Address(_) | Self::Challenge(_) | Self::Mismatch { .. } | Self::Session(_) => {
                false
            }
        }
    }

    /// How long the registry asked to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        if let Self::Status { retry_after, .. } = self { *retry_after } else { None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(text) | Self::Challenge(text) | Self::Session(text) => {
                formatter.write_str(text)
            }
            Self::Lost(text) => write!(formatter, "no answer ({text})"),
            Self::Mismatch { pushed, found: Some(found) } => {
                write!(formatter, "pushed {pushed}, but the tag shows {found}")
            }
            Self::Mismatch { pushed, found: None } => {
                write!(formatter, "pushed {pushed}, but the tag is not there")
            }
            Self::Status { status, message, hint, .. } => {
                write!(formatter, "status {status}")?;
                if !message.is_empty() {
                    write!(formatter, ", {message}")?;
                }
                hint.iter().try_for_each(|hint| write!(formatter, "\nhint: {hint}"))
            }
        }
    }
}
