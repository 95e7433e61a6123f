//! Images of the container registry (OCIR). Pushing and pulling is the registry's own protocol.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const CONTAINER_IMAGE: Noun = Noun {
    service: Service::Artifacts,
    singular: "ContainerImage",
    plural: "ContainerImages",
    path: "20160918/container/images",
};

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

/// `ListContainerImages`: all of a compartment, or of one repository in it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(
    client: &Client,
    compartment_id: &str,
    repository_name: Option<&str>,
) -> Result<Vec<ContainerImageSummary>> {
    let request = CONTAINER_IMAGE
        .list(&[])
        .query("compartmentId", compartment_id)
        .query_if("repositoryName", repository_name);
    client.list(&request).await
}

/// `LookupContainerImageByUri`: the image at `namespace/repository:tag` or `...@sha256:...`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn lookup(client: &Client, uri: &str) -> Result<Response<ContainerImage>> {
    let request = CONTAINER_IMAGE
        .on("LookupContainerImageByUri", Method::POST, &[], &["actions", "lookupImageByUri"])
        .json(&serde_json::json!({ "imageUri": uri }));
    client.call(&request).await
}

/// `DeleteContainerImage`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&CONTAINER_IMAGE.delete(&[id]).guarded(mutation)).await
}
