//! A mock API server: stubs in WireMock's format, matched and answered without I/O.
//!
//! Time and randomness are arguments; whoever has sockets calls `Workspace::answer`.

pub mod crud;
pub mod echo;
mod fields;
pub mod har;
pub mod java_regex;
pub mod journal;
pub mod json;
pub mod json_path;
pub mod moment;
pub mod near_miss;
pub mod openapi;
pub mod pattern;
pub mod random;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod scenarios;
pub mod stub;
pub mod stubs;
pub mod template;
pub mod workspace;
pub mod yaml;

pub use json::Json;
pub use random::{Random, Seeded};
pub use refusal::Refusal;
pub use reply::Reply;
pub use request::Request;
pub use workspace::Workspace;
