//! The virtual network as the vendor's API shows it (`/20160918`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::table::Table;

type Tags = BTreeMap<String, String>;
type DefinedTags = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// Everything of the virtual network, each map by OCID.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    pub vcns: Table<Vcn>,
    pub subnets: Table<Subnet>,
    pub internet_gateways: Table<Gateway>,
    pub nat_gateways: Table<Gateway>,
    pub service_gateways: Table<Gateway>,
    pub route_tables: Table<RouteTable>,
    pub security_lists: Table<SecurityList>,
    pub network_security_groups: Table<NetworkSecurityGroup>,
    pub vnics: Table<Vnic>,
    pub public_ips: Table<PublicIp>,
    /// Secondary and reserved ones, and primary ones that were changed.
    pub private_ips: Table<PrivateIp>,
}

/// What nearly every resource of the network has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Common {
    pub id: String,
    pub compartment_id: String,
    pub display_name: String,
    /// `AVAILABLE`, or `TERMINATED` for a while after a delete.
    pub lifecycle_state: String,
    pub time_created: String,
    pub etag: String,
    pub freeform_tags: Tags,
    pub defined_tags: DefinedTags,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Vcn {
    #[serde(flatten)]
    pub common: Common,
    pub cidr_block: String,
    pub cidr_blocks: Vec<String>,
    pub dns_label: Option<String>,
    pub vcn_domain_name: Option<String>,
    pub default_route_table_id: String,
    pub default_security_list_id: String,
    pub default_dhcp_options_id: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subnet {
    #[serde(flatten)]
    pub common: Common,
    pub vcn_id: String,
    pub cidr_block: String,
    pub availability_domain: Option<String>,
    pub dns_label: Option<String>,
    pub subnet_domain_name: Option<String>,
    pub dhcp_options_id: String,
    pub route_table_id: String,
    pub security_list_ids: Vec<String>,
    pub prohibit_internet_ingress: bool,
    pub prohibit_public_ip_on_vnic: bool,
    pub virtual_router_ip: String,
    pub virtual_router_mac: String,
}

/// An internet, NAT or service gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Gateway {
    #[serde(flatten)]
    pub common: Common,
    pub vcn_id: String,
    /// Internet gateways.
    pub is_enabled: bool,
    /// NAT and service gateways.
    pub block_traffic: bool,
    /// NAT gateways: the address that the outside sees.
    pub nat_ip: Option<String>,
    /// Service gateways.
    pub services: Vec<serde_json::Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteTable {
    #[serde(flatten)]
    pub common: Common,
    pub vcn_id: String,
    pub route_rules: Vec<RouteRule>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteRule {
    pub destination: String,
    pub destination_type: String,
    pub network_entity_id: String,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityList {
    #[serde(flatten)]
    pub common: Common,
    pub vcn_id: String,
    pub ingress_security_rules: Vec<SecurityRule>,
    pub egress_security_rules: Vec<SecurityRule>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkSecurityGroup {
    #[serde(flatten)]
    pub common: Common,
    pub vcn_id: String,
    pub security_rules: Vec<SecurityRule>,
}

/// A rule of a security list or of a network security group; lists leave `direction` and `id` empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityRule {
    pub id: Option<String>,
    /// `INGRESS` or `EGRESS`.
    pub direction: String,
    /// `all`, or a protocol number: `6` TCP, `17` UDP, `1` ICMP.
    pub protocol: String,
    pub source: Option<String>,
    /// `CIDR_BLOCK`, `SERVICE_CIDR_BLOCK`, `NETWORK_SECURITY_GROUP`.
    pub source_type: Option<String>,
    pub destination: Option<String>,
    pub destination_type: Option<String>,
    pub tcp_options: Option<PortOptions>,
    pub udp_options: Option<PortOptions>,
    pub icmp_options: Option<serde_json::Value>,
    pub is_stateless: Option<bool>,
    pub is_valid: Option<bool>,
    pub description: Option<String>,
    pub time_created: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PortOptions {
    pub destination_port_range: Option<PortRange>,
    pub source_port_range: Option<PortRange>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortRange {
    pub min: u16,
    pub max: u16,
}

/// A network interface: of a container instance, or of a load balancer (one each).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Vnic {
    #[serde(flatten)]
    pub common: Common,
    /// OCID of the load balancer or container instance it belongs to; not part of the vendor's answer.
    pub owner_id: String,
    pub availability_domain: String,
    pub subnet_id: String,
    pub nsg_ids: Vec<String>,
    pub private_ip: String,
    pub public_ip: Option<String>,
    pub mac_address: String,
    pub hostname_label: Option<String>,
    pub is_primary: bool,
}

/// A reserved public address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PublicIp {
    #[serde(flatten)]
    pub common: Common,
    pub ip_address: String,
    /// `RESERVED`.
    pub lifetime: String,
    /// `REGION`.
    pub scope: String,
    /// `PRIVATE_IP` while it is assigned.
    pub assigned_entity_type: Option<String>,
    pub assigned_entity_id: Option<String>,
    pub private_ip_id: Option<String>,
    /// OCID of the load balancer that has it; not part of the vendor's answer.
    pub owner_id: String,
}

/// An address of a subnet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrivateIp {
    #[serde(flatten)]
    pub common: Common,
    pub availability_domain: Option<String>,
    pub hostname_label: Option<String>,
    pub ip_address: String,
    pub is_primary: bool,
    pub subnet_id: String,
    pub vnic_id: Option<String>,
    /// `ASSIGNED` or `AVAILABLE`.
    pub ip_state: String,
    /// `EPHEMERAL` or `RESERVED`.
    pub lifetime: String,
}
