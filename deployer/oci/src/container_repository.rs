//! Repositories of the container registry (OCIR).

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const CONTAINER_REPOSITORY: Noun = Noun {
    service: Service::Artifacts,
    singular: "ContainerRepository",
    plural: "ContainerRepositories",
    path: "20160918/container/repositories",
};

/// What `CreateContainerRepository` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateContainerRepositoryDetails {
    pub compartment_id: String,
    /// The name in image addresses: lower case letters, digits and `/_.-`; unique in the tenancy.
    pub display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_immutable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme: Option<Readme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateContainerRepository` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateContainerRepositoryDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_immutable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme: Option<Readme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What a repository says about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Readme {
    pub content: String,
    /// `TEXT_MARKDOWN` or `TEXT_PLAIN`.
    pub format: String,
}

/// A repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerRepository {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    pub display_name: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_immutable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers_size_in_bytes: Option<u64>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme: Option<Readme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_last_pushed: Option<String>,
    #[serde(rename = "billableSizeInGBs", skip_serializing_if = "Option::is_none")]
    pub billable_size_in_gbs: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// A repository as a list shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerRepositorySummary {
    pub compartment_id: String,
    pub display_name: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers_size_in_bytes: Option<u64>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(rename = "billableSizeInGBs", skip_serializing_if = "Option::is_none")]
    pub billable_size_in_gbs: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `CreateContainerRepository`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateContainerRepositoryDetails,
    mutation: &Mutation,
) -> Result<Response<ContainerRepository>> {
    client.call(&CONTAINER_REPOSITORY.create(&[]).json(details).guarded(mutation)).await
}

/// `GetContainerRepository`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, id: &str) -> Result<Response<ContainerRepository>> {
    client.call(&CONTAINER_REPOSITORY.get(&[id])).await
}

/// `ListContainerRepositories`: all of a compartment.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(
    client: &Client,
    compartment_id: &str,
) -> Result<Vec<ContainerRepositorySummary>> {
    let request = CONTAINER_REPOSITORY.list(&[]).query("compartmentId", compartment_id);
    client.list(&request).await
}

/// `UpdateContainerRepository`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateContainerRepositoryDetails,
    mutation: &Mutation,
) -> Result<Response<ContainerRepository>> {
    client.call(&CONTAINER_REPOSITORY.update(&[id]).json(details).guarded(mutation)).await
}

/// `DeleteContainerRepository`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&CONTAINER_REPOSITORY.delete(&[id]).guarded(mutation)).await
}
