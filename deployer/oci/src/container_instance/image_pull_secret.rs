//! What an instance shows to a registry that it pulls from.

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// A way to log in to one registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "secretType", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all_fields = "camelCase")]
pub enum ImagePullSecret {
    /// By name and password, each in base64.
    Basic { registry_endpoint: String, username: Secret, password: Secret },
    /// By a secret of the vendor's vault, which is JSON with `username` and `password`.
    Vault { registry_endpoint: String, secret_id: String },
}
