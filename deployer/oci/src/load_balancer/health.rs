//! Health: what the load balancer sees of its backends.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    load_balancer::{LOAD_BALANCER, backend::Parent},
    model::nullable,
};

/// A verdict on a backend, a backend set or a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HealthStatus {
    /// Broken.
    Critical,
    /// All is well.
    Ok,
    /// Not checked yet, or not reported.
    #[default]
    Unknown,
    /// Partly broken.
    Warning,
    /// A verdict that this crate does not know.
    #[serde(untagged)]
    Other(String),
}

/// The health of a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerHealth {
    pub status: HealthStatus,
    #[serde(default, deserialize_with = "nullable")]
    pub warning_state_backend_set_names: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub critical_state_backend_set_names: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub unknown_state_backend_set_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_backend_set_count: Option<u32>,
}

/// The health of a backend set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendSetHealth {
    pub status: HealthStatus,
    #[serde(default, deserialize_with = "nullable")]
    pub warning_state_backend_names: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub critical_state_backend_names: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub unknown_state_backend_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_backend_count: Option<u32>,
}

/// The health of a backend, as each node of the load balancer sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendHealth {
    pub status: HealthStatus,
    #[serde(default, deserialize_with = "nullable")]
    pub health_check_results: Vec<HealthCheckResult>,
}

/// The last check by one node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheckResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// `OK`, or what went wrong, such as `CONNECT_FAILED`.
    pub health_check_status: String,
}

/// `GetLoadBalancerHealth`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn load_balancer(client: &Client, id: &str) -> Result<Response<LoadBalancerHealth>> {
    let request = LOAD_BALANCER.get("GetLoadBalancerHealth", &[id, "health"]);
    client.call(&request).await
}

/// `GetBackendSetHealth`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn backend_set(client: &Client, set: Parent<'_>) -> Result<Response<BackendSetHealth>> {
    let Parent { load_balancer_id, backend_set_name } = set;
    let names = [load_balancer_id, "backendSets", backend_set_name, "health"];
    let request = LOAD_BALANCER.get("GetBackendSetHealth", &names);
    client.call(&request).await
}

/// `GetBackendHealth`; `name` is `address:port`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn backend(
    client: &Client,
    set: Parent<'_>,
    name: &str,
) -> Result<Response<BackendHealth>> {
    let Parent { load_balancer_id, backend_set_name } = set;
    let names = [load_balancer_id, "backendSets", backend_set_name, "backends", name, "health"];
    let request = LOAD_BALANCER.get("GetBackendHealth", &names);
    client.call(&request).await
}
