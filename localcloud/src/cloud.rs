//! What every service and the data plane share.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::document::Document;
use crate::faults::Faults;
use crate::health::HealthBoard;
use crate::journal::Journal;
use crate::model::{load_balancer, network, repository, zone};
use crate::network::Fabric;
use crate::options::Options;

/// The shared parts of one local cloud.
#[derive(Debug)]
pub struct Cloud {
    pub options: Options,
    pub clock: Clock,
    pub journal: Journal,
    pub faults: Faults,
    pub authority: Authority,
    /// Load balancers: written by the OCI service, read by the data plane.
    pub balancers: Document<load_balancer::World>,
    /// VCNs, subnets, rules and VNICs: written by the OCI service, read by [`crate::network`].
    pub network: Document<network::World>,
    /// Zones and records: written by the Cloudflare service, read by DNS and the edge.
    pub zones: Document<zone::World>,
    /// Container repositories: made by the OCI service, filled by the registry.
    pub repositories: Document<repository::World>,
    /// Health of the backends: written by the data plane, shown by the OCI service.
    pub health: HealthBoard,
    /// Who listens where: filled by the data plane and the runtime, read when somebody connects.
    pub fabric: Fabric,
}

impl Cloud {
    /// Opens the state folder.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written.
    pub fn open(options: Options) -> io::Result<Arc<Self>> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&options.state)?;
        let clock = Clock::default();
        let state = &options.state;
        Ok(Arc::new(Self {
            authority: Authority::open(state, clock.now())?,
            balancers: Document::open(state, "load_balancers")?,
            network: Document::open(state, "network")?,
            zones: Document::open(state, "zones")?,
            repositories: Document::open(state, "repositories")?,
            health: HealthBoard::default(),
            fabric: Fabric::default(),
            journal: Journal::default(),
            faults: Faults::default(),
            clock,
            options,
        }))
    }
}
