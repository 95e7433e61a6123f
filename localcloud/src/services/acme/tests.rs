//! The authority as clients see it: instant-acme in memory, a signer of our own for what no client would send.

mod dns;
mod instant;
mod raw;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::AcmeService;
use crate::{Cloud, Options, Ports, RuntimeChoice, Seed};

/// Where the authority believes to be.
const BASE: &str = "http://127.0.0.1:1";

/// A cloud with an authority, in a folder of its own that goes with it.
struct World {
    state: PathBuf,
    service: Arc<AcmeService>,
}

impl World {
    fn new(resolver: SocketAddr) -> Self {
        let state = std::env::temp_dir().join(format!("acme-{}", crate::ids::hex::<8>()));
        Self { service: open(&state, resolver), state }
    }

    /// Stops and starts the authority.
    fn restart(&mut self, resolver: SocketAddr) {
        self.service = open(&self.state, resolver);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.state);
    }
}

fn open(state: &std::path::Path, resolver: SocketAddr) -> Arc<AcmeService> {
    let options = Options {
        state: state.to_owned(),
        ports: Ports::default(),
        runtime: RuntimeChoice::Process,
        seed: Seed::default(),
        latency_ms: 0,
        conduct: crate::options::Conduct::default(),
    };
    AcmeService::open(Cloud::open(options).unwrap(), resolver).unwrap()
}
