//! NAT gateways: the way out for private addresses.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const NAT_GATEWAY: Noun = Noun {
    service: Service::Network,
    singular: "NatGateway",
    plural: "NatGateways",
    path: "20160918/natGateways",
};

/// What `CreateNatGateway` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateNatGatewayDetails {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_traffic: Option<bool>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateNatGateway` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateNatGatewayDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_traffic: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// A NAT gateway; a VCN has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NatGateway {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_traffic: Option<bool>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `CreateNatGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateNatGatewayDetails,
    mutation: &Mutation,
) -> Result<Response<NatGateway>> {
    client.call(&NAT_GATEWAY.create(&[]).json(details).guarded(mutation)).await
}

/// `GetNatGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, id: &str) -> Result<Response<NatGateway>> {
    client.call(&NAT_GATEWAY.get(&[id])).await
}

/// `ListNatGateways`: all of a compartment, or of one VCN in it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(
    client: &Client,
    compartment_id: &str,
    vcn_id: Option<&str>,
) -> Result<Vec<NatGateway>> {
    let request = NAT_GATEWAY.list(&[]).query("compartmentId", compartment_id);
    client.list(&request.query_if("vcnId", vcn_id)).await
}

/// `UpdateNatGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateNatGatewayDetails,
    mutation: &Mutation,
) -> Result<Response<NatGateway>> {
    client.call(&NAT_GATEWAY.update(&[id]).json(details).guarded(mutation)).await
}

/// `DeleteNatGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&NAT_GATEWAY.delete(&[id]).guarded(mutation)).await
}
