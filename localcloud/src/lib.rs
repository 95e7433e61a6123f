//! Oracle Cloud, Cloudflare and an ACME authority on one machine.
//!
//! Control plane: plain `request -> response` services ([`services`]) that write [`document::Document`]s.
//! Data plane: an edge, network security rules and a load balancer ([`dataplane`], [`edge`], [`network`]) that
//! read the snapshots those documents publish. Containers run in a [`runtime`].
//!
//! Nothing here knows the deployer: it is an independent witness. Nothing binds anything but loopback.

mod admin;
pub mod authority;
pub mod clock;
pub mod cloud;
mod console;
mod conversation;
pub mod credentials;
pub mod dataplane;
pub mod document;
pub mod edge;
pub mod faults;
pub mod gate;
pub mod health;
pub mod ids;
pub mod journal;
pub mod latency;
pub mod log_lines;
pub mod loopback;
pub mod model;
pub mod network;
pub mod options;
pub mod policy;
pub mod runtime;
mod server;
pub mod services;
pub mod simulation;
mod start;
pub mod table;
pub mod traffic;

pub use cloud::Cloud;
pub use options::{Options, Ports, RuntimeChoice, Seed, SeedSubnet};
pub use services::oci::NOT_IMPLEMENTED;
pub use start::{Ready, Running, StartError, start};
