//! The one place that reads the process's environment; `.env.example` lists every variable.

use std::collections::BTreeMap;
use std::env;

/// Variables that deployer itself understands, with their meaning.
pub const VARIABLES: &[(&str, &str)] = &[
    ("CLOUDFLARE_API_TOKEN", "token with Zone:Read, DNS:Edit and Zone Settings:Edit on the zone"),
    ("OCIR_USERNAME", "user of the registry, without the namespace"),
    ("OCIR_AUTH_TOKEN", "auth token of that user (not the console password)"),
    ("OCI_CLI_CONFIG_FILE", "OCI configuration file; default ~/.oci/config"),
    ("OCI_CLI_PROFILE", "profile in that file; default DEFAULT"),
    ("OCI_CLI_USER", "OCID of the user, instead of a profile"),
    ("OCI_CLI_TENANCY", "OCID of the tenancy, instead of a profile"),
    ("OCI_CLI_FINGERPRINT", "fingerprint of the API key, instead of a profile"),
    ("OCI_CLI_KEY_FILE", "path of the API key, instead of a profile"),
    ("DEPLOYER_RUNTIME", "what runs local containers: auto (default), docker or process"),
    (
        "DEPLOYER_LATENCY_MS",
        "time that each asynchronous operation of the local cloud takes; default 0",
    ),
    (
        "DEPLOYER_LOCAL_STRICT",
        "1: the local cloud refuses changes without a retry token or if-match where the vendor takes one",
    ),
    ("DEPLOYER_EXTRA_ROOTS", "PEM file of roots to trust besides the public ones"),
];

/// What the process was told from outside.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    process: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Settings {
    /// Takes the process's variables; those of `.env` come behind them.
    pub fn new(file: BTreeMap<String, String>) -> Self {
        Self { process: env::vars().collect(), file }
    }

    /// The process's variables alone.
    pub fn default_process() -> Self {
        Self::new(BTreeMap::new())
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.process
            .get(name)
            .or_else(|| self.file.get(name))
            .filter(|value| !value.is_empty())
            .cloned()
    }

    /// Whether output may have colour: <https://no-color.org>.
    pub fn allows_colour(&self) -> bool {
        self.variable("NO_COLOR").is_none()
            && self.variable("TERM").is_none_or(|term| term != "dumb")
    }
}
