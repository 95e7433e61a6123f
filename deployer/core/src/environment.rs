//! The typed form of `environments/<name>.toml`.
//!
//! [`parse`] finds every problem of a file at once; a value of [`Environment`] is free of them.

mod check;
mod host;
mod read;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{Address, Kind};
use crate::problem::Problem;
pub use text::Text;

/// One complete target.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// The file's name without `.toml`.
    pub name: String,
    /// Random word that marks what belongs to this environment; the name may be reused, this may not.
    pub uid: String,
    pub oci: Oci,
    pub network: Network,
    pub load_balancer: LoadBalancer,
    pub apps: BTreeMap<String, App>,
    /// Host name, then path prefix (`/` or `/files/`), then the name of an app.
    pub hosts: BTreeMap<String, BTreeMap<String, String>>,
    pub certificates: Certificates,
    pub cloudflare: Cloudflare,
    /// Whether commands that change it take turns by a lease that lies in the cloud.
    pub lease: bool,
    /// Set for an environment that runs against the embedded cloud.
    pub local: Option<Local>,
    /// What is never deleted or replaced.
    pub protect: Vec<Protected>,
    /// Apps that have another name than before.
    pub moved: Vec<Move>,
}

/// A kind, or one resource of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protected {
    Kind(Kind),
    Address(Address),
}

impl Protected {
    pub fn covers(&self, address: &Address) -> bool {
        match self {
            Self::Kind(kind) => *kind == address.kind,
            Self::Address(protected) => protected == address,
        }
    }
}

/// An app that was called `from` and is called `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oci {
    pub region: String,
    pub compartment: Text,
}

/// Where load balancer and apps live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// A VCN of our own, with a public subnet for the load balancer and a private one for apps.
    Created { cidr: String },
    /// Subnets and security groups that exist already; they are used, never changed but for our own rules.
    Existing {
        load_balancer_subnet: Text,
        app_subnet: Text,
        load_balancer_nsg: Text,
        app_nsg: Text,
    },
}

impl Default for Network {
    fn default() -> Self {
        Self::Created { cidr: String::new() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    pub minimum_mbps: u32,
    pub maximum_mbps: u32,
    pub layout: Layout,
}

impl Default for LoadBalancer {
    fn default() -> Self {
        Self { minimum_mbps: 10, maximum_mbps: 10, layout: Layout::Shared }
    }
}

/// How backend sets share the load balancer's ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// All hosts on port 443, told apart by host name and path.
    Shared,
    /// One port per backend set, with a listener for each of its hosts.
    PortPerApp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct App {
    pub source: Source,
    /// Port that the container listens on.
    pub port: u16,
    /// Path that answers 200 when the app is well.
    pub health: String,
    pub shape: String,
    pub ocpus: f64,
    pub memory_gb: f64,
    pub replicas: u32,
    pub variables: BTreeMap<String, Text>,
    /// Public port, with [`Layout::PortPerApp`].
    pub listener_port: Option<u16>,
}

/// Where an app's image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Cargo package of the workspace that is built into the image.
    Package(String),
    /// An image that is in a registry already, as `registry/path@sha256:…` or with a tag.
    Image(String),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificates {
    /// URL of the ACME directory, or `localcloud`.
    pub issuer: Issuer,
    pub contact: Option<String>,
}

/// Who signs certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Issuer {
    #[default]
    Letsencrypt,
    LetsencryptStaging,
    /// The embedded cloud's own authority.
    Localcloud,
    Directory(String),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cloudflare {
    pub zone: String,
    /// Zone settings by the vendor's name, with the value to hold.
    pub settings: BTreeMap<String, String>,
}

/// Where the embedded cloud's edge is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    pub https_port: u16,
    pub http_port: u16,
}

/// Reads the text of an environment file.
///
/// # Errors
/// Every problem of the text, in the order of its lines.
pub fn parse(file: &str, name: &str, text: &str) -> Result<Environment, Vec<Problem>> {
    let (environment, mut problems) = read::environment(file, name, text);
    problems.sort();
    match environment {
        Some(environment) if problems.is_empty() => Ok(environment),
        _ => Err(problems),
    }
}

impl Environment {
    /// The variables that the file refers to as `${NAME}`.
    pub fn references(&self) -> BTreeSet<&str> {
        let mut texts = vec![&self.oci.compartment];
        if let Network::Existing { load_balancer_subnet, app_subnet, load_balancer_nsg, app_nsg } =
            &self.network
        {
            texts.extend([load_balancer_subnet, app_subnet, load_balancer_nsg, app_nsg]);
        }
        texts.extend(self.apps.values().flat_map(|app| app.variables.values()));
        texts.into_iter().filter_map(Text::reference).collect()
    }

    /// The public port of an app's URLs.
    pub fn public_port(&self, app: &str) -> u16 {
        self.apps.get(app).and_then(|app| app.listener_port).unwrap_or(443)
    }

    /// The public port of a host's URLs: that of its app for `/`.
    pub fn host_port(&self, host: &str) -> u16 {
        let home = self.hosts.get(host).and_then(|paths| paths.get("/"));
        home.map_or(443, |app| self.public_port(app))
    }

    /// The public ports of all URLs.
    pub fn https_ports(&self) -> BTreeSet<u16> {
        self.hosts.keys().map(|host| self.host_port(host)).collect()
    }

    /// Every (host, path, app) that the file declares.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.hosts.iter().flat_map(|(host, paths)| {
            paths.iter().map(move |(path, app)| (host.as_str(), path.as_str(), app.as_str()))
        })
    }
}

impl App {
    /// The package that the image is built from, when it is built.
    pub fn package(&self) -> Option<&str> {
        match &self.source {
            Source::Package(package) => Some(package),
            Source::Image(_) => None,
        }
    }
}

impl Issuer {
    /// The ACME directory; `None` is the embedded cloud's, whose address is only known when it runs.
    pub fn directory(&self) -> Option<&str> {
        match self {
            Self::Letsencrypt => Some("https://acme-v02.api.letsencrypt.org/directory"),
            Self::LetsencryptStaging => {
                Some("https://acme-staging-v02.api.letsencrypt.org/directory")
            }
            Self::Localcloud => None,
            Self::Directory(url) => Some(url),
        }
    }
}

pub use host::{AddHostError, add_host};

#[cfg(test)]
mod tests;
