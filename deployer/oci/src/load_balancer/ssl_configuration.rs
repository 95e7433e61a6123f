//! How a listener, or the way to the backends, speaks TLS.

use serde::{Deserialize, Serialize};

/// TLS with one certificate: of the load balancer (by name) or of the Certificates service (by id).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SslConfiguration {
    /// Of `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`; the cipher suite must suit them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocols: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher_suite_name: Option<String>,
    /// `ENABLED` or `DISABLED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_order_preference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_certificate_authority_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_session_resumption: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_peer_certificate: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_depth: Option<u32>,
}
