//! Repositories of the container registry (OCIR).

use serde::{Deserialize, Serialize};

use crate::{
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
};

const CONTAINER_REPOSITORY: Noun =
    Noun { service: Service::Artifacts, path: "20160918/container/repositories" };

resource_operations! {
    of CONTAINER_REPOSITORY;
    create = CreateContainerRepository(CreateContainerRepositoryDetails) -> ContainerRepository;
    get = GetContainerRepository() -> ContainerRepository;
    list = ListContainerRepositories() -> Vec<ContainerRepositorySummary>;
    update = UpdateContainerRepository(UpdateContainerRepositoryDetails) -> ContainerRepository;
    delete = DeleteContainerRepository();
}

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
