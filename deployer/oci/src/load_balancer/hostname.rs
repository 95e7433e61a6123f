//! Host names: the virtual hosts that listeners answer to.

use serde::{Deserialize, Serialize};

use crate::{noun::Noun, operations::child_operations, region::Service};

const HOSTNAME: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers/{}/hostnames" };

child_operations! {
    of HOSTNAME;
    create = CreateHostname(Hostname);
    update = UpdateHostname(UpdateHostnameDetails);
    delete = DeleteHostname();
}

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
