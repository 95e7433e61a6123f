//! Drives the whole service in memory, as a client that signs.

mod balancer;
mod changes;
mod client;
mod conformance;
mod instance;
mod network;
mod policies;
mod protocol;
mod storage;
