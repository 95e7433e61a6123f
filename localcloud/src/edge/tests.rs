//! The edge between a real visitor and an origin that the test supplies.

mod caching;
mod chain;
mod hostile;
mod passage;
mod routing;
mod site;
