//! Logs as the vendor's API shows them (`/20200531`): groups, and what each log collects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::table::Table;

type Tags = BTreeMap<String, String>;
type DefinedTags = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// All log groups and logs, each by OCID.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    pub groups: Table<LogGroup>,
    pub logs: Table<Log>,
}

impl World {
    /// The log that collects this category of a resource at present.
    pub fn collecting(&self, resource: &str, category: &str) -> Option<&Log> {
        let collects = |log: &&Log| {
            log.is_enabled
                && log.lifecycle_state == "ACTIVE"
                && log.source().is_some_and(|s| s.resource == resource && s.category == category)
        };
        self.logs.values().find(collects)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogGroup {
    pub id: String,
    pub compartment_id: String,
    pub display_name: String,
    pub description: Option<String>,
    /// `CREATING`, `ACTIVE`, `UPDATING`, `DELETING`, `FAILED`.
    pub lifecycle_state: String,
    pub time_created: String,
    pub time_last_modified: String,
    pub etag: String,
    pub freeform_tags: Tags,
    pub defined_tags: DefinedTags,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Log {
    pub id: String,
    pub tenancy_id: String,
    pub log_group_id: String,
    pub compartment_id: String,
    pub display_name: String,
    /// `SERVICE` or `CUSTOM`.
    pub log_type: String,
    pub is_enabled: bool,
    /// As of groups; `INACTIVE` when it is not enabled, or when its resource is gone.
    pub lifecycle_state: String,
    pub configuration: Option<Configuration>,
    /// Days.
    pub retention_duration: u32,
    pub time_created: String,
    pub time_last_modified: String,
    pub etag: String,
    pub freeform_tags: Tags,
    pub defined_tags: DefinedTags,
}

impl Log {
    /// What a service log collects.
    pub fn source(&self) -> Option<&Source> {
        self.configuration.as_ref().map(|configuration| &configuration.source)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Configuration {
    pub compartment_id: Option<String>,
    pub source: Source,
    pub archiving: Archiving,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Source {
    /// `OCISERVICE`.
    pub source_type: String,
    pub service: String,
    /// OCID of a load balancer.
    pub resource: String,
    pub category: String,
    pub parameters: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Archiving {
    pub is_enabled: bool,
}
