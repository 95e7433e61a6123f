//! Images of the container registry (OCIR). Pushing and pulling is the registry's own protocol.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
};

const CONTAINER_IMAGE: Noun =
    Noun { service: Service::Artifacts, path: "20160918/container/images" };

resource_operations! {
    of CONTAINER_IMAGE;
    list = ListContainerImages(repository_name: "repositoryName") -> Vec<ContainerImageSummary>;
    delete = DeleteContainerImage();
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerImage {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    pub digest: String,
    pub display_name: String,
    pub id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub layers: Vec<Layer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers_size_in_bytes: Option<u64>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest_size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_count: Option<u64>,
    pub repository_id: String,
    pub repository_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_last_pulled: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub versions: Vec<Version>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// A layer of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    pub digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
}

/// A tag of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub version: String,
}

/// An image as a list shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerImageSummary {
    pub compartment_id: String,
    pub digest: String,
    pub display_name: String,
    pub id: String,
    pub lifecycle_state: LifecycleState,
    pub repository_id: String,
    pub repository_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `LookupContainerImageByUri`: the image at `namespace/repository:tag` or `...@sha256:...`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn lookup(client: &Client, uri: &str) -> Result<Response<ContainerImage>> {
    let request = CONTAINER_IMAGE
        .post("LookupContainerImageByUri", &["actions", "lookupImageByUri"])
        .json(&serde_json::json!({ "imageUri": uri }));
    client.call(&request).await
}
