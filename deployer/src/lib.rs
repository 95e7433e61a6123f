//! Placeholder.
pub mod acme;
pub mod cloudflare;
pub mod dns;
pub mod http;
pub mod secret;
