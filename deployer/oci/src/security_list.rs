//! Security lists: what may enter and leave a subnet, besides what its network security groups allow.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    network_rule::{IcmpOptions, PortOptions},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const SECURITY_LIST: Noun = Noun {
    service: Service::Network,
    singular: "SecurityList",
    plural: "SecurityLists",
    path: "20160918/securityLists",
};

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

/// `CreateSecurityList`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateSecurityListDetails,
    mutation: &Mutation,
) -> Result<Response<SecurityList>> {
    client.call(&SECURITY_LIST.create(&[]).json(details).guarded(mutation)).await
}

/// `GetSecurityList`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, id: &str) -> Result<Response<SecurityList>> {
    client.call(&SECURITY_LIST.get(&[id])).await
}

/// `ListSecurityLists`: all of a compartment, or of one VCN in it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(
    client: &Client,
    compartment_id: &str,
    vcn_id: Option<&str>,
) -> Result<Vec<SecurityList>> {
    let request = SECURITY_LIST.list(&[]).query("compartmentId", compartment_id);
    client.list(&request.query_if("vcnId", vcn_id)).await
}

/// `UpdateSecurityList`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateSecurityListDetails,
    mutation: &Mutation,
) -> Result<Response<SecurityList>> {
    client.call(&SECURITY_LIST.update(&[id]).json(details).guarded(mutation)).await
}

/// `DeleteSecurityList`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, id: &str, mutation: &Mutation) -> Result<Response<()>> {
    client.call_empty(&SECURITY_LIST.delete(&[id]).guarded(mutation)).await
}
