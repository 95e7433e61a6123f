//! Network security groups and their rules: what may reach the interfaces that are in the group.

use serde::{Deserialize, Serialize};

use crate::{
    client::Client,
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    network_rule::{IcmpOptions, PortOptions},
    noun::Noun,
    operations::resource_operations,
    region::Service,
};

const NETWORK_SECURITY_GROUP: Noun =
    Noun { service: Service::Network, path: "20160918/networkSecurityGroups" };

resource_operations! {
    of NETWORK_SECURITY_GROUP;
    create = CreateNetworkSecurityGroup(CreateNetworkSecurityGroupDetails) -> NetworkSecurityGroup;
    get = GetNetworkSecurityGroup() -> NetworkSecurityGroup;
    list = ListNetworkSecurityGroups(vcn_id: "vcnId") -> Vec<NetworkSecurityGroup>;
    update = UpdateNetworkSecurityGroup(UpdateNetworkSecurityGroupDetails) -> NetworkSecurityGroup;
    delete = DeleteNetworkSecurityGroup();
}

/// The most rules that one call takes.
const RULES_PER_CALL: usize = 25;

/// What `CreateNetworkSecurityGroup` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateNetworkSecurityGroupDetails {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub vcn_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateNetworkSecurityGroup` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateNetworkSecurityGroupDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// A network security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkSecurityGroup {
    pub compartment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    pub id: String,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub vcn_id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// A rule to add.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddSecurityRuleDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// `CIDR_BLOCK`, `SERVICE_CIDR_BLOCK` or `NETWORK_SECURITY_GROUP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_type: Option<String>,
    /// `INGRESS` or `EGRESS`.
    pub direction: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp_options: Option<IcmpOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stateless: Option<bool>,
    /// A number of IANA's list as text (`6` is TCP), or `all`.
    pub protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `CIDR_BLOCK`, `SERVICE_CIDR_BLOCK` or `NETWORK_SECURITY_GROUP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_options: Option<PortOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp_options: Option<PortOptions>,
}

/// A rule of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_type: Option<String>,
    pub direction: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp_options: Option<IcmpOptions>,
    /// Made by the service: a short text, unique in its group.
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stateless: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_valid: Option<bool>,
    pub protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_options: Option<PortOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp_options: Option<PortOptions>,
}

/// `AddNetworkSecurityGroupSecurityRules`, as many calls as it takes at 25 rules a call.
///
/// There is no retry token: a lost answer is an error, and the caller lists before it adds again.
///
/// # Errors
/// See [`Kind`](crate::Kind); rules of earlier calls are then in place.
pub async fn add_rules(
    client: &Client,
    id: &str,
    rules: &[AddSecurityRuleDetails],
) -> Result<Vec<SecurityRule>> {
    let mut added = Vec::new();
    for chunk in rules.chunks(RULES_PER_CALL) {
        let request = NETWORK_SECURITY_GROUP
            .post("AddNetworkSecurityGroupSecurityRules", &[id, "actions", "addSecurityRules"])
            .json(&serde_json::json!({ "securityRules": chunk }));
        added.extend(client.call::<SecurityRules>(&request).await?.value.security_rules);
    }
    Ok(added)
}

/// `RemoveNetworkSecurityGroupSecurityRules`, as many calls as it takes at 25 rules a call.
///
/// # Errors
/// See [`Kind`](crate::Kind); rules of earlier calls are then gone.
pub async fn remove_rules(client: &Client, id: &str, rule_ids: &[String]) -> Result<()> {
    for chunk in rule_ids.chunks(RULES_PER_CALL) {
        let request = NETWORK_SECURITY_GROUP
            .post(
                "RemoveNetworkSecurityGroupSecurityRules",
                &[id, "actions", "removeSecurityRules"],
            )
            .json(&serde_json::json!({ "securityRuleIds": chunk }));
        client.call_empty(&request).await?;
    }
    Ok(())
}

/// `ListNetworkSecurityGroupSecurityRules`: all rules of a group.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list_rules(client: &Client, id: &str) -> Result<Vec<SecurityRule>> {
    let request =
        NETWORK_SECURITY_GROUP.get("ListNetworkSecurityGroupSecurityRules", &[id, "securityRules"]);
    client.list(&request).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecurityRules {
    #[serde(default, deserialize_with = "nullable")]
    security_rules: Vec<SecurityRule>,
}

#[cfg(test)]
mod tests;
