//! Runs the containers of container instances: with Docker when an engine answers, else as child processes.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::cloud::Cloud;

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
    _cloud: Arc<Cloud>,
}

impl Runtime {
    /// Chooses by [`crate::RuntimeChoice`]; `Auto` takes Docker when an engine answers a ping.
    ///
    /// # Errors
    /// When Docker was asked for and no engine answers.
    #[expect(clippy::unused_async, reason = "the runtime that replaces this asks the engine")]
    pub async fn open(cloud: Arc<Cloud>) -> Result<Self, LaunchError> {
        Ok(Self { _cloud: cloud })
    }

    /// `docker` or `process`.
    pub fn name(&self) -> &'static str {
        "process"
    }

    /// Pulls the image and starts the container; done when it runs.
    ///
    /// # Errors
    /// When the image cannot be had or the program does not start.
    #[expect(clippy::unused_async, reason = "the runtime that replaces this waits")]
    pub async fn launch(&self, launch: Launch) -> Result<(), LaunchError> {
        Err(LaunchError::Start(launch.image_url))
    }

    /// SIGTERM, then SIGKILL after `grace`; forgets the container. Unknown ids are fine.
    #[expect(clippy::unused_async, reason = "the runtime that replaces this waits")]
    pub async fn stop(&self, _container_id: &str, _grace: Duration) {}

    /// What the container printed last, at most 256 KiB.
    #[expect(clippy::unused_async, reason = "the runtime that replaces this waits")]
    pub async fn logs(&self, _container_id: &str) -> Bytes {
        Bytes::new()
    }

    #[expect(clippy::unused_async, reason = "the runtime that replaces this waits")]
    pub async fn status(&self, _container_id: &str) -> Status {
        Status::Absent
    }

    /// Stops everything, as at the end of the process.
    #[expect(clippy::unused_async, reason = "the runtime that replaces this waits")]
    pub async fn shut_down(&self) {}
}
