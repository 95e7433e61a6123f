//! Listeners: a port, a protocol, and what happens to a request that comes in.

use serde::{Deserialize, Serialize};

use crate::{
    load_balancer::ssl_configuration::SslConfiguration, noun::Noun, operations::child_operations,
    region::Service,
};

const LISTENER: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers/{}/listeners" };

child_operations! {
    of LISTENER;
    create = CreateListener(Listener);
    update = UpdateListener(ListenerDetails);
    delete = DeleteListener();
}

/// A listener without its name: what `UpdateListener` and `CreateLoadBalancer` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerDetails {
    pub default_backend_set_name: String,
    pub port: u16,
    /// `HTTP`, `HTTP2`, `TCP` or `GRPC`; HTTPS is `HTTP` with an `ssl_configuration`.
    pub protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname_names: Option<Vec<String>>,
    /// Not together with a routing policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_route_set_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_configuration: Option<SslConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_configuration: Option<ConnectionConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_policy_name: Option<String>,
    /// In the order in which they apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_set_names: Option<Vec<String>>,
}

/// How connections are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionConfiguration {
    /// Seconds without traffic after which a connection is closed.
    pub idle_timeout: u64,
    /// 1 or 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_tcp_proxy_protocol_version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_tcp_proxy_protocol_options: Option<Vec<String>>,
}

/// A listener: what `CreateListener` takes and `GetLoadBalancer` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// Unique in its load balancer, and cannot be changed.
    pub name: String,
    /// The rest of it.
    #[serde(flatten)]
    pub details: ListenerDetails,
}
