//! Problem documents (RFC 8555 section 6.7, RFC 7807).

use serde_json::{Value, json};

use super::answer::Answer;

/// The types that this authority uses, with their usual status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AccountDoesNotExist,
    AlreadyReplaced,
    AlreadyRevoked,
    BadCsr,
    BadNonce,
    BadPublicKey,
    BadRevocationReason,
    BadSignatureAlgorithm,
    Caa,
    Connection,
    Dns,
    InvalidContact,
    InvalidProfile,
    Malformed,
    OrderNotReady,
    RateLimited,
    RejectedIdentifier,
    ServerInternal,
    Unauthorized,
    UnsupportedContact,
    UnsupportedIdentifier,
    UserActionRequired,
    // Types below are `malformed` with a status of their own.
    Conflict,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    UnsupportedMediaType,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::AccountDoesNotExist => "accountDoesNotExist",
            Self::AlreadyReplaced => "alreadyReplaced",
            Self::AlreadyRevoked => "alreadyRevoked",
            Self::BadCsr => "badCSR",
            Self::BadNonce => "badNonce",
            Self::BadPublicKey => "badPublicKey",
            Self::BadRevocationReason => "badRevocationReason",
            Self::BadSignatureAlgorithm => "badSignatureAlgorithm",
            Self::Caa => "caa",
            Self::Connection => "connection",
            Self::Dns => "dns",
            Self::InvalidContact => "invalidContact",
            Self::InvalidProfile => "invalidProfile",
            Self::OrderNotReady => "orderNotReady",
            Self::RateLimited => "rateLimited",
            Self::RejectedIdentifier => "rejectedIdentifier",
            Self::ServerInternal => "serverInternal",
            Self::Unauthorized => "unauthorized",
            Self::UnsupportedContact => "unsupportedContact",
            Self::UnsupportedIdentifier => "unsupportedIdentifier",
            Self::UserActionRequired => "userActionRequired",
            Self::Malformed
            | Self::Conflict
            | Self::MethodNotAllowed
            | Self::NotFound
            | Self::TooLarge
            | Self::UnsupportedMediaType => "malformed",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Caa
            | Self::OrderNotReady
            | Self::RejectedIdentifier
            | Self::Unauthorized
            | Self::UserActionRequired => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyReplaced | Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited => 429,
            Self::ServerInternal => 500,
            _ => 400,
        }
    }
}

/// Why a request was not carried out, or a validation failed.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    kind: Kind,
    status: u16,
    detail: String,
    /// The names it concerns, when there are several in the request.
    subproblems: Vec<(String, Self)>,
    location: Option<String>,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: kind.status(),
            detail: detail.into(),
            subproblems: Vec::new(),
            location: None,
        }
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, detail)
    }

    /// A failure that a test planned; only its status was given.
    pub(super) fn planned(status: u16) -> Self {
        let kind = match status {
            400 => Kind::BadNonce,
            403 => Kind::Unauthorized,
            429 => Kind::RateLimited,
            _ => Kind::ServerInternal,
        };
        Self { status, ..Self::new(kind, "this failure was planned") }
    }

    /// Says where the resource is that stands in the way.
    pub(super) fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// Names the identifiers concerned (section 6.7.1).
    pub(super) fn about(mut self, subproblems: Vec<(String, Self)>) -> Self {
        self.subproblems = subproblems;
        self
    }

    /// The document, as it also stands in a challenge's `error`.
    pub(super) fn document(&self) -> Value {
        let mut document = json!({
            "type": format!("urn:ietf:params:acme:error:{}", self.kind.name()),
            "detail": self.detail,
            "status": self.status,
        });
        if self.kind == Kind::BadSignatureAlgorithm {
            document["algorithms"] = json!(super::jws::ALGORITHMS);
        }
        if !self.subproblems.is_empty() {
            let each = self.subproblems.iter().map(|(name, problem)| {
                let mut document = problem.document();
                document["identifier"] = json!({ "type": "dns", "value": name });
                document
            });
            document["subproblems"] = each.collect();
        }
        document
    }

    pub(super) fn answer(self, base: &str) -> Answer {
        // Gateways in front of Let's Encrypt answer in HTML when they are overloaded.
        let mut answer = if matches!(self.status, 502..=504) {
            Answer::of(self.status, "text/html", "<html><h1>Service busy</h1></html>".to_owned())
        } else {
            Answer::of(self.status, "application/problem+json", self.document().to_string())
        };
        if matches!(self.status, 429 | 503) {
            answer = answer.with("retry-after", "1");
        }
        if self.kind == Kind::UserActionRequired {
            answer = answer.with("link", format!("<{base}/terms>;rel=\"terms-of-service\""));
        }
        match self.location {
            Some(location) => answer.with("location", location),
            None => answer,
        }
    }
}
