//! Subnets of a VCN.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const SUBNET: Noun = Noun {
    service: Service::Network,
    singular: "Subnet",
    plural: "Subnets",
    path: "20160918/subnets",
};

/// What `CreateSubnet` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateSubnetDetails {
    /// Absent: the subnet spans the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4_cidr_blocks: Option<Vec<String>>,
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp_options_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_blocks: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prohibit_internet_ingress: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prohibit_public_ip_on_vnic: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_list_ids: Option<Vec<String>>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateSubnet` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateSubnetDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp_options_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_list_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_blocks: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subnet {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub ipv4_cidr_blocks: Vec<String>,
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp_options_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_label: Option<String>,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub ipv6_cidr_blocks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_virtual_router_ip: Option<String>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prohibit_internet_ingress: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prohibit_public_ip_on_vnic: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub security_list_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_domain_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_router_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_router_mac: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `CreateSubnet`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateSubnetDetails,
    mutation: &Mutation,
) -> Result<Response<Subnet>> {
    client.call(&SUBNET.create(&[]).json(details).guarded(mutation)).await
}

/// `GetSubnet`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, id: &str) -> Result<Response<Subnet>> {
    client.call(&SUBNET.get(&[id])).await
}

/// `ListSubnets`: all of a compartment, or of one VCN in it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(
    client: &Client,
    compartment_id: &str,
    vcn_id: Option<&str>,
) -> Result<Vec<Subnet>> {
    let request = SUBNET.list(&[]).query("compartmentId", compartment_id);
    client.list(&request.query_if("vcnId", vcn_id)).await
}

/// `UpdateSubnet`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateSubnetDetails,
    mutation: &Mutation,
) -> Result<Response<Subnet>> {
    client.call(&SUBNET.update(&[id]).json(details).guarded(mutation)).await
}

/// `DeleteSubnet`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&SUBNET.delete(&[id]).guarded(mutation)).await
}
