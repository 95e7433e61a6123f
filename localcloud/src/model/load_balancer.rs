//! Load balancers as the vendor's API shows them (`/20170115`), plus what it never shows: private keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::table::Table;

type Tags = BTreeMap<String, String>;
type DefinedTags = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// All load balancers, by OCID.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    pub load_balancers: Table<LoadBalancer>,
}

/// One load balancer with all of its children.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LoadBalancer {
    pub id: String,
    pub compartment_id: String,
    pub display_name: String,
    /// `CREATING`, `ACTIVE`, `FAILED`, `DELETING`, `DELETED`; only `ACTIVE` carries traffic.
    pub lifecycle_state: String,
    pub time_created: String,
    /// Changes with every change of the load balancer or of any child.
    pub etag: String,
    pub ip_addresses: Vec<IpAddress>,
    pub shape_name: String,
    pub shape_details: Option<ShapeDetails>,
    pub is_private: bool,
    pub is_delete_protection_enabled: bool,
    pub is_request_id_enabled: bool,
    pub request_id_header: Option<String>,
    pub subnet_ids: Vec<String>,
    /// OCID of the reserved address that it was made with; not part of the vendor's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_ip_id: Option<String>,
    pub network_security_group_ids: Vec<String>,
    pub listeners: BTreeMap<String, Listener>,
    pub hostnames: BTreeMap<String, Hostname>,
    pub ssl_cipher_suites: BTreeMap<String, CipherSuite>,
    pub certificates: BTreeMap<String, Certificate>,
    pub backend_sets: BTreeMap<String, BackendSet>,
    pub path_route_sets: BTreeMap<String, PathRouteSet>,
    pub rule_sets: BTreeMap<String, RuleSet>,
    pub routing_policies: BTreeMap<String, RoutingPolicy>,
    pub freeform_tags: Tags,
    pub defined_tags: DefinedTags,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAddress {
    pub ip_address: String,
    pub is_public: bool,
    #[serde(default)]
    pub reserved_ip: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShapeDetails {
    pub minimum_bandwidth_in_mbps: u32,
    pub maximum_bandwidth_in_mbps: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Listener {
    pub name: String,
    pub default_backend_set_name: String,
    pub port: u16,
    /// `HTTP`, `HTTP2`, `TCP`, `GRPC`; HTTP with `ssl_configuration` is HTTPS.
    pub protocol: String,
    /// Names of [`Hostname`] children, not host names.
    #[serde(deserialize_with = "null_is_default")]
    pub hostname_names: Vec<String>,
    pub path_route_set_name: Option<String>,
    pub routing_policy_name: Option<String>,
    pub ssl_configuration: Option<SslConfiguration>,
    pub connection_configuration: Option<ConnectionConfiguration>,
    #[serde(deserialize_with = "null_is_default")]
    pub rule_set_names: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConnectionConfiguration {
    /// Seconds.
    pub idle_timeout: u64,
    pub backend_tcp_proxy_protocol_version: Option<u8>,
    pub backend_tcp_proxy_protocol_options: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SslConfiguration {
    pub protocols: Option<Vec<String>>,
    pub cipher_suite_name: Option<String>,
    pub server_order_preference: Option<String>,
    pub certificate_name: Option<String>,
    pub certificate_ids: Option<Vec<String>>,
    pub trusted_certificate_authority_ids: Option<Vec<String>>,
    pub has_session_resumption: Option<bool>,
    pub verify_peer_certificate: bool,
    pub verify_depth: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hostname {
    pub name: String,
    pub hostname: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CipherSuite {
    pub name: String,
    pub ciphers: Vec<String>,
}

/// A certificate bundle. `private_key` is kept but never answered by the API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Certificate {
    pub certificate_name: String,
    /// PEM, leaf first, with the chain when the client put it here.
    pub public_certificate: String,
    /// PEM or empty.
    pub ca_certificate: String,
    pub private_key: Option<String>,
    pub passphrase: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BackendSet {
    pub name: String,
    /// `ROUND_ROBIN`, `LEAST_CONNECTIONS`, `IP_HASH`.
    pub policy: String,
    #[serde(deserialize_with = "null_is_default")]
    pub backends: Vec<Backend>,
    pub backend_max_connections: Option<u32>,
    pub health_checker: HealthChecker,
    pub ssl_configuration: Option<SslConfiguration>,
    pub session_persistence_configuration: Option<serde_json::Value>,
    pub lb_cookie_session_persistence_configuration: Option<serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backend {
    /// `ip:port`.
    pub name: String,
    pub ip_address: String,
    pub port: u16,
    pub weight: u32,
    pub max_connections: Option<u32>,
    pub drain: bool,
    pub backup: bool,
    pub offline: bool,
}

impl Default for Backend {
    fn default() -> Self {
        Self {
            name: String::new(),
            ip_address: String::new(),
            port: 0,
            weight: 1,
            max_connections: None,
            drain: false,
            backup: false,
            offline: false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HealthChecker {
    /// `HTTP` or `TCP`.
    pub protocol: String,
    pub url_path: Option<String>,
    /// 0: the backend's own port.
    pub port: u16,
    pub return_code: u16,
    pub retries: u32,
    pub timeout_in_millis: u64,
    pub interval_in_millis: u64,
    pub response_body_regex: String,
    pub is_force_plain_text: Option<bool>,
}

impl Default for HealthChecker {
    fn default() -> Self {
        Self {
            protocol: "HTTP".to_owned(),
            url_path: None,
            port: 0,
            return_code: 200,
            retries: 3,
            timeout_in_millis: 3000,
            interval_in_millis: 10_000,
            response_body_regex: String::new(),
            is_force_plain_text: None,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathRouteSet {
    pub name: String,
    pub path_routes: Vec<PathRoute>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathRoute {
    pub path: String,
    pub path_match_type: PathMatchType,
    pub backend_set_name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathMatchType {
    pub match_type: PathMatch,
}

/// How a path is compared; also the operator of a `PATH` condition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PathMatch {
    #[default]
    ExactMatch,
    ForceLongestPrefixMatch,
    PrefixMatch,
    SuffixMatch,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingPolicy {
    pub name: String,
    pub condition_language_version: String,
    pub rules: Vec<serde_json::Value>,
}

/// Ordered rules; each keeps the vendor's JSON and is told apart by `action`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleSet {
    pub name: String,
    pub items: Vec<serde_json::Value>,
}

/// The vendor answers `null` for an empty list here and there, and clients send it back.
fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
