//! What a front sends, and why.

use std::sync::Arc;

use crate::json::Json;
use crate::stub::Stub;
use crate::stub::delay::Delay;
use crate::stub::response::Fault;

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    /// The reason phrase, where it is not the usual one.
    pub message: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub delay: Delay,
    /// How the connection breaks, instead of all of the above.
    pub fault: Option<Fault>,
    pub stub: Option<Arc<Stub>>,
    /// Whether nothing answers such a request.
    pub unmatched: bool,
    /// Who answered, or why nobody did.
    pub why: String,
}

impl Reply {
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    #[must_use]
    pub fn json(status: u16, body: &Json) -> Self {
        Self::new(status).with_header("Content-Type", "application/json").with_body(body.pretty())
    }

    #[must_use]
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status)
            .with_header("Content-Type", "text/plain;charset=UTF-8")
            .with_body(body.into())
    }

    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}
