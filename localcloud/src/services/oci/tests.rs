//! Drives the whole service in memory, as a client that signs.

mod addresses;
mod balancer;
mod changes;
mod client;
mod conformance;
mod instance;
mod logging;
mod network;
mod policies;
mod protocol;
mod refusals;
mod replays;
mod storage;
