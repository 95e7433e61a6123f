//! The emulated vendor APIs. Each is a function from request to reply; sockets are somebody else's business.

pub mod acme;
pub mod cloudflare;
pub mod dns;
pub mod oci;
pub mod registry;

use bytes::Bytes;

/// The services that have a journal and faults, by the name that these use.
pub const NAMES: [&str; 4] = ["oci", "cloudflare", "acme", "registry"];

/// The names of a service's operations, as the journal writes them; none of a service that there is not.
pub(crate) fn operations(service: &str) -> Vec<String> {
    let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match service {
        "oci" => oci::operations(),
        "cloudflare" => words(&cloudflare::OPERATIONS),
        "acme" => words(&acme::OPERATIONS),
        "registry" => words(&registry::OPERATIONS),
        _ => Vec::new(),
    }
}

/// An answer, and what the journal writes about the call.
#[derive(Debug)]
pub struct Reply {
    /// The vendor's name of the operation; empty when the path is none of the vendor's.
    pub operation: String,
    /// Whether the call asks for a change.
    pub mutating: bool,
    pub response: http::Response<Bytes>,
}
