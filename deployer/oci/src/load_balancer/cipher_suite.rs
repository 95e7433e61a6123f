//! Cipher suites of the user's own, made with the load balancer.

use serde::{Deserialize, Serialize};

/// A cipher suite: what `CreateLoadBalancer` takes and `GetLoadBalancer` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SslCipherSuite {
    pub ciphers: Vec<String>,
    pub name: String,
}
