//! Containers of a Docker engine, which pulls the image from this cloud's registry like anybody else.
//!
//! Ours are known by their labels, so they are found again after a restart. Ports are published on 127.0.0.1 only,
//! on ports that are chosen here and so stay the same when the engine starts a container again.

mod container;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bollard::auth::DockerCredentials;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerStateStatusEnum};
use bollard::query_parameters::{
    CreateContainerOptions, CreateImageOptions, InspectContainerOptions, ListContainersOptions,
    LogsOptions, RemoveContainerOptions, StartContainerOptions, StopContainerOptions,
};
use bytes::{Bytes, BytesMut};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::time::{sleep, timeout};

use self::container::{CONTAINER, IMAGE, STATE};
use super::image::{ImageUrl, Platform, tcp_port};
use super::{LOG_BYTES, Launch, LaunchError, Status, free_port, last_words, short};
use crate::cloud::Cloud;

const PING: Duration = Duration::from_secs(1);
/// Starts that are tried: somebody may take a port between its choice and its use.
const ATTEMPTS: u32 = 3;
/// How often, and how far apart, a new container is looked at before it counts as started.
const LOOKS: (u32, Duration) = (5, Duration::from_millis(100));
const GRACE_AT_END: Duration = Duration::from_secs(5);

/// The containers of this cloud in one engine.
#[derive(Debug)]
pub(super) struct Docker {
    cloud: Arc<Cloud>,
    engine: bollard::Docker,
    /// Tells the containers of this state folder from those of another.
    state: String,
}

impl Docker {
    /// Uses `DOCKER_HOST` (a unix socket) or the engine's usual socket.
    pub(super) async fn connect(cloud: Arc<Cloud>) -> Result<Self, LaunchError> {
        let none = |why: String| LaunchError::Start(format!("no Docker engine: {why}"));
        let engine = bollard::Docker::connect_with_defaults().map_err(|e| none(e.to_string()))?;
        let answer = timeout(PING, engine.ping()).await;
        answer
            .map_err(|_| none("it does not answer".to_owned()))?
            .map_err(|e| none(e.to_string()))?;
        let folder = &cloud.options.state;
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let state = short(&folder.to_string_lossy());
        Ok(Self { cloud, engine, state })
    }

    pub(super) async fn launch(&self, launch: &Launch) -> Result<(), LaunchError> {
        if let Some(container) = self.find(&launch.container_id).await {
            if is_running(&container) && label(&container, IMAGE) == Some(&*launch.image_url) {
                return self.attach(&container, launch);
            }
            self.remove(&launch.container_id).await;
        }
        let url = ImageUrl::parse(&launch.image_url, self.cloud.options.ports.registry)?;
        self.pull(&url, launch.credentials.as_ref()).await?;
        let ports = self.ports(&url, launch).await?;
        let started = self.start(&url, launch, &ports).await;
        let attached = started.and_then(|container| self.attach(&container, launch));
        if attached.is_err() {
            self.remove(&launch.container_id).await;
        }
        attached
    }

    async fn pull(
        &self,
        url: &ImageUrl,
        credentials: Option<&(String, String)>,
    ) -> Result<(), LaunchError> {
        let options = CreateImageOptions {
            from_image: Some(url.to_string()),
            ..CreateImageOptions::default()
        };
        let credentials = credentials.map(|(user, password)| DockerCredentials {
            username: Some(user.clone()),
            password: Some(password.clone()),
            serveraddress: Some(url.host.clone()),
            ..DockerCredentials::default()
        });
        let failed = |why: String| LaunchError::Pull(format!("{url}: {why}"));
        let mut progress = Box::pin(self.engine.create_image(Some(options), None, credentials));
        while let Some(step) = progress.try_next().await.map_err(|e| failed(e.to_string()))? {
            // An error may stand in the stream of a pull that was answered with 200.
            if let Some(detail) = step.error_detail {
                return Err(failed(detail.message.unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// The ports to publish: those that the image exposes, and the `PORT` that the container is given.
    async fn ports(&self, url: &ImageUrl, launch: &Launch) -> Result<Vec<u16>, LaunchError> {
        let image = self.engine.inspect_image(&url.to_string()).await.map_err(start)?;
        let engine = self.engine.version().await.map_err(start)?;
        let of = |os: Option<String>, architecture: Option<String>| Platform {
            os: os.unwrap_or_default(),
            architecture: architecture.unwrap_or_default(),
        };
        of(image.os, image.architecture).check(&of(engine.os, engine.arch))?;
        let exposed = image.config.and_then(|config| config.exposed_ports).unwrap_or_default();
        let given = launch.environment.get("PORT");
        let mut ports: Vec<u16> =
            exposed.iter().chain(given).filter_map(|port| tcp_port(port)).collect();
        ports.sort_unstable();
        ports.dedup();
        Ok(ports)
    }

    async fn start(
        &self,
        url: &ImageUrl,
        launch: &Launch,
        ports: &[u16],
    ) -> Result<ContainerInspectResponse, LaunchError> {
        let name = self.name(&launch.container_id);
        let mut attempt = 1;
        loop {
            let mut published = HashMap::new();
            for port in ports {
                let free = free_port().await.map_err(|e| LaunchError::Start(e.to_string()))?;
                published.insert(*port, free);
            }
            let body = container::body(&self.state, &url.to_string(), launch, &published);
            let options = CreateContainerOptions { name: Some(name.clone()), ..Default::default() };
            self.engine.create_container(Some(options), body).await.map_err(start)?;
            let started = self.engine.start_container(&name, None::<StartContainerOptions>).await;
            match started {
                Ok(()) => return self.watch(launch).await,
                Err(error) if attempt == ATTEMPTS || !is_port_taken(&error) => {
                    return Err(start(error));
                }
                Err(_) => self.remove(&launch.container_id).await,
            }
            attempt += 1;
        }
    }

    /// Looks whether a container that was just started stays alive.
    async fn watch(&self, launch: &Launch) -> Result<ContainerInspectResponse, LaunchError> {
        let (looks, pause) = LOOKS;
        for _ in 1..looks {
            sleep(pause).await;
            let container = self.find(&launch.container_id).await;
            let steady = |c: &ContainerInspectResponse| {
                is_running(c) && c.restart_count.unwrap_or_default() == 0
            };
            if !container.as_ref().is_some_and(steady) {
                let log = self.logs(&launch.container_id).await;
                let words = last_words(&log);
                return Err(LaunchError::Start(format!("the program exited at once: {words}")));
            }
        }
        self.find(&launch.container_id)
            .await
            .ok_or_else(|| LaunchError::Start("the container is gone".to_owned()))
    }

    /// Enters the published ports in the fabric.
    fn attach(
        &self,
        container: &ContainerInspectResponse,
        launch: &Launch,
    ) -> Result<(), LaunchError> {
        for (port, endpoint) in container::published(container)? {
            self.cloud.fabric.attach(launch.private_ip, port, endpoint);
        }
        Ok(())
    }

    pub(super) async fn stop(&self, container_id: &str, grace: Duration) {
        let Some(container) = self.find(container_id).await else { return };
        let seconds = i32::try_from(grace.as_secs()).unwrap_or(i32::MAX);
        let options = StopContainerOptions { t: Some(seconds), ..StopContainerOptions::default() };
        // One that cannot be stopped is removed by force right after.
        let _stopped = self.engine.stop_container(&self.name(container_id), Some(options)).await;
        if let Some(private_ip) = container::private_ip(&container) {
            for port in container::ports(&container) {
                self.cloud.fabric.detach(private_ip, port);
            }
        }
        self.remove(container_id).await;
    }

    async fn remove(&self, container_id: &str) {
        let options =
            RemoveContainerOptions { force: true, v: true, ..RemoveContainerOptions::default() };
        // What is gone already needs no removing.
        let _removed = self.engine.remove_container(&self.name(container_id), Some(options)).await;
    }

    pub(super) async fn logs(&self, container_id: &str) -> Bytes {
        let options = LogsOptions {
            stdout: true,
            stderr: true,
            tail: "5000".to_owned(),
            ..Default::default()
        };
        let mut output = self.engine.logs(&self.name(container_id), Some(options));
        let mut kept = BytesMut::new();
        while let Some(Ok(chunk)) = output.next().await {
            kept.extend_from_slice(&LogOutput::into_bytes(chunk));
            let surplus = kept.len().saturating_sub(LOG_BYTES);
            let _dropped = kept.split_to(surplus);
        }
        kept.freeze()
    }

    pub(super) async fn status(&self, container_id: &str) -> Status {
        match self.find(container_id).await {
            None => Status::Absent,
            Some(container) if is_running(&container) => Status::Running,
            Some(container) => {
                let code = container.state.and_then(|state| state.exit_code).unwrap_or(-1);
                Status::Exited { code: i32::try_from(code).unwrap_or(-1) }
            }
        }
    }

    pub(super) async fn shut_down(&self) {
        let filter = format!("{STATE}={}", self.state);
        let options = ListContainersOptions {
            all: true,
            filters: Some([("label".to_owned(), vec![filter])].into()),
            ..ListContainersOptions::default()
        };
        let containers = self.engine.list_containers(Some(options)).await.unwrap_or_default();
        let ids = containers.into_iter().filter_map(|c| c.labels?.remove(CONTAINER));
        join_all(ids.map(|id| async move { self.stop(&id, GRACE_AT_END).await })).await;
    }

    async fn find(&self, container_id: &str) -> Option<ContainerInspectResponse> {
        let name = self.name(container_id);
        self.engine.inspect_container(&name, None::<InspectContainerOptions>).await.ok()
    }

    fn name(&self, container_id: &str) -> String {
        format!("localcloud-{}-{}", self.state, short(container_id))
    }
}

fn is_running(container: &ContainerInspectResponse) -> bool {
    let status = container.state.as_ref().and_then(|state| state.status);
    status == Some(ContainerStateStatusEnum::RUNNING)
}

fn label<'a>(container: &'a ContainerInspectResponse, name: &str) -> Option<&'a str> {
    container.config.as_ref()?.labels.as_ref()?.get(name).map(String::as_str)
}

fn is_port_taken(error: &Error) -> bool {
    let text = error.to_string();
    text.contains("port is already allocated") || text.contains("address already in use")
}

#[expect(clippy::needless_pass_by_value, reason = "used as the function of map_err")]
fn start(error: Error) -> LaunchError {
    LaunchError::Start(error.to_string())
}
