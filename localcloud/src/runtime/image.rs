//! What an image is: where it lies, what it runs, which machine it is for. No I/O.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::{Launch, LaunchError};
use crate::loopback;

/// Where a program is looked for when the image does not say.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An image url, taken apart; the host can be reached from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageUrl {
    /// `host:port` of a registry on this machine.
    pub(super) host: String,
    /// Namespace and repository.
    pub(super) path: String,
    /// A digest or a tag.
    pub(super) reference: String,
}

impl ImageUrl {
    /// Reads `host[:port]/namespace/repository[:tag|@digest]`. OCIR's public names stand for the registry of this
    /// cloud, which listens on `registry_port`.
    ///
    /// # Errors
    /// For a host that is not on this machine: nothing is fetched from outside.
    pub(super) fn parse(url: &str, registry_port: u16) -> Result<Self, LaunchError> {
        let outside = || LaunchError::Pull(format!("{url}: the registry is not on this machine"));
        let (host, rest) = url.split_once('/').ok_or_else(outside)?;
        let host = if is_ocir(host) && registry_port != 0 {
            format!("127.0.0.1:{registry_port}")
        } else if loopback::is_local_host(host) {
            host.to_owned()
        } else {
            return Err(outside());
        };
        let (path, reference) = match rest.split_once('@') {
            // A tag beside a digest says nothing: the digest decides.
            Some((path, digest)) => (path.split_once(':').map_or(path, |(path, _)| path), digest),
            None => rest.split_once(':').unwrap_or((rest, "latest")),
        };
        Ok(Self { host, path: path.to_owned(), reference: reference.to_owned() })
    }
}

impl fmt::Display for ImageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.reference.contains(':') { '@' } else { ':' };
        write!(f, "{}/{}{separator}{}", self.host, self.path, self.reference)
    }
}

/// `<key>.ocir.io` or `ocir.<region>.oci.oraclecloud.com`.
fn is_ocir(host: &str) -> bool {
    host.ends_with(".ocir.io") || (host.starts_with("ocir.") && host.ends_with(".oraclecloud.com"))
}

/// `os/architecture` in the words of images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Platform {
    pub(super) os: String,
    pub(super) architecture: String,
}

impl Platform {
    /// The platform of this machine.
    pub(super) fn here() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self { os: std::env::consts::OS.to_owned(), architecture: architecture.to_owned() }
    }

    /// # Errors
    /// When an image for `self` does not run on `machine`.
    pub(super) fn check(&self, machine: &Self) -> Result<(), LaunchError> {
        if self == machine {
            return Ok(());
        }
        Err(LaunchError::Start(format!("the image is for {self}, this machine is {machine}")))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

/// The configuration blob of an image (image specification, config.md), as far as it is used.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ImageConfig {
    #[serde(flatten)]
    pub(super) platform: Platform,
    #[serde(default)]
    pub(super) config: RunConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RunConfig {
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    env: Option<Vec<String>>,
    working_dir: Option<String>,
    exposed_ports: Option<BTreeMap<String, serde_json::Value>>,
}

/// What is to be run, image and launch taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// At least one word.
    pub(super) words: Vec<String>,
    /// Path in the image.
    pub(super) directory: String,
    pub(super) environment: BTreeMap<String, String>,
    /// What it listens on as seen from the subnet.
    pub(super) port: Option<u16>,
}

impl Program {
    /// # Errors
    /// When neither the image nor the launch names a program.
    pub(super) fn new(image: RunConfig, launch: &Launch) -> Result<Self, LaunchError> {
        let replaced = |given: &[String], own: Option<Vec<String>>| match given {
            [] => own.unwrap_or_default(),
            given => given.to_vec(),
        };
        // A replaced entry point comes without the arguments that were meant for the other one.
        let own_arguments = if launch.command.is_empty() { image.cmd } else { None };
        let mut words = replaced(&launch.command, image.entrypoint);
        words.extend(replaced(&launch.arguments, own_arguments));
        if words.is_empty() {
            return Err(LaunchError::Start("the image names no program to run".to_owned()));
        }
        let mut environment = BTreeMap::from([("PATH".to_owned(), PATH.to_owned())]);
        let pairs = image.env.unwrap_or_default();
        let pairs = pairs.iter().filter_map(|pair| pair.split_once('='));
        environment.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        environment.extend(launch.environment.clone());
        let exposed = image.exposed_ports.unwrap_or_default();
        let port = environment
            .get("PORT")
            .and_then(|port| port.parse().ok())
            .or_else(|| exposed.keys().find_map(|port| tcp_port(port)));
        let own_directory = image.working_dir.filter(|directory| !directory.is_empty());
        let directory = launch.working_directory.clone().or(own_directory);
        let directory = directory.unwrap_or_else(|| "/".to_owned());
        Ok(Self { words, directory, environment, port })
    }
}

/// The number of `8080` or `8080/tcp`.
pub(super) fn tcp_port(text: &str) -> Option<u16> {
    let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    (protocol == "tcp").then(|| port.parse().ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ImageConfig, ImageUrl, Platform, Program};
    use crate::runtime::Launch;

    fn launch() -> Launch {
        Launch {
            container_id: "c".to_owned(),
            image_url: String::new(),
            command: Vec::new(),
            arguments: Vec::new(),
            environment: [("B".to_owned(), "launch".to_owned())].into(),
            working_directory: None,
            private_ip: [10, 0, 0, 2].into(),
            memory_bytes: 0,
            credentials: None,
            restarts: false,
        }
    }

    fn program(launch: &Launch) -> Program {
        let config: ImageConfig = serde_json::from_value(json!({
            "os": "linux", "architecture": "amd64",
            "config": {
                "Entrypoint": ["/web"], "Cmd": ["--serve"], "Env": ["A=image", "B=image"],
                "WorkingDir": "/srv", "ExposedPorts": {"53/udp": {}, "8080/tcp": {}},
            },
        }))
        .unwrap();
        Program::new(config.config, launch).unwrap()
    }

    #[test]
    fn only_registries_of_this_machine_are_asked() {
        let show = |url: &str| ImageUrl::parse(url, 5000).map(|url| url.to_string());
        assert_eq!(show("127.0.0.1:5001/ns/a/b:v1").unwrap(), "127.0.0.1:5001/ns/a/b:v1");
        assert_eq!(
            show("lhr.ocir.io/ns/web@sha256:ab").unwrap(),
            "127.0.0.1:5000/ns/web@sha256:ab"
        );
        assert_eq!(show("localhost:1/ns/web").unwrap(), "localhost:1/ns/web:latest");
        assert_eq!(
            show("localhost:1/ns/web:v1@sha256:ab").unwrap(),
            "localhost:1/ns/web@sha256:ab"
        );
        for outside in ["nginx", "library/nginx", "ghcr.io/a/b", "evil.ocir.io.example/a/b"] {
            assert!(show(outside).is_err(), "{outside}");
        }
    }

    #[test]
    fn the_launch_wins_over_the_image() {
        let own = program(&launch());
        assert_eq!(own.words, ["/web", "--serve"]);
        assert_eq!(own.directory, "/srv");
        assert_eq!((&*own.environment["A"], &*own.environment["B"]), ("image", "launch"));
        assert_eq!(own.port, Some(8080));
        let arguments = vec!["--other".to_owned()];
        assert_eq!(program(&Launch { arguments, ..launch() }).words, ["/web", "--other"]);
        let command = vec!["/tool".to_owned()];
        assert_eq!(program(&Launch { command, ..launch() }).words, ["/tool"]);
        let environment = [("PORT".to_owned(), "9000".to_owned())].into();
        assert_eq!(program(&Launch { environment, ..launch() }).port, Some(9000));
    }

    #[test]
    fn an_image_for_another_machine_is_named_as_such() {
        let image = Platform { os: "linux".to_owned(), architecture: "s390x".to_owned() };
        let machine = Platform { os: "linux".to_owned(), architecture: "amd64".to_owned() };
        assert_eq!(
            image.check(&machine).unwrap_err().to_string(),
            "container start failed: the image is for linux/s390x, this machine is linux/amd64"
        );
    }
}
