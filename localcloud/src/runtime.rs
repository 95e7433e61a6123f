//! Runs the containers of container instances: with Docker when an engine answers, else as child processes.
//!
//! Either way the image is pulled from this cloud's registry, and what the container listens on is published on
//! loopback only and entered in the fabric under the instance's private address.

mod docker;
mod image;
mod process;
mod pull;
mod simulated;
mod unpack;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use self::docker::Docker;
use self::process::Processes;
use self::simulated::Simulated;
use crate::cloud::Cloud;
use crate::loopback;
use crate::options::RuntimeChoice;
use crate::services::registry::digest::Digest;

/// Most bytes of output that are kept and shown.
const LOG_BYTES: usize = 256 << 10;

/// One container to run.
#[derive(Debug, Clone)]
pub struct Launch {
    /// OCID of the container; the runtime's key.
    pub container_id: String,
    /// `host[:port]/namespace/repository@sha256:…` or `…:tag`.
    pub image_url: String,
    /// Replaces the image's entry point when not empty.
    pub command: Vec<String>,
    /// Replaces the image's arguments when not empty.
    pub arguments: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub working_directory: Option<String>,
    /// The instance's address in its subnet; each exposed port of the image is attached to it in the fabric.
    pub private_ip: IpAddr,
    pub memory_bytes: u64,
    /// Registry user and password from the image pull secret.
    pub credentials: Option<(String, String)>,
    /// Whether to start it again when it exits.
    pub restarts: bool,
}

/// Why a container did not start; the text is for the user.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error("image pull failed: {0}")]
    Pull(String),
    #[error("container start failed: {0}")]
    Start(String),
}

/// How a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Running,
    Exited { code: i32 },
    Absent,
}

/// The chosen runtime.
#[derive(Debug)]
pub struct Runtime {
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    Docker(Docker),
    Process(Processes),
    Simulated(Simulated),
}

impl Runtime {
    /// Chooses by [`RuntimeChoice`]; `Auto` takes Docker when an engine answers a ping within a second.
    ///
    /// # Errors
    /// When Docker was asked for and no engine answers, or the folder of the containers cannot be made.
    pub async fn open(cloud: Arc<Cloud>) -> Result<Self, LaunchError> {
        let engine = match cloud.options.runtime {
            RuntimeChoice::Docker => Engine::Docker(Docker::connect(cloud).await?),
            RuntimeChoice::Process => Engine::Process(Processes::open(cloud)?),
            RuntimeChoice::Auto => match Docker::connect(Arc::clone(&cloud)).await {
                Ok(docker) => Engine::Docker(docker),
                Err(_) => Engine::Process(Processes::open(cloud)?),
            },
        };
        Ok(Self { engine })
    }

    /// A runtime that runs nothing and says that it does.
    pub(crate) fn simulated(cloud: Arc<Cloud>) -> Self {
        Self { engine: Engine::Simulated(Simulated::new(cloud)) }
    }

    /// `docker`, `process` or `simulated`.
    pub fn name(&self) -> &'static str {
        match &self.engine {
            Engine::Docker(_) => "docker",
            Engine::Process(_) => "process",
            Engine::Simulated(_) => "simulated",
        }
    }

    /// Pulls the image and starts the container; done when it runs. A container that runs already is kept, and its
    /// ports are entered in the fabric again.
    ///
    /// # Errors
    /// When the image cannot be had, or the program does not start or exits at once; then with its last words.
    pub async fn launch(&self, launch: Launch) -> Result<(), LaunchError> {
        match &self.engine {
            Engine::Docker(docker) => docker.launch(&launch).await,
            Engine::Process(processes) => processes.launch(launch).await,
            Engine::Simulated(simulated) => simulated.launch(&launch),
        }
    }

    /// SIGTERM, then SIGKILL after `grace`; forgets the container. Unknown ids are fine.
    pub async fn stop(&self, container_id: &str, grace: Duration) {
        match &self.engine {
            Engine::Docker(docker) => docker.stop(container_id, grace).await,
            Engine::Process(processes) => processes.stop(container_id, grace).await,
            Engine::Simulated(simulated) => simulated.stop(container_id),
        }
    }

    /// What the container printed last, at most 256 KiB.
    pub async fn logs(&self, container_id: &str) -> Bytes {
        match &self.engine {
            Engine::Docker(docker) => docker.logs(container_id).await,
            Engine::Process(processes) => processes.logs(container_id),
            Engine::Simulated(_) => Bytes::new(),
        }
    }

    pub async fn status(&self, container_id: &str) -> Status {
        match &self.engine {
            Engine::Docker(docker) => docker.status(container_id).await,
            Engine::Process(processes) => processes.status(container_id),
            Engine::Simulated(simulated) => simulated.status(container_id),
        }
    }

    /// Stops everything, as at the end of the process.
    pub async fn shut_down(&self) {
        match &self.engine {
            Engine::Docker(docker) => docker.shut_down().await,
            Engine::Process(processes) => processes.shut_down().await,
            Engine::Simulated(_) => {}
        }
    }
}

/// Twelve hex digits that stand for a longer name where only a short one fits.
fn short(name: &str) -> String {
    Digest::of(name.as_bytes()).hex()[..12].to_owned()
}

/// A port of 127.0.0.1 that was free a moment ago.
async fn free_port() -> std::io::Result<u16> {
    Ok(loopback::listen(0).await?.local_addr()?.port())
}

/// The last lines of a log, for an error.
fn last_words(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}
