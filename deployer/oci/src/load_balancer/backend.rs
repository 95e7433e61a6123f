//! Backends: the servers of a backend set, one by one. To change several, update the set.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    noun::Noun,
    region::Service,
    request::Mutation,
};

const BACKEND: Noun = Noun {
    service: Service::LoadBalancer,
    path: "20170115/loadBalancers/{}/backendSets/{}/backends",
};

/// The backend set that a backend is in.
#[derive(Clone, Copy, Debug)]
pub struct Parent<'a> {
    /// The load balancer's id.
    pub load_balancer_id: &'a str,
    /// The backend set's name.
    pub backend_set_name: &'a str,
}

/// A backend: what `CreateBackend`, `UpdateBackendSet` and `CreateLoadBalancer` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendDetails {
    pub ip_address: String,
    pub port: u16,
    /// Its share of new connections, against the weights of the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<u32>,
    /// Used when all others fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<bool>,
    /// Takes no new connections and finishes those it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain: Option<bool>,
    /// Takes no traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<bool>,
}

/// What `UpdateBackend` sets. Address and port are its identity and stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateBackendDetails {
    /// Its share of new connections, against the weights of the others.
    pub weight: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<u32>,
    /// Used when all others fail.
    pub backup: bool,
    /// Takes no new connections and finishes those it has.
    pub drain: bool,
    /// Takes no traffic.
    pub offline: bool,
}

/// A backend as `GetLoadBalancer` shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Backend {
    /// `address:port`, made by the service.
    pub name: String,
    /// The rest of it.
    #[serde(flatten)]
    pub details: BackendDetails,
}

/// `CreateBackend`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    parent: Parent<'_>,
    details: &BackendDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let Parent { load_balancer_id, backend_set_name } = parent;
    let request = BACKEND.post("CreateBackend", &[load_balancer_id, backend_set_name]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `UpdateBackend`; `name` is `address:port`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    parent: Parent<'_>,
    name: &str,
    details: &UpdateBackendDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let Parent { load_balancer_id, backend_set_name } = parent;
    let request = BACKEND.put("UpdateBackend", &[load_balancer_id, backend_set_name, name]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `DeleteBackend`; `name` is `address:port`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(
    client: &Client,
    parent: Parent<'_>,
    name: &str,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let Parent { load_balancer_id, backend_set_name } = parent;
    let request = BACKEND.delete("DeleteBackend", &[load_balancer_id, backend_set_name, name]);
    client.call_empty(&request.guarded(mutation)).await
}
