//! What the authority remembers. Statuses that follow from other facts are not stored but worked out.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::jwk::Jwk;
use crate::table::Table;

/// Accounts, orders, authorizations and certificates, by id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct World {
    pub(super) accounts: Table<Account>,
    pub(super) orders: Table<Order>,
    pub(super) authorizations: Table<Authorization>,
    pub(super) certificates: Table<Certificate>,
}

/// RFC 8555 section 7.1.2.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) key: Jwk,
    /// RFC 7638, base64url.
    pub(super) thumbprint: String,
    pub(super) contact: Vec<String>,
    pub(super) deactivated: bool,
    /// Seconds since 1970.
    pub(super) created: i64,
}

/// RFC 8555 section 7.1.3.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) account: String,
    /// Sorted, lower case, wildcards as `*.example.com`.
    pub(super) names: Vec<String>,
    /// Ids, in the order of `names`.
    pub(super) authorizations: Vec<String>,
    /// Seconds since 1970.
    pub(super) expires: i64,
    pub(super) profile: Option<String>,
    /// Certificate that it takes the place of (RFC 9773 section 5).
    pub(super) replaces: Option<String>,
    pub(super) progress: Progress,
}

/// How far an order has come on its own account; see [`super::order::status`] for what clients are told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Progress {
    Open,
    /// The request (base64url DER) is accepted, the certificate is being made.
    Processing(String),
    /// Id of the certificate.
    Issued(String),
}

/// RFC 8555 section 7.1.4.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Authorization {
    pub(super) account: String,
    /// Without `*.`.
    pub(super) name: String,
    pub(super) wildcard: bool,
    pub(super) deactivated: bool,
    /// Seconds since 1970.
    pub(super) expires: i64,
    pub(super) challenges: Vec<Challenge>,
}

/// RFC 8555 section 7.1.5.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Challenge {
    /// `dns-01` or `http-01`.
    pub(super) kind: String,
    pub(super) token: String,
    pub(super) status: Status,
    /// RFC 3339.
    pub(super) validated: Option<String>,
    /// Problem document.
    pub(super) error: Option<Value>,
}

/// The states of RFC 8555 section 7.1.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Pending,
    Ready,
    Processing,
    Valid,
    Invalid,
    Deactivated,
    Expired,
}

/// A certificate that was issued.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Certificate {
    pub(super) account: String,
    pub(super) names: Vec<String>,
    /// Leaf first.
    pub(super) chain_pem: String,
    /// RFC 9773 section 4.1.
    pub(super) renewal_id: String,
    /// Seconds since 1970.
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    /// CRL reason code.
    pub(super) revoked: Option<u8>,
    /// Whether an order has already named it in `replaces`.
    pub(super) replaced: bool,
    /// Whether renewal information says to renew at once.
    pub(super) renew_now: bool,
}

/// Seconds since 1970 as RFC 3339.
pub(super) fn rfc3339(seconds: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
