//! Makes an Oracle Cloud and a Cloudflare zone match a folder of files.

pub mod acme;
pub mod cloudflare;
pub mod dns;
pub mod http;
pub mod image;
pub mod secret;
