//! Container repositories (`/20160918/container`): made by the artifacts service, filled by the registry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::table::Table;

type Tags = BTreeMap<String, String>;
type DefinedTags = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// Everything of the artifacts service, each map by OCID.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct World {
    pub repositories: Table<Repository>,
    pub images: Table<Image>,
    /// Can be restored for a while, so the registry keeps their manifests.
    pub deleted_images: Table<DeletedImage>,
    /// Whether a push to a repository that does not exist is refused instead of making it.
    pub refuses_unknown_repositories: bool,
}

impl World {
    /// The repository of this name; a name is unique in a namespace.
    pub fn named(&self, name: &str) -> Option<&Repository> {
        self.repositories.values().find(|r| r.display_name == name)
    }

    /// Digests of what the registry must keep of a repository.
    pub fn digests_of<'a>(&'a self, repository: &'a str) -> impl Iterator<Item = &'a str> {
        let deleted = self.deleted_images.values().map(|deleted| &deleted.image);
        let deleted = deleted.filter(move |i| i.repository_id == repository);
        self.images_of(repository).chain(deleted).map(|image| image.digest.as_str())
    }

    /// The images of a repository.
    pub fn images_of<'a>(&'a self, repository: &'a str) -> impl Iterator<Item = &'a Image> {
        self.images.values().filter(move |i| i.repository_id == repository)
    }
}

/// A repository of the one namespace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Repository {
    pub id: String,
    pub compartment_id: String,
    /// Path in the registry, without the namespace.
    pub display_name: String,
    pub is_public: bool,
    pub is_immutable: bool,
    pub time_created: String,
    pub etag: String,
    pub freeform_tags: Tags,
    pub defined_tags: DefinedTags,
}

/// A manifest that was pushed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Image {
    pub id: String,
    pub repository_id: String,
    /// `sha256:...` of the manifest.
    pub digest: String,
    /// Tags that point to this manifest at present.
    pub versions: Vec<String>,
    /// Bytes of the manifest.
    pub manifest_size: u64,
    /// Digest and bytes of each layer, in order.
    pub layers: Vec<(String, u64)>,
    pub time_created: String,
    /// Empty until it is changed for the first time.
    pub etag: String,
    pub freeform_tags: Tags,
    pub defined_tags: DefinedTags,
}

impl Image {
    /// Never empty.
    pub fn etag(&self) -> &str {
        if self.etag.is_empty() { &self.id } else { &self.etag }
    }
}

/// An image that was deleted, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeletedImage {
    pub image: Image,
    pub time_deleted: String,
}
