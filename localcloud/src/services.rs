//! The emulated vendor APIs. Each is a function from request to reply; sockets are somebody else's business.

pub mod acme;
pub mod cloudflare;
pub mod dns;
pub mod oci;
pub mod registry;

use bytes::Bytes;

/// An answer, and what the journal writes about the call.
#[derive(Debug)]
pub struct Reply {
    /// The vendor's name of the operation; empty when the path is none of the vendor's.
    pub operation: String,
    /// Whether the call asks for a change.
    pub mutating: bool,
    pub response: http::Response<Bytes>,
}
