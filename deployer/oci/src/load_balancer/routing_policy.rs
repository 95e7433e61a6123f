//! Routing policies: which backend set serves a request, by conditions on host, path, headers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{noun::Noun, operations::child_operations, region::Service};

const ROUTING_POLICY: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers/{}/routingPolicies" };

child_operations! {
    of ROUTING_POLICY;
    create = CreateRoutingPolicy(RoutingPolicy);
    update = UpdateRoutingPolicy(UpdateRoutingPolicyDetails);
    delete = DeleteRoutingPolicy();
}

/// A routing policy: what `CreateRoutingPolicy` takes and `GetLoadBalancer` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingPolicy {
    pub name: String,
    /// `V1`.
    pub condition_language_version: String,
    /// In order; the first that matches wins.
    pub rules: Vec<RoutingRule>,
}

/// What `UpdateRoutingPolicy` sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRoutingPolicyDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition_language_version: Option<String>,
    pub rules: Vec<RoutingRule>,
}

/// What to do with requests that meet a condition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingRule {
    pub name: String,
    /// Such as `all(http.request.headers[(i 'host')] eq (i 'a.example'))`.
    pub condition: String,
    pub actions: Vec<Action>,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Action {
    /// Sends the request to a backend set.
    #[serde(rename = "FORWARD_TO_BACKENDSET")]
    ForwardToBackendSet {
        /// The set's name.
        backend_set_name: String,
    },
    /// An action that this crate does not know.
    #[serde(untagged)]
    Other(Value),
}
