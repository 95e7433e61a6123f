//! Security lists: what may enter and leave a subnet, besides what its network security groups allow.

use serde::{Deserialize, Serialize};

use crate::{
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    network_rule::{IcmpOptions, PortOptions},
    noun::Noun,
    operations::resource_operations,
    region::Service,
};

const SECURITY_LIST: Noun = Noun { service: Service::Network, path: "20160918/securityLists" };

resource_operations! {
    of SECURITY_LIST;
    create = CreateSecurityList(CreateSecurityListDetails) -> SecurityList;
    get = GetSecurityList() -> SecurityList;
    list = ListSecurityLists(vcn_id: "vcnId") -> Vec<SecurityList>;
    update = UpdateSecurityList(UpdateSecurityListDetails) -> SecurityList;
    delete = DeleteSecurityList();
}

/// What `CreateSecurityList` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateSecurityListDetails {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub egress_security_rules: Vec<EgressSecurityRule>,
    pub ingress_security_rules: Vec<IngressSecurityRule>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateSecurityList` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateSecurityListDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_security_rules: Option<Vec<EgressSecurityRule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_security_rules: Option<Vec<IngressSecurityRule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// A security list. An update replaces each list of rules that it names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityList {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub egress_security_rules: Vec<EgressSecurityRule>,
    pub id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub ingress_security_rules: Vec<IngressSecurityRule>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub vcn_id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// What may enter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressSecurityRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp_options: Option<IcmpOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stateless: Option<bool>,
    /// A number of IANA's list as text (`6` is TCP), or `all`.
    pub protocol: String,
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_options: Option<PortOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp_options: Option<PortOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What may leave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EgressSecurityRule {
    pub destination: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp_options: Option<IcmpOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stateless: Option<bool>,
    /// A number of IANA's list as text (`6` is TCP), or `all`.
    pub protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_options: Option<PortOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp_options: Option<PortOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
