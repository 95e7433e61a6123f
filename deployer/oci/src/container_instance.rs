//! Container instances: containers that run together on one machine of the vendor's.
//!
//! An instance cannot change its image: a deployment makes a new one. Making and deleting are
//! asynchronous: wait with
//! [`work_request::container_instance`](crate::work_request::container_instance). A list shows those that
//! are gone too.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    client::{Client, Response},
    container_instance::{
        container::CreateContainerDetails, image_pull_secret::ImagePullSecret, volume::Volume,
    },
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
    request::Mutation,
};

pub mod container;
pub mod image_pull_secret;
pub mod volume;

const CONTAINER_INSTANCE: Noun =
    Noun { service: Service::ContainerInstances, path: "20210415/containerInstances" };

resource_operations! {
    of CONTAINER_INSTANCE;
    create = CreateContainerInstance(CreateContainerInstanceDetails) -> ContainerInstance;
    get = GetContainerInstance() -> ContainerInstance;
    list = ListContainerInstances() -> Vec<ContainerInstanceSummary>;
    delete = DeleteContainerInstance();
}

/// What `CreateContainerInstance` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateContainerInstanceDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub compartment_id: String,
    pub availability_domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault_domain: Option<String>,
    /// Such as `CI.Standard.E4.Flex`.
    pub shape: String,
    pub shape_config: CreateShapeConfigDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volumes: Option<Vec<Volume>>,
    /// 1 to 60.
    pub containers: Vec<CreateContainerDetails>,
    /// Exactly one.
    pub vnics: Vec<CreateVnicDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_config: Option<DnsConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graceful_shutdown_timeout_in_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_secrets: Option<Vec<ImagePullSecret>>,
    /// `ALWAYS` (default), `NEVER` or `ON_FAILURE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_restart_policy: Option<String>,
    /// `{"securityContextType": "LINUX", ...}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateContainerInstance` changes; absent is unchanged. Tags are replaced whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateContainerInstanceDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// The size of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateShapeConfigDetails {
    pub ocpus: f64,
    #[serde(rename = "memoryInGBs", skip_serializing_if = "Option::is_none")]
    pub memory_in_gbs: Option<f64>,
}

/// The network interface of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateVnicDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public_ip_assigned: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_source_dest_check: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsg_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<String>,
    pub subnet_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// How names are resolved inside the instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DnsConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nameservers: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searches: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<String>>,
}

/// A container instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerInstance {
    pub id: String,
    pub display_name: String,
    pub compartment_id: String,
    pub availability_domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault_domain: Option<String>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle_details: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub containers: Vec<ContainerReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape_config: Option<ShapeConfig>,
    #[serde(default, deserialize_with = "nullable")]
    pub vnics: Vec<VnicReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graceful_shutdown_timeout_in_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_restart_policy: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// A container instance as a list shows it: without its containers and interfaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerInstanceSummary {
    pub id: String,
    pub display_name: String,
    pub compartment_id: String,
    pub availability_domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault_domain: Option<String>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle_details: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape_config: Option<ShapeConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graceful_shutdown_timeout_in_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_restart_policy: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// The size of an instance, as the service describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShapeConfig {
    pub ocpus: f64,
    #[serde(rename = "memoryInGBs", skip_serializing_if = "Option::is_none")]
    pub memory_in_gbs: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networking_bandwidth_in_gbps: Option<f64>,
}

/// A container of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerReference {
    pub container_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// The network interface of an instance; its addresses are in [`vnic::get`](crate::vnic::get).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnicReference {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnic_id: Option<String>,
}

/// `UpdateContainerInstance`: asynchronous, and without a body in its answer.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateContainerInstanceDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = CONTAINER_INSTANCE.put("UpdateContainerInstance", &[id]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

#[cfg(test)]
mod tests;
