//! Internet gateways: the way in and out for public addresses.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const INTERNET_GATEWAY: Noun = Noun {
    service: Service::Network,
    singular: "InternetGateway",
    plural: "InternetGateways",
    path: "20160918/internetGateways",
};

/// What `CreateInternetGateway` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInternetGatewayDetails {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub is_enabled: bool,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateInternetGateway` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateInternetGatewayDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// An internet gateway; a VCN has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InternetGateway {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_enabled: Option<bool>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `CreateInternetGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateInternetGatewayDetails,
    mutation: &Mutation,
) -> Result<Response<InternetGateway>> {
    client.call(&INTERNET_GATEWAY.create(&[]).json(details).guarded(mutation)).await
}

/// `GetInternetGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, id: &str) -> Result<Response<InternetGateway>> {
    client.call(&INTERNET_GATEWAY.get(&[id])).await
}

/// `ListInternetGateways`: all of a compartment, or of one VCN in it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(
    client: &Client,
    compartment_id: &str,
    vcn_id: Option<&str>,
) -> Result<Vec<InternetGateway>> {
    let request = INTERNET_GATEWAY.list(&[]).query("compartmentId", compartment_id);
    client.list(&request.query_if("vcnId", vcn_id)).await
}

/// `UpdateInternetGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateInternetGatewayDetails,
    mutation: &Mutation,
) -> Result<Response<InternetGateway>> {
    client.call(&INTERNET_GATEWAY.update(&[id]).json(details).guarded(mutation)).await
}

/// `DeleteInternetGateway`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&INTERNET_GATEWAY.delete(&[id]).guarded(mutation)).await
}
