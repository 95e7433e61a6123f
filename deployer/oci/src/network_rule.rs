//! The parts that security lists and network security groups describe traffic with.

use serde::{Deserialize, Serialize};

/// Ports of TCP or UDP; absent is every port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_port_range: Option<PortRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_port_range: Option<PortRange>,
}

/// A range of ports, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortRange {
    pub max: u16,
    pub min: u16,
}

/// A type of ICMP message; without a code, every code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IcmpOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    pub r#type: i32,
}
