//! What the authority allows, and what its profiles promise.

use time::Duration;

/// Switches that a test or an operator may turn while the service runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether valid authorizations and equal unfinished orders are used again, as Let's Encrypt does.
    pub reuse: bool,
    /// Port on loopback that http-01 fetches from; stands for port 80 of whatever the name resolves to.
    pub http_port: u16,
    /// Lifetime of certificates in place of the profile's.
    pub validity: Option<Duration>,
    /// Whether CAA records are honoured (RFC 8659).
    pub checks_caa: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { reuse: true, http_port: 5002, validity: None, checks_caa: true }
    }
}

/// A certificate profile; the figures are those of Let's Encrypt in 2026.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// Lifetime of certificates.
    pub(super) validity: Duration,
    /// How long a valid authorization can be used again.
    pub(super) authorization_life: Duration,
    pub(super) order_life: Duration,
    pub(super) most_names: usize,
}

/// The profiles; the first is what an order gets that names none.
pub(super) const PROFILES: [Profile; 3] = [
    Profile {
        name: "classic",
        description: "90 days; what an order without a profile gets",
        validity: Duration::days(90),
        authorization_life: Duration::days(30),
        order_life: Duration::days(7),
        most_names: 100,
    },
    Profile {
        name: "tlsserver",
        description: "45 days, for TLS servers",
        validity: Duration::days(45),
        authorization_life: Duration::hours(7),
        order_life: Duration::hours(8),
        most_names: 25,
    },
    Profile {
        name: "shortlived",
        description: "160 hours",
        validity: Duration::hours(160),
        authorization_life: Duration::hours(7),
        order_life: Duration::hours(8),
        most_names: 25,
    },
];

impl Profile {
    /// The profile of that name; `None` names the default one.
    pub(super) fn find(name: Option<&str>) -> Option<&'static Self> {
        match name {
            Some(name) => PROFILES.iter().find(|profile| profile.name == name),
            None => PROFILES.first(),
        }
    }
}
