//! Virtual cloud networks.

use serde::{Deserialize, Serialize};

use crate::{
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
};

const VCN: Noun = Noun { service: Service::Network, path: "20160918/vcns" };

resource_operations! {
    of VCN;
    create = CreateVcn(CreateVcnDetails) -> Vcn;
    get = GetVcn() -> Vcn;
    list = ListVcns() -> Vec<Vcn>;
    update = UpdateVcn(UpdateVcnDetails) -> Vcn;
    delete = DeleteVcn();
}

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
