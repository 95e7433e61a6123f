//! Where the way from visitor to origin can break, with the vendor's number for each place.

use std::net::SocketAddr;

use http::StatusCode;

/// The broken link. Texts are for the developer who reads the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// 526.
    #[error("the origin's certificate is not valid for {host}: {why}")]
    Certificate { host: String, why: String },
    /// 520.
    #[error("the origin closed the connection or sent what is not HTTP: {why}")]
    Empty { why: String },
    /// 522, before the vendor's 19 seconds are over.
    #[error("the connection to {origin} is filtered: {why}")]
    Filtered { origin: SocketAddr, why: String },
    /// 525.
    #[error("the TLS handshake with {origin} failed: {why}")]
    Handshake { origin: SocketAddr, why: String },
    /// 403 and 1000: the request came through the edge before.
    #[error("the request for {host} came from the edge itself: the origin points back at it")]
    Loop { host: String },
    /// 404: no zone of this cloud, or no proxied record, has the name.
    #[error("{why}")]
    NoHost { why: String },
    /// 403 and 1000.
    #[error("the record of {host} points at {address}, an address of the edge")]
    Prohibited { host: String, address: std::net::IpAddr },
    /// 521.
    #[error("{origin} refused the connection: nothing listens there")]
    Refused { origin: SocketAddr },
    /// 524.
    #[error("{origin} accepted the request and did not answer within {seconds} seconds")]
    Silent { origin: SocketAddr, seconds: u64 },
    /// 421: a name that is neither of this machine nor of a zone.
    #[error("{host} is no name of this cloud")]
    Stranger { host: String },
    /// 523.
    #[error("{origin} cannot be reached: {why}")]
    Unreachable { origin: SocketAddr, why: String },
    /// 530 and 1016.
    #[error("{target}, which {host} is an alias of, does not resolve")]
    Unresolved { host: String, target: String },
}

impl Broken {
    /// The status; numbers above 519 are the vendor's own.
    pub(crate) fn status(&self) -> StatusCode {
        let number = match self {
            Self::Certificate { .. } => 526,
            Self::Empty { .. } => 520,
            Self::Filtered { .. } => 522,
            Self::Handshake { .. } => 525,
            Self::Loop { .. } | Self::Prohibited { .. } => 403,
            Self::NoHost { .. } => 404,
            Self::Refused { .. } => 521,
            Self::Silent { .. } => 524,
            Self::Stranger { .. } => 421,
            Self::Unreachable { .. } => 523,
            Self::Unresolved { .. } => 530,
        };
        StatusCode::from_u16(number).unwrap_or(StatusCode::BAD_GATEWAY)
    }

    /// The vendor's heading.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Certificate { .. } => "Invalid SSL certificate",
            Self::Empty { .. } => "Web server is returning an unknown error",
            Self::Filtered { .. } => "Connection timed out",
            Self::Handshake { .. } => "SSL handshake failed",
            Self::Loop { .. } | Self::Prohibited { .. } => "DNS points to prohibited IP (1000)",
            Self::NoHost { .. } => "No such host here",
            Self::Refused { .. } => "Web server is down",
            Self::Silent { .. } => "A timeout occurred",
            Self::Stranger { .. } => "Misdirected request",
            Self::Unreachable { .. } => "Origin is unreachable",
            Self::Unresolved { .. } => "Origin DNS error (1016)",
        }
    }

    /// The link of the chain at which it broke.
    pub(crate) fn link(&self) -> Link {
        match self {
            Self::NoHost { .. } | Self::Stranger { .. } => Link::Name,
            Self::Loop { .. } | Self::Prohibited { .. } | Self::Unresolved { .. } => Link::Record,
            Self::Filtered { .. } | Self::Unreachable { .. } => Link::Network,
            Self::Refused { .. } => Link::Port,
            Self::Certificate { .. } | Self::Handshake { .. } => Link::Tls,
            Self::Empty { .. } | Self::Silent { .. } => Link::Http,
        }
    }
}

/// The links from visitor to origin, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Link {
    Name,
    Record,
    Network,
    Port,
    Tls,
    Http,
}

impl Link {
    pub(crate) const ALL: [(Self, &'static str); 6] = [
        (Self::Name, "host name"),
        (Self::Record, "DNS record"),
        (Self::Network, "network rules"),
        (Self::Port, "origin port"),
        (Self::Tls, "origin TLS"),
        (Self::Http, "origin HTTP"),
    ];
}
