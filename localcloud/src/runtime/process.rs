//! Containers without an engine: the image is unpacked into a folder and its program runs as a child process.
//!
//! There is no isolation: the program sees this machine's files, and interpreters and shared libraries are the
//! machine's, so a static binary runs as it does in a container. It must listen on `HOST` and `PORT`, which are
//! set to a free loopback port; that port stands in the fabric for the image's exposed port, or for the `PORT` it
//! was given. One port per container. Memory limits and the image's user are not applied.

mod child;
mod leftovers;
mod log;
mod supervisor;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use tokio_util::task::AbortOnDropHandle;

use self::log::Log;
use self::supervisor::Container;
use super::image::{ImageUrl, Platform, Program};
use super::pull::{Image, Repository};
use super::unpack::unpack;
use super::{Launch, LaunchError, Status, short};
use crate::cloud::Cloud;

/// Ephemeral storage of a container instance, in bytes.
const STORAGE: u64 = 15_000_000_000;
const GRACE_AT_END: Duration = Duration::from_secs(5);

/// The child processes of this cloud.
#[derive(Debug)]
pub(super) struct Processes {
    cloud: Arc<Cloud>,
    folder: PathBuf,
    running: Mutex<HashMap<String, Running>>,
}

#[derive(Debug)]
struct Running {
    container: Arc<Container>,
    supervisor: AbortOnDropHandle<()>,
}

impl Processes {
    /// Ends what a cloud of the same state folder left running when it was killed, and clears its folders.
    pub(super) fn open(cloud: Arc<Cloud>) -> Result<Self, LaunchError> {
        let folder = cloud.options.state.join("containers");
        leftovers::end(&folder);
        let cleared = match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => fs::create_dir_all(&folder),
        };
        cleared.map_err(|e| LaunchError::Start(format!("{}: {e}", folder.display())))?;
        Ok(Self { cloud, folder, running: Mutex::default() })
    }

    pub(super) async fn launch(&self, launch: Launch) -> Result<(), LaunchError> {
        if self.status(&launch.container_id) == Status::Running {
            if let Some(running) = self.running().get(&launch.container_id) {
                running.container.attach();
            }
            return Ok(());
        }
        self.stop(&launch.container_id, Duration::ZERO).await;
        let folder = self.folder.join(short(&launch.container_id));
        let started = self.start(&launch, &folder).await;
        if started.is_err() {
            // The reason is in the error; an unpacked image that never ran is only in the way.
            let _removed = fs::remove_dir_all(&folder);
        }
        self.running().insert(launch.container_id, started?);
        Ok(())
    }

    async fn start(&self, launch: &Launch, folder: &Path) -> Result<Running, LaunchError> {
        let url = ImageUrl::parse(&launch.image_url, self.cloud.options.ports.registry)?;
        let here = Platform::here();
        let repository = Repository::open(url, launch.credentials.as_ref()).await?;
        let image = repository.image(&here).await?;
        image.config.platform.check(&here)?;
        let root = folder.join("rootfs");
        unpack_layers(&repository, &image, &root).await?;
        let log = Log::create(folder).map_err(|e| LaunchError::Start(e.to_string()))?;
        let program = Program::new(image.config.config, launch)?;
        let container = Container::new(Arc::clone(&self.cloud), launch, program, log, folder);
        let container = Arc::new(container);
        let child = container.first_start().await?;
        let supervisor = tokio::spawn(supervisor::supervise(Arc::clone(&container), child));
        Ok(Running { container, supervisor: AbortOnDropHandle::new(supervisor) })
    }

    pub(super) async fn stop(&self, container_id: &str, grace: Duration) {
        let running = self.running().remove(container_id);
        if let Some(Running { container, supervisor }) = running {
            container.ask_to_stop(grace);
            // The supervisor only fails by panicking; the child is then killed by being dropped.
            let _ended = supervisor.await;
            container.detach();
            let _removed = fs::remove_dir_all(self.folder.join(short(container_id)));
        }
    }

    pub(super) fn logs(&self, container_id: &str) -> Bytes {
        self.running().get(container_id).map(|r| r.container.log()).unwrap_or_default()
    }

    pub(super) fn status(&self, container_id: &str) -> Status {
        self.running().get(container_id).map_or(Status::Absent, |r| r.container.status())
    }

    pub(super) async fn shut_down(&self) {
        let ids: Vec<String> = self.running().keys().cloned().collect();
        join_all(ids.iter().map(|id| self.stop(id, GRACE_AT_END))).await;
        leftovers::end(&self.folder);
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes `root` hold the image's files.
async fn unpack_layers(
    repository: &Repository,
    image: &Image,
    root: &Path,
) -> Result<(), LaunchError> {
    let disk = |e: io::Error| LaunchError::Pull(e.to_string());
    fs::create_dir_all(root).map_err(disk)?;
    let mut budget = STORAGE;
    for layer in &image.layers {
        let file = root.with_extension("layer");
        repository.layer(layer, &file).await?;
        let root = root.to_owned();
        let unpacked = tokio::task::spawn_blocking(move || {
            unpack(&file, &root, &mut budget)?;
            fs::remove_file(&file).map(|()| budget)
        });
        budget = unpacked
            .await
            .map_err(io::Error::other)
            .and_then(|left| left)
            .map_err(|e| LaunchError::Pull(format!("layer {}: {e}", layer.digest)))?;
    }
    Ok(())
}
