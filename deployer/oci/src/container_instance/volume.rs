//! Volumes of an instance.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secret::Secret;

/// A volume that containers of the instance can mount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    pub name: String,
    #[serde(flatten)]
    pub content: Content,
}

/// What a volume holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "volumeType", rename_all_fields = "camelCase")]
pub enum Content {
    /// Files that are given with the instance.
    #[serde(rename = "CONFIGFILE")]
    ConfigFile { configs: Vec<ContainerConfigFile> },
    /// Nothing at first; `backing_store` is `EPHEMERAL_STORAGE` (default) or `MEMORY`.
    #[serde(rename = "EMPTYDIR")]
    EmptyDir {
        #[serde(skip_serializing_if = "Option::is_none")]
        backing_store: Option<String>,
    },
    /// A kind that this crate does not know, `volumeType` and all.
    #[serde(untagged)]
    Other(Value),
}

impl Default for Content {
    fn default() -> Self {
        Self::EmptyDir { backing_store: None }
    }
}

/// A file of a volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerConfigFile {
    pub file_name: String,
    /// Base64. The content often is a secret, and so is never shown.
    pub data: Secret,
    /// Where in the volume, if not at its top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}
