//! Why there is no certificate, and what to do about it (the problem types of RFC 8555 section 6.7).

use std::fmt;
use std::time::Duration;

use instant_acme::{Error, Problem};

use super::chain::ChainError;
use super::dns01::PublishError;
use super::wire::Gateway;
use crate::dns::DnsError;
use crate::http::HttpError;

/// Why an authority's account, order or certificate could not be had.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    #[error("the stored account is not readable")]
    Credentials(#[source] serde_json::Error),
    #[error("the stored account is for {stored}, not for {wanted}")]
    OtherDirectory { stored: String, wanted: String },
    #[error("{operation}: too many requests: {detail}")]
    RateLimited {
        operation: &'static str,
        detail: String,
        /// When to come back, if the authority says so.
        after: Option<Duration>,
    },
    #[error("{operation}: the account is unknown: {detail}")]
    AccountUnknown { operation: &'static str, detail: String },
    #[error("{operation}: a person must act: {detail}")]
    UserActionRequired { operation: &'static str, detail: String },
    #[error("{operation}: {kind}: {detail}")]
    Refused {
        operation: &'static str,
        /// Last word of the problem's type, for example `badCSR`.
        kind: String,
        detail: String,
    },
    #[error("{operation}: the authority is not available: {detail}")]
    Unavailable { operation: &'static str, detail: String, after: Option<Duration> },
    #[error("{operation}")]
    Transport {
        operation: &'static str,
        #[source]
        source: HttpError,
    },
    #[error("{operation}: an answer that is not ACME")]
    Protocol {
        operation: &'static str,
        #[source]
        source: Error,
    },
    #[error("{name} cannot be proven by DNS: the authority offers no dns-01 for it")]
    NoDns01 { name: String },
    #[error("the proof at {name} was not published")]
    Publish {
        name: String,
        #[source]
        source: PublishError,
    },
    #[error("the proof is not visible")]
    Propagation(#[source] DnsError),
    #[error("the authority did not accept the proof: {}", list(failures))]
    Validation { failures: Vec<Failure> },
    #[error("{what} after {within:?}")]
    Deadline { what: &'static str, within: Duration },
    #[error("the certificate's key is not usable")]
    Key(#[source] rcgen::Error),
    #[error("the certificate request cannot be made")]
    SigningRequest(#[source] rcgen::Error),
    #[error("the certificate is not what was ordered")]
    Chain(#[source] ChainError),
}

/// Why one name was not proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub name: String,
    /// Last word of the problem's type, for example `caa`.
    pub kind: String,
    pub detail: String,
}

impl Failure {
    pub(super) fn new(name: &str, problem: &Problem) -> Self {
        Self { name: name.to_owned(), kind: kind(problem), detail: detail(problem) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.name, self.detail, self.kind)
    }
}

impl AcmeError {
    /// What a failure of the protocol library means.
    pub(super) fn of(operation: &'static str, error: Error, after: Option<Duration>) -> Self {
        match error {
            Error::Api(problem) => Self::of_problem(operation, &problem, after),
            Error::Other(source) => match source.downcast::<HttpError>() {
                Ok(source) => Self::Transport { operation, source: *source },
                Err(source) => match source.downcast::<Gateway>() {
                    Ok(page) => Self::Unavailable { operation, detail: page.to_string(), after },
                    Err(source) => Self::Protocol { operation, source: Error::Other(source) },
                },
            },
            source => Self::Protocol { operation, source },
        }
    }

    fn of_problem(operation: &'static str, problem: &Problem, after: Option<Duration>) -> Self {
        let detail = detail(problem);
        match kind(problem).as_str() {
            "rateLimited" => Self::RateLimited { operation, detail, after },
            "accountDoesNotExist" => Self::AccountUnknown { operation, detail },
            "userActionRequired" | "agreementRequired" | "externalAccountRequired" => {
                Self::UserActionRequired { operation, detail }
            }
            "serverInternal" => Self::Unavailable { operation, detail, after },
            kind => Self::Refused { operation, kind: kind.to_owned(), detail },
        }
    }

    /// Whether an order without `replaces` may succeed where this one did not.
    pub(super) fn is_about_replacing(&self) -> bool {
        match self {
            Self::Refused { kind, detail, .. } => {
                kind == "alreadyReplaced" || detail.contains("replaces")
            }
            Self::Protocol { source: Error::Unsupported(_), .. } => true,
            _ => false,
        }
    }

    /// Whether trying again later, with nothing changed, may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Unavailable { .. }
                | Self::Transport { .. }
                | Self::Propagation(_)
                | Self::Deadline { .. }
        )
    }

    /// What to do next, as a sentence fragment.
    pub fn next_step(&self) -> String {
        match self {
            Self::Credentials(_) => {
                "restore the stored account, or delete it to have a new one made".to_owned()
            }
            Self::OtherDirectory { .. } => {
                "keep one account per directory: staging and production share none".to_owned()
            }
            Self::RateLimited { after: Some(after), .. }
            | Self::Unavailable { after: Some(after), .. } => {
                format!("try again in {after:?}; the present certificate stays in use")
            }
            Self::RateLimited { .. } => {
                "wait until the time in the message; the present certificate stays in use"
                    .to_owned()
            }
            Self::Unavailable { .. } | Self::Transport { .. } | Self::Deadline { .. } => {
                "try again in some minutes; an order that was placed is taken up again".to_owned()
            }
            Self::AccountUnknown { .. } => {
                "delete the stored account to have a new one made".to_owned()
            }
            Self::UserActionRequired { .. } => {
                "follow the link in the message, then try again".to_owned()
            }
            Self::Refused { .. } => {
                "correct what the message names; trying again alone will not help".to_owned()
            }
            Self::Protocol { .. } => {
                "check that the directory URL is that of an ACME authority".to_owned()
            }
            Self::NoDns01 { .. } => "choose an authority that offers dns-01".to_owned(),
            Self::Publish { .. } => {
                "check that the DNS token may edit records of this zone".to_owned()
            }
            Self::Propagation(_) => {
                "check that the zone's name servers are those the registrar names".to_owned()
            }
            Self::Validation { failures } => {
                failures.first().map_or_else(String::new, Failure::next_step)
            }
            Self::Key(_) | Self::SigningRequest(_) => {
                "check the names and the type of the key".to_owned()
            }
            Self::Chain(_) => "do not install it; tell the authority".to_owned(),
        }
    }
}

impl Failure {
    fn next_step(&self) -> String {
        match self.kind.as_str() {
            "caa" => format!("let the authority issue: change the CAA records above {}", self.name),
            "dns" => format!(
                "make the name servers of {} answer: look for a stale DS or NS record",
                self.name
            ),
            "unauthorized" => {
                format!("compare what the world sees at _acme-challenge.{}", self.name)
            }
            _ => {
                "correct what the message names, then try again; five failures an hour are allowed"
                    .to_owned()
            }
        }
    }
}

fn kind(problem: &Problem) -> String {
    let kind = problem.r#type.as_deref().and_then(|name| name.rsplit(':').next());
    kind.unwrap_or("unknown problem").to_owned()
}

/// The detail with those of the subproblems.
fn detail(problem: &Problem) -> String {
    let own = problem.detail.clone().unwrap_or_else(|| "no detail was given".to_owned());
    problem.subproblems.iter().fold(own, |text, each| format!("{text}; {each}"))
}

fn list(failures: &[Failure]) -> String {
    if failures.is_empty() {
        return "it did not say why".to_owned();
    }
    failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
