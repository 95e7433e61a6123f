//! Path route sets: which backend set serves which path.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    noun::Noun,
    region::Service,
    request::Mutation,
};

const PATH_ROUTE_SET: Noun = Noun {
    service: Service::LoadBalancer,
    singular: "PathRouteSet",
    plural: "PathRouteSets",
    path: "20170115/loadBalancers/{}/pathRouteSets",
};

/// Routes without the name of their set: what `UpdatePathRouteSet` and `CreateLoadBalancer` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathRouteSetDetails {
    pub path_routes: Vec<PathRoute>,
}

/// A path route set: what `CreatePathRouteSet` takes and `GetLoadBalancer` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PathRouteSet {
    /// Unique in its load balancer, and cannot be changed.
    pub name: String,
    /// The rest of it.
    #[serde(flatten)]
    pub details: PathRouteSetDetails,
}

/// Requests for a path go to a backend set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathRoute {
    pub path: String,
    pub path_match_type: PathMatchType,
    pub backend_set_name: String,
}

/// How a path is compared, without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathMatchType {
    /// `EXACT_MATCH`, `FORCE_LONGEST_PREFIX_MATCH`, `PREFIX_MATCH` or `SUFFIX_MATCH`.
    pub match_type: String,
}

/// `CreatePathRouteSet`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    load_balancer_id: &str,
    details: &PathRouteSet,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = PATH_ROUTE_SET.create(&[load_balancer_id]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `UpdatePathRouteSet`: replaces the whole of it.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn update(
    client: &Client,
    load_balancer_id: &str,
    name: &str,
    details: &PathRouteSetDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = PATH_ROUTE_SET.update(&[load_balancer_id, name]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `DeletePathRouteSet`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(
    client: &Client,
    load_balancer_id: &str,
    name: &str,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = PATH_ROUTE_SET.delete(&[load_balancer_id, name]);
    client.call_empty(&request.guarded(mutation)).await
}
