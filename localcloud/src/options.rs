//! What a local cloud is started with: where it keeps its state, which ports it takes, what exists from the start.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Everything [`crate::services`] and the data plane need to know at start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the state; made when missing, mode 0700. Everything the cloud keeps is below it.
    pub state: PathBuf,
    pub ports: Ports,
    pub runtime: RuntimeChoice,
    pub seed: Seed,
    /// Time that each asynchronous operation takes before it is done, in milliseconds.
    pub latency_ms: u64,
    pub conduct: Conduct,
}

/// How the cloud behaves where the vendor's own behaviour is loose, or differs from tenancy to tenancy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conduct {
    /// Whether an OCI call is refused that could carry `opc-retry-token` or `if-match` and does not.
    pub strict: bool,
    /// Availability domains of the region besides the first.
    pub more_availability_domains: u8,
    /// Regions that the tenancy is subscribed to besides its own.
    pub other_regions: Vec<String>,
    /// An OCI object that is younger than a time of its own, at most this long, is missing from lists.
    pub list_lag_ms: u64,
    /// Limits of the tenancy by `<service>/<limit>`, for example `load-balancer/lb-flexible-count`; others are ample.
    pub limits: BTreeMap<String, u64>,
    /// Policy statements of the tenancy, which are all that its user may do; without any, the user may do everything.
    pub policies: Vec<String>,
}

/// Loopback ports; 0 lets the system choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ports {
    /// OCI, Cloudflare and the admin endpoints, plain HTTP.
    pub api: u16,
    /// OCIR: an OCI-distribution registry, plain HTTP.
    pub registry: u16,
    /// ACME directory, HTTPS.
    pub acme: u16,
    /// Authoritative DNS, UDP and TCP.
    pub dns: u16,
    /// The edge's public side: what stands for ports 443 and 80.
    pub edge_https: u16,
    pub edge_http: u16,
    /// What stands for the edge's other HTTPS ports, by their public number; those left out are 0.
    pub edge_https_extra: BTreeMap<u16, u16>,
}

/// What runs the containers of container instances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuntimeChoice {
    /// Docker when an engine answers, else child processes.
    #[default]
    Auto,
    Docker,
    Process,
}

/// What exists before the first call: the parts of a real tenancy that a deployment finds in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// Region identifier, for example `uk-london-1`.
    pub region: String,
    /// Compartments that exist below the tenancy, by OCID.
    pub compartments: Vec<String>,
    /// Cloudflare zones by apex name; created active.
    pub zones: Vec<String>,
    /// Subnets that exist, with the VCN they need around them.
    pub subnets: Vec<SeedSubnet>,
    /// Network security groups that exist (empty), by OCID.
    pub network_security_groups: Vec<String>,
}

/// A subnet that exists before the first call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedSubnet {
    pub id: String,
    pub cidr: String,
    /// Whether public addresses are allowed and the route table leads to an internet gateway.
    pub public: bool,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            region: "uk-london-1".to_owned(),
            compartments: Vec::new(),
            zones: Vec::new(),
            subnets: Vec::new(),
            network_security_groups: Vec::new(),
        }
    }
}
