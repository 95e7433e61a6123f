//! Keeps a container's program running, if that is wanted, and its port in the fabric.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::Instant;

use super::child::{Child, back_off};
use super::log::Log;
use crate::cloud::Cloud;
use crate::network::Endpoint;
use crate::runtime::image::Program;
use crate::runtime::{Launch, LaunchError, Status, last_words};

/// Starts that are tried before a launch fails: somebody may take the port between its choice and its use.
const ATTEMPTS: u32 = 3;
/// A program that ran this long counts as healthy: its next failure is again the first.
const HEALTHY: Duration = Duration::from_secs(10);

/// A container and what is known of its present run.
#[derive(Debug)]
pub(super) struct Container {
    cloud: Arc<Cloud>,
    id: String,
    private_ip: IpAddr,
    restarts: bool,
    program: Program,
    log: Arc<Log>,
    folder: PathBuf,
    endpoint: Mutex<Option<Endpoint>>,
    status: watch::Sender<Status>,
    /// The grace that a stop gives, once one was asked for.
    stop: watch::Sender<Option<Duration>>,
}

impl Container {
    pub(super) fn new(
        cloud: Arc<Cloud>,
        launch: &Launch,
        program: Program,
        log: Log,
        folder: &Path,
    ) -> Self {
        Self {
            cloud,
            id: launch.container_id.clone(),
            private_ip: launch.private_ip,
            restarts: launch.restarts,
            program,
            log: Arc::new(log),
            folder: folder.to_owned(),
            endpoint: Mutex::default(),
            status: watch::Sender::new(Status::Running),
            stop: watch::Sender::new(None),
        }
    }

    /// # Errors
    /// With the last words of a program that does not stay alive.
    pub(super) async fn first_start(&self) -> Result<Child, LaunchError> {
        let mut code = 0;
        for _ in 0..ATTEMPTS {
            let mut child = match self.start().await {
                Ok(child) => child,
                // A child of somebody else, not yet exec'ed, still has the unpacked file open for writing.
                Err(e) if e.kind() == io::ErrorKind::ExecutableFileBusy => {
                    back_off(1).await;
                    continue;
                }
                Err(e) => return Err(LaunchError::Start(e.to_string())),
            };
            match child.settle().await {
                Ok(()) => return Ok(child),
                Err(exit) => code = exit,
            }
            child.sweep();
        }
        self.detach();
        let words = last_words(&self.log.tail());
        Err(LaunchError::Start(format!("the program exited at once with code {code}: {words}")))
    }

    async fn start(&self) -> io::Result<Child> {
        let child = Child::start(&self.program, &self.id, &self.folder, &self.log).await?;
        let endpoint = child.address.map(Endpoint::Published);
        *self.endpoint.lock().unwrap_or_else(PoisonError::into_inner) = endpoint;
        self.attach();
        Ok(child)
    }

    /// Enters the program's port in the fabric.
    pub(super) fn attach(&self) {
        let endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let (Some(port), Some(endpoint)) = (self.program.port, endpoint) {
            self.cloud.fabric.attach(self.private_ip, port, endpoint);
        }
    }

    pub(super) fn detach(&self) {
        if let Some(port) = self.program.port {
            self.cloud.fabric.detach(self.private_ip, port);
        }
    }

    pub(super) fn ask_to_stop(&self, grace: Duration) {
        self.stop.send_replace(Some(grace));
    }

    pub(super) fn status(&self) -> Status {
        *self.status.borrow()
    }

    pub(super) fn log(&self) -> Bytes {
        self.log.tail()
    }

    /// Waits until a stop is asked for; returns its grace.
    async fn asked_to_stop(&self) -> Duration {
        let mut stop = self.stop.subscribe();
        let asked = stop.wait_for(Option::is_some).await;
        asked.ok().and_then(|grace| *grace).unwrap_or_default()
    }
}

/// Follows the program to its end, starts it again if that is wanted, and stops it when asked to.
pub(super) async fn supervise(container: Arc<Container>, mut child: Child) {
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let ended = tokio::select! {
            code = child.wait() => Ok(code),
            grace = container.asked_to_stop() => Err(grace),
        };
        match ended {
            Ok(code) => container.status.send_replace(Status::Exited { code }),
            Err(grace) => return child.stop(grace).await,
        };
        child.sweep();
        if !container.restarts {
            return;
        }
        failures = if began.elapsed() > HEALTHY { 0 } else { failures + 1 };
        child = tokio::select! {
            child = start_again(&container, &mut failures) => child,
            _ = container.asked_to_stop() => return,
        };
        container.status.send_replace(Status::Running);
    }
}

async fn start_again(container: &Container, failures: &mut u32) -> Child {
    loop {
        back_off(*failures).await;
        match container.start().await {
            Ok(child) => return child,
            Err(_) => *failures += 1,
        }
    }
}
