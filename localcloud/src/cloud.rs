//! What every service and the data plane share.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::document::Document;
use crate::edge::cache::Cache;
use crate::faults::Faults;
use crate::gate::Gate;
use crate::health::HealthBoard;
use crate::journal::Journal;
use crate::latency::Latency;
use crate::log_lines::LogLines;
use crate::model::{load_balancer, logging, network, repository, zone};
use crate::network::Fabric;
use crate::options::Options;
use crate::policy::Policies;
use crate::simulation::Stage;
use crate::traffic::Traffic;

/// The shared parts of one local cloud.
#[derive(Debug)]
pub struct Cloud {
    pub options: Options,
    pub clock: Clock,
    pub journal: Journal,
    pub faults: Faults,
    pub gate: Gate,
    /// How long asynchronous work takes.
    pub latency: Latency,
    /// What the user may do.
    pub policies: Policies,
    pub authority: Authority,
    /// Load balancers: written by the OCI service, read by the data plane.
    pub balancers: Document<load_balancer::World>,
    /// VCNs, subnets, rules and VNICs: written by the OCI service, read by [`crate::network`].
    pub network: Document<network::World>,
    /// Zones and records: written by the Cloudflare service, read by DNS and the edge.
    pub zones: Document<zone::World>,
    /// Container repositories: made by the OCI service, filled by the registry.
    pub repositories: Document<repository::World>,
    /// Log groups and logs: written by the OCI service, read by the data plane.
    pub logging: Document<logging::World>,
    /// What enabled logs have collected: filled by the data plane, searched by the OCI service.
    pub log_lines: LogLines,
    /// The newest requests of visitors: told by the edge and the data plane, shown by the console.
    pub traffic: Traffic,
    /// Health of the backends: written by the data plane, shown by the OCI service.
    pub health: HealthBoard,
    /// Who listens where: filled by the data plane and the runtime, read when somebody connects.
    pub fabric: Fabric,
    /// Answers that the edge keeps: filled by the edge, purged by the Cloudflare service.
    pub(crate) cache: Cache,
    /// In a simulation, what stands for everything that is not the control plane.
    pub(crate) simulated: Option<Stage>,
}

impl Cloud {
    /// Opens the state folder.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written.
    pub fn open(options: Options) -> io::Result<Arc<Self>> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&options.state)?;
        let clock = Clock::default();
        let authority = Authority::open(&options.state, clock.now())?;
        Self::furnish(options, clock, authority, None)
    }

    /// A cloud in memory.
    pub(crate) fn simulate(
        options: Options,
        clock: Clock,
        authority: Authority,
        stage: Stage,
    ) -> io::Result<Arc<Self>> {
        Self::furnish(options, clock, authority, Some(stage))
    }

    fn furnish(
        options: Options,
        clock: Clock,
        authority: Authority,
        simulated: Option<Stage>,
    ) -> io::Result<Arc<Self>> {
        let policies = Policies::new(&options.conduct.policies)
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        let keeping = if simulated.is_some() { None } else { Some(options.state.as_path()) };
        Ok(Arc::new(Self {
            balancers: Document::keep(keeping, "load_balancers")?,
            network: Document::keep(keeping, "network")?,
            zones: Document::keep(keeping, "zones")?,
            repositories: Document::keep(keeping, "repositories")?,
            policies,
            logging: Document::keep(keeping, "logging")?,
            log_lines: LogLines::default(),
            traffic: Traffic::default(),
            authority,
            simulated,
            health: HealthBoard::default(),
            fabric: Fabric::default(),
            cache: Cache::default(),
            journal: Journal::default(),
            faults: Faults::default(),
            gate: Gate::default(),
            latency: Latency::fixed(options.latency_ms),
            clock,
            options,
        }))
    }

    /// Where documents are kept; nowhere in a simulation.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.simulated.is_none().then_some(self.options.state.as_path())
    }
}
