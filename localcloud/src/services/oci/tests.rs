//! Drives the whole service in memory, as a client that signs.

mod balancer;
mod changes;
mod client;
mod conformance;
mod instance;
mod network;
mod protocol;
mod storage;
