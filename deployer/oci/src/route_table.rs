//! Route tables: where a subnet sends what is not for its own VCN.

use serde::{Deserialize, Serialize};

use crate::{
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
};

const ROUTE_TABLE: Noun = Noun { service: Service::Network, path: "20160918/routeTables" };

resource_operations! {
    of ROUTE_TABLE;
    create = CreateRouteTable(CreateRouteTableDetails) -> RouteTable;
    get = GetRouteTable() -> RouteTable;
    list = ListRouteTables(vcn_id: "vcnId") -> Vec<RouteTable>;
    update = UpdateRouteTable(UpdateRouteTableDetails) -> RouteTable;
    delete = DeleteRouteTable();
}

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
