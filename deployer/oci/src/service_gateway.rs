//! Service gateways: the private way to the vendor's own services, and the list of those.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    client::Client,
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
    request::Request,
};

const SERVICE_GATEWAY: Noun = Noun { service: Service::Network, path: "20160918/serviceGateways" };

resource_operations! {
    of SERVICE_GATEWAY;
    create = CreateServiceGateway(CreateServiceGatewayDetails) -> ServiceGateway;
    get = GetServiceGateway() -> ServiceGateway;
    list = ListServiceGateways(vcn_id: "vcnId") -> Vec<ServiceGateway>;
    update = UpdateServiceGateway(UpdateServiceGatewayDetails) -> ServiceGateway;
    delete = DeleteServiceGateway();
}

/// What `CreateServiceGateway` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateServiceGatewayDetails {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    pub services: Vec<ServiceId>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateServiceGateway` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateServiceGatewayDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_traffic: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<ServiceId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// A service gateway; a VCN has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceGateway {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_traffic: Option<bool>,
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub id: String,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub services: Vec<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub vcn_id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// A service that a gateway leads to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceId {
    pub service_id: String,
}

/// A service, or a group of services, that a gateway can lead to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OracleService {
    /// The label that route and security rules name it by, such as `oci-lhr-objectstorage`.
    pub cidr_block: String,
    pub description: String,
    pub id: String,
    pub name: String,
}

/// `ListServices`: what a gateway in this region can lead to.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list_services(client: &Client) -> Result<Vec<OracleService>> {
    let request =
        Request::new("ListServices", Service::Network, Method::GET, &["20160918", "services"]);
    client.list(&request).await
}
