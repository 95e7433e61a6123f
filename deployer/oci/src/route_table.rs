//! Route tables: where a subnet sends what is not for its own VCN.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const ROUTE_TABLE: Noun = Noun {
    service: Service::Network,
    singular: "RouteTable",
    plural: "RouteTables",
    path: "20160918/routeTables",
};

/// What `CreateRouteTable` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateRouteTableDetails {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub route_rules: Vec<RouteRule>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateRouteTable` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRouteTableDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_rules: Option<Vec<RouteRule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// A route table. An update replaces the whole list of rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteTable {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub id: String,
    pub lifecycle_state: LifecycleState,
    #[serde(default, deserialize_with = "nullable")]
    pub route_rules: Vec<RouteRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub vcn_id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// Where packets for a destination go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// `CIDR_BLOCK` or `SERVICE_CIDR_BLOCK`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_type: Option<String>,
    pub network_entity_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `STATIC` or `LOCAL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_type: Option<String>,
}

/// `CreateRouteTable`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateRouteTableDetails,
    mutation: &Mutation,
) -> Result<Response<RouteTable>> {
    client.call(&ROUTE_TABLE.create(&[]).json(details).guarded(mutation)).await
}

/// `GetRouteTable`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, id: &str) -> Result<Response<RouteTable>> {
    client.call(&ROUTE_TABLE.get(&[id])).await
}

/// `ListRouteTables`: all of a compartment, or of one VCN in it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(
    client: &Client,
    compartment_id: &str,
    vcn_id: Option<&str>,
) -> Result<Vec<RouteTable>> {
    let request = ROUTE_TABLE.list(&[]).query("compartmentId", compartment_id);
    client.list(&request.query_if("vcnId", vcn_id)).await
}

/// `UpdateRouteTable`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateRouteTableDetails,
    mutation: &Mutation,
) -> Result<Response<RouteTable>> {
    client.call(&ROUTE_TABLE.update(&[id]).json(details).guarded(mutation)).await
}

/// `DeleteRouteTable`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&ROUTE_TABLE.delete(&[id]).guarded(mutation)).await
}
