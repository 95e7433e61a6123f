//! Which blobs and manifests each repository holds; their bytes are in the [`super::store`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use crate::model::repository::World;
use crate::table::Table;

/// What was pushed, by OCID of the repository: one that is made anew under an old name starts empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Contents {
    shelves: Table<Shelf>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Shelf {
    blobs: BTreeSet<Digest>,
    manifests: BTreeMap<Digest, Stored>,
}

/// What is known of a manifest besides its bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) media_type: String,
    pub(super) size: u64,
    /// The manifest that this one refers to, for example the image that a signature is for.
    pub(super) subject: Option<Digest>,
    pub(super) artifact_type: Option<String>,
    pub(super) annotations: BTreeMap<String, String>,
}

impl Contents {
    pub(super) fn holds_blob(&self, repository: &str, digest: &Digest) -> bool {
        self.shelves.get(repository).is_some_and(|shelf| shelf.blobs.contains(digest))
    }

    pub(super) fn manifest(&self, repository: &str, digest: &Digest) -> Option<&Stored> {
        self.shelves.get(repository)?.manifests.get(digest)
    }

    /// The manifests that refer to `subject`.
    pub(super) fn referrers<'a>(
        &'a self,
        repository: &str,
        subject: &'a Digest,
    ) -> impl Iterator<Item = (&'a Digest, &'a Stored)> {
        let shelf = self.shelves.get(repository);
        let manifests = shelf.into_iter().flat_map(|shelf| &shelf.manifests);
        manifests.filter(move |(_, stored)| stored.subject.as_ref() == Some(subject))
    }

    pub(super) fn add_blob(&mut self, repository: &str, digest: Digest) {
        self.shelves.get_or_insert_with(repository, Shelf::default).blobs.insert(digest);
    }

    /// Whether it was there.
    pub(super) fn remove_blob(&mut self, repository: &str, digest: &Digest) -> bool {
        self.shelves.get_mut(repository).is_some_and(|shelf| shelf.blobs.remove(digest))
    }

    pub(super) fn add_manifest(&mut self, repository: &str, digest: Digest, stored: Stored) {
        self.shelves
            .get_or_insert_with(repository, Shelf::default)
            .manifests
            .insert(digest, stored);
    }

    pub(super) fn remove_manifest(&mut self, repository: &str, digest: &Digest) {
        if let Some(shelf) = self.shelves.get_mut(repository) {
            shelf.manifests.remove(digest);
        }
    }

    /// Forgets the repositories and manifests that the catalogue does not know.
    pub(super) fn keep_only(&mut self, world: &World) {
        self.shelves.retain(|id, _| world.repositories.contains_key(id));
        let ids: Vec<String> = self.shelves.keys().map(str::to_owned).collect();
        for id in ids {
            let images: BTreeSet<&str> = world.digests_of(&id).collect();
            if let Some(shelf) = self.shelves.get_mut(&id) {
                shelf.manifests.retain(|digest, _| images.contains(digest.as_str()));
            }
        }
    }

    /// Whether any repository needs the bytes of `digest`.
    pub(super) fn needs(&self, digest: &Digest) -> bool {
        self.shelves
            .values()
            .any(|shelf| shelf.blobs.contains(digest) || shelf.manifests.contains_key(digest))
    }
}
