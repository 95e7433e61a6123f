//! Path route sets: which backend set serves which path.

use serde::{Deserialize, Serialize};

use crate::{noun::Noun, operations::child_operations, region::Service};

const PATH_ROUTE_SET: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers/{}/pathRouteSets" };

child_operations! {
    of PATH_ROUTE_SET;
    create = CreatePathRouteSet(PathRouteSet);
    update = UpdatePathRouteSet(PathRouteSetDetails);
    delete = DeletePathRouteSet();
}

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
