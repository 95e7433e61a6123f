//! NAT gateways: the way out for private addresses.

use serde::{Deserialize, Serialize};

use crate::{
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
};

const NAT_GATEWAY: Noun = Noun { service: Service::Network, path: "20160918/natGateways" };

resource_operations! {
    of NAT_GATEWAY;
    create = CreateNatGateway(CreateNatGatewayDetails) -> NatGateway;
    get = GetNatGateway() -> NatGateway;
    list = ListNatGateways(vcn_id: "vcnId") -> Vec<NatGateway>;
    update = UpdateNatGateway(UpdateNatGatewayDetails) -> NatGateway;
    delete = DeleteNatGateway();
}

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
