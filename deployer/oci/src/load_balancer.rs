//! Load balancers. One is an aggregate: its children are made with it, in one call, or one by one.
//!
//! Every change is asynchronous: wait for the work request with
//! [`work_request::load_balancer`](crate::work_request::load_balancer). The etag covers the whole
//! aggregate, and every update but [`update`] replaces what it names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    load_balancer::{
        backend_set::{BackendSet, BackendSetDetails},
        certificate::{Certificate, CertificateDetails},
        cipher_suite::SslCipherSuite,
        hostname::Hostname,
        listener::{Listener, ListenerDetails},
        path_route_set::{PathRouteSet, PathRouteSetDetails},
        routing_policy::RoutingPolicy,
        rule_set::{RuleSet, RuleSetDetails},
    },
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    noun::Noun,
    operations::resource_operations,
    region::Service,
    request::Mutation,
};

pub mod backend;
pub mod backend_set;
pub mod certificate;
pub mod cipher_suite;
pub mod health;
pub mod hostname;
pub mod listener;
pub mod path_route_set;
pub mod routing_policy;
pub mod rule_set;
pub mod ssl_configuration;

const LOAD_BALANCER: Noun = Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers" };

resource_operations! {
    of LOAD_BALANCER;
    get = GetLoadBalancer() -> LoadBalancer;
    list = ListLoadBalancers() -> Vec<LoadBalancer>;
    delete = DeleteLoadBalancer();
}

/// What `CreateLoadBalancer` makes: all children but routing policies, each map keyed by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateLoadBalancerDetails {
    pub compartment_id: String,
    pub display_name: String,
    /// `flexible`, with the bandwidth in `shape_details`.
    pub shape_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape_details: Option<ShapeDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_delete_protection_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_subnet_cidr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_request_id_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id_header: Option<String>,
    /// At most one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_ips: Option<Vec<ReservedIp>>,
    /// By name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listeners: Option<BTreeMap<String, ListenerDetails>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostnames: Option<BTreeMap<String, Hostname>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_sets: Option<BTreeMap<String, BackendSetDetails>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_security_group_ids: Option<Vec<String>>,
    /// One regional subnet, or two in different availability domains.
    pub subnet_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<BTreeMap<String, CertificateDetails>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_cipher_suites: Option<BTreeMap<String, SslCipherSuite>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_route_sets: Option<BTreeMap<String, PathRouteSetDetails>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_sets: Option<BTreeMap<String, RuleSetDetails>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateLoadBalancer` changes; absent is unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateLoadBalancerDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_subnet_cidr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_ips: Option<Vec<ReservedIp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_delete_protection_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_request_id_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id_header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What `UpdateLoadBalancerShape` changes. A resize may reset connections.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateLoadBalancerShapeDetails {
    pub shape_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape_details: Option<ShapeDetails>,
}

/// The bandwidth of a flexible load balancer, 10 to 8000 Mbit/s.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShapeDetails {
    pub minimum_bandwidth_in_mbps: u32,
    pub maximum_bandwidth_in_mbps: u32,
}

/// A reserved public address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReservedIp {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// An address that a load balancer listens on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAddress {
    pub ip_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_ip: Option<ReservedIp>,
}

/// A load balancer with all its children, each map keyed by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancer {
    pub id: String,
    pub compartment_id: String,
    pub display_name: String,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub ip_addresses: Vec<IpAddress>,
    pub shape_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape_details: Option<ShapeDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_delete_protection_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_request_id_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id_header: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub subnet_ids: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub network_security_group_ids: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub listeners: BTreeMap<String, Listener>,
    #[serde(default, deserialize_with = "nullable")]
    pub hostnames: BTreeMap<String, Hostname>,
    #[serde(default, deserialize_with = "nullable")]
    pub ssl_cipher_suites: BTreeMap<String, SslCipherSuite>,
    #[serde(default, deserialize_with = "nullable")]
    pub certificates: BTreeMap<String, Certificate>,
    #[serde(default, deserialize_with = "nullable")]
    pub backend_sets: BTreeMap<String, BackendSet>,
    #[serde(default, deserialize_with = "nullable")]
    pub path_route_sets: BTreeMap<String, PathRouteSet>,
    #[serde(default, deserialize_with = "nullable")]
    pub rule_sets: BTreeMap<String, RuleSet>,
    #[serde(default, deserialize_with = "nullable")]
    pub routing_policies: BTreeMap<String, RoutingPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_mode: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `CreateLoadBalancer`; the id is in the work request.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    details: &CreateLoadBalancerDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = LOAD_BALANCER.post("CreateLoadBalancer", &[]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `UpdateLoadBalancer`: the one update here that leaves alone what it does not name.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    id: &str,
    details: &UpdateLoadBalancerDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = LOAD_BALANCER.put("UpdateLoadBalancer", &[id]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `UpdateLoadBalancerShape`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update_shape(
    client: &Client,
    id: &str,
    details: &UpdateLoadBalancerShapeDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = LOAD_BALANCER.put("UpdateLoadBalancerShape", &[id, "updateShape"]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `UpdateNetworkSecurityGroups`: the groups that the load balancer is in from now on.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update_network_security_groups(
    client: &Client,
    id: &str,
    group_ids: &[String],
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = LOAD_BALANCER
        .put("UpdateNetworkSecurityGroups", &[id, "networkSecurityGroups"])
        .json(&serde_json::json!({ "networkSecurityGroupIds": group_ids }));
    client.call_empty(&request.guarded(mutation)).await
}

#[cfg(test)]
mod tests;
