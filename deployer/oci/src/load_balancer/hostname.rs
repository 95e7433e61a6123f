//! Host names: the virtual hosts that listeners answer to.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    noun::Noun,
    region::Service,
    request::Mutation,
};

const HOSTNAME: Noun = Noun {
    service: Service::LoadBalancer,
    singular: "Hostname",
    plural: "Hostnames",
    path: "20170115/loadBalancers/{}/hostnames",
};

/// A virtual host: what `CreateHostname` and `CreateLoadBalancer` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hostname {
    pub name: String,
    /// Exact, or with a wildcard at one end: `*.example.com`, `example.*`.
    pub hostname: String,
}

/// What `UpdateHostname` sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateHostnameDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
}

/// `CreateHostname`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    load_balancer_id: &str,
    details: &Hostname,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = HOSTNAME.create(&[load_balancer_id]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `UpdateHostname`: replaces the whole of it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    load_balancer_id: &str,
    name: &str,
    details: &UpdateHostnameDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = HOSTNAME.update(&[load_balancer_id, name]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `DeleteHostname`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(
    client: &Client,
    load_balancer_id: &str,
    name: &str,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = HOSTNAME.delete(&[load_balancer_id, name]);
    client.call_empty(&request.guarded(mutation)).await
}
