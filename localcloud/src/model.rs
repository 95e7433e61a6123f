//! The documents that control plane and data plane share, in the vendors' own field names.

pub mod load_balancer;
pub mod logging;
pub mod network;
pub mod repository;
pub mod zone;
