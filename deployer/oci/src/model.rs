//! What many models share: tags, lifecycle states, and how absent collections are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Tags of the user's own: key to value, both plain text.
pub type FreeformTags = BTreeMap<String, String>;

/// Tags of the tenancy's namespaces: namespace to key to value.
pub type DefinedTags = BTreeMap<String, BTreeMap<String, Value>>;

/// Where a resource is in its life; each service uses some of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LifecycleState {
    /// In use (load balancers, container instances, identity).
    Active,
    /// In use (network, registry).
    Available,
    /// Being made (load balancers, container instances).
    #[default]
    Creating,
    /// Gone, though still listed for a while.
    Deleted,
    /// On its way out.
    Deleting,
    /// Could not be made, or broke.
    Failed,
    /// Stopped.
    Inactive,
    /// Being made (network).
    Provisioning,
    /// Gone, though still listed for a while (network).
    Terminated,
    /// On its way out (network).
    Terminating,
    /// Being changed.
    Updating,
    /// A state that this crate does not know.
    #[serde(untagged)]
    Other(String),
}

impl LifecycleState {
    /// Whether the resource exists and can be used.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Active | Self::Available)
    }

    /// Whether the resource has ended, or is about to.
    pub fn is_ending(&self) -> bool {
        matches!(self, Self::Deleted | Self::Deleting | Self::Terminated | Self::Terminating)
    }

    /// Whether the resource no longer exists.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Deleted | Self::Terminated)
    }
}

/// Reads `null` as the empty value; with `#[serde(default)]` also what is absent.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_state_is_kept_as_it_was_written() {
        let state: LifecycleState = serde_json::from_str("\"HIBERNATING\"").unwrap();
        assert_eq!(state, LifecycleState::Other("HIBERNATING".to_owned()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"HIBERNATING\"");
    }

    #[test]
    fn a_known_state_is_written_as_the_vendor_does() {
        let text = serde_json::to_string(&LifecycleState::Provisioning).unwrap();
        assert_eq!(text, "\"PROVISIONING\"");
    }
}
