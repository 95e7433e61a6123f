//! Containers of a simulation: nothing runs, but an image must have been pushed before it can be launched.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Launch, LaunchError, Status};
use crate::cloud::Cloud;
use crate::model::repository::{Image, World};

/// The containers that are said to run.
#[derive(Debug)]
pub(super) struct Simulated {
    cloud: Arc<Cloud>,
    running: Mutex<BTreeSet<String>>,
}

impl Simulated {
    pub(super) fn new(cloud: Arc<Cloud>) -> Self {
        Self { cloud, running: Mutex::default() }
    }

    pub(super) fn launch(&self, launch: &Launch) -> Result<(), LaunchError> {
        if !is_pushed(&self.cloud.repositories.read(), &launch.image_url) {
            return Err(LaunchError::Pull(format!("{}: no such image", launch.image_url)));
        }
        self.running().insert(launch.container_id.clone());
        Ok(())
    }

    pub(super) fn stop(&self, container_id: &str) {
        self.running().remove(container_id);
    }

    pub(super) fn status(&self, container_id: &str) -> Status {
        let runs = self.running().contains(container_id);
        if runs { Status::Running } else { Status::Absent }
    }

    fn running(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the catalogue has the image of `host/namespace/repository@digest` or `…:tag`.
fn is_pushed(world: &World, url: &str) -> bool {
    let path = url.splitn(3, '/').nth(2).unwrap_or_default();
    let (name, reference) = match path.split_once('@') {
        Some((name, digest)) => (name.split_once(':').map_or(name, |(name, _)| name), digest),
        None => path.split_once(':').unwrap_or((path, "latest")),
    };
    let fits = |i: &Image| i.digest == reference || i.versions.iter().any(|tag| tag == reference);
    world.named(name).is_some_and(|repository| world.images_of(&repository.id).any(fits))
}
