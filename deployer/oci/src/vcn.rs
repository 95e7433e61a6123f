//! Virtual cloud networks.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const VCN: Noun =
    Noun { service: Service::Network, singular: "Vcn", plural: "Vcns", path: "20160918/vcns" };

/// What `CreateVcn` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateVcnDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_blocks: Option<Vec<String>>,
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// At most 15 letters and digits; cannot be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_ipv6_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateVcn` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateVcnDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// A virtual cloud network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vcn {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub cidr_blocks: Vec<String>,
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_dhcp_options_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_security_list_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_label: Option<String>,
    pub id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub ipv6_cidr_blocks: Vec<String>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcn_domain_name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `CreateVcn`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateVcnDetails,
    mutation: &Mutation,
) -> Result<Response<Vcn>> {
    client.call(&VCN.create(&[]).json(details).guarded(mutation)).await
}

/// `GetVcn`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, id: &str) -> Result<Response<Vcn>> {
    client.call(&VCN.get(&[id])).await
}

/// `ListVcns`: all of a compartment.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(client: &Client, compartment_id: &str) -> Result<Vec<Vcn>> {
    let request = VCN.list(&[]).query("compartmentId", compartment_id);
    client.list(&request).await
}

/// `UpdateVcn`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateVcnDetails,
    mutation: &Mutation,
) -> Result<Response<Vcn>> {
    client.call(&VCN.update(&[id]).json(details).guarded(mutation)).await
}

/// `DeleteVcn`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&VCN.delete(&[id]).guarded(mutation)).await
}
