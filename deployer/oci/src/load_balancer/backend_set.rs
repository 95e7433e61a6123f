//! Backend sets: backends, how traffic is shared among them, and how their health is checked.

use serde::{Deserialize, Serialize};

use crate::{
    load_balancer::{
        backend::{Backend, BackendDetails},
        ssl_configuration::SslConfiguration,
    },
    model::nullable,
    noun::Noun,
    operations::child_operations,
    region::Service,
};

const BACKEND_SET: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers/{}/backendSets" };

child_operations! {
    of BACKEND_SET;
    create = CreateBackendSet(CreateBackendSetDetails);
    get = GetBackendSet() -> BackendSet;
    update = UpdateBackendSet(BackendSetDetails);
    delete = DeleteBackendSet();
}

/// A backend set without its name: what `UpdateBackendSet` and `CreateLoadBalancer` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendSetDetails {
    /// `ROUND_ROBIN`, `LEAST_CONNECTIONS` or `IP_HASH`.
    pub policy: String,
    /// All of them: an update removes what is not here.
    pub backends: Vec<BackendDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_max_connections: Option<u32>,
    pub health_checker: HealthChecker,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_configuration: Option<SslConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_persistence_configuration: Option<SessionPersistence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lb_cookie_session_persistence_configuration: Option<LbCookieSessionPersistence>,
}

/// What `CreateBackendSet` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateBackendSetDetails {
    /// Unique in its load balancer, and cannot be changed.
    pub name: String,
    /// The rest of it.
    #[serde(flatten)]
    pub details: BackendSetDetails,
}

/// A backend set as `GetLoadBalancer` shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendSet {
    pub name: String,
    pub policy: String,
    #[serde(default, deserialize_with = "nullable")]
    pub backends: Vec<Backend>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_max_connections: Option<u32>,
    pub health_checker: HealthChecker,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_configuration: Option<SslConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_persistence_configuration: Option<SessionPersistence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lb_cookie_session_persistence_configuration: Option<LbCookieSessionPersistence>,
}

/// How the health of each backend is found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthChecker {
    /// `HTTP` or `TCP`.
    pub protocol: String,
    /// Required with HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_path: Option<String>,
    /// Absent or 0: the port of the backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_code: Option<u16>,
    /// Default 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Default 3000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_in_millis: Option<u32>,
    /// Default 10000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_in_millis: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_body_regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_force_plain_text: Option<bool>,
}

/// Stickiness by a cookie of the application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionPersistence {
    pub cookie_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_fallback: Option<bool>,
}

/// Stickiness by a cookie of the load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LbCookieSessionPersistence {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_fallback: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_in_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_secure: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_http_only: Option<bool>,
}
