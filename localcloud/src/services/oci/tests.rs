//! Drives the whole service in memory, as a client that signs.

mod balancer;
mod client;
mod conformance;
mod instance;
mod network;
mod protocol;
mod storage;
