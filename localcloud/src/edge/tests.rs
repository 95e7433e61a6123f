//! The edge between a real visitor and an origin that the test supplies.

mod caching;
mod chain;
mod passage;
mod routing;
mod site;
