//! The site as a process, over a socket of its own: uploads, workers, limits. What needs no worker is tested in the library.
#![allow(clippy::unwrap_used)]

mod client;
mod server;

mod hostile;
mod mock;
mod uploads;
