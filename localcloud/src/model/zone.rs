//! Cloudflare zones, their records and settings, in the vendor's field names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::table::Table;

pub mod ranges;

pub use ranges::Ranges;

/// All zones, by id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    pub zones: Table<Zone>,
    /// Where the edge's own addresses lie.
    pub ranges: Ranges,
}

impl World {
    /// The zone that holds `name`, the longest suffix first.
    pub fn zone_of(&self, name: &str) -> Option<&Zone> {
        self.zones
            .values()
            .filter(|z| {
                name == z.name
                    || name.strip_suffix(z.name.as_str()).is_some_and(|p| p.ends_with('.'))
            })
            .max_by_key(|z| z.name.len())
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Zone {
    /// 32 hex letters.
    pub id: String,
    /// Apex, lower case, no final dot.
    pub name: String,
    /// `initializing`, `pending`, `active`, `moved`; only `active` zones are proxied.
    pub status: String,
    pub account_id: String,
    pub name_servers: Vec<String>,
    pub created_on: String,
    pub modified_on: String,
    pub activated_on: Option<String>,
    /// Records by id.
    pub records: Table<Record>,
    /// Settings that were changed, by name (`ssl`, `always_use_https`, ...); a default stands for what is absent.
    pub settings: BTreeMap<String, serde_json::Value>,
}

impl Zone {
    /// The value of a setting as a word, `on`/`off` or a mode.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name)?.as_str()
    }

    /// The records of a name (lower case, no final dot).
    pub fn records_of(&self, name: &str) -> impl Iterator<Item = &Record> {
        self.records.values().filter(move |r| r.name == name)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    pub id: String,
    /// Full name, lower case, no final dot; may begin with `*.`.
    pub name: String,
    /// `A`, `AAAA`, `CNAME`, `TXT`, `MX`, `CAA`, `NS`, ...
    #[serde(rename = "type")]
    pub kind: String,
    pub content: String,
    /// Seconds; 1 is automatic.
    pub ttl: u32,
    pub proxiable: bool,
    pub proxied: bool,
    pub priority: Option<u16>,
    pub data: Option<serde_json::Value>,
    pub comment: Option<String>,
    pub tags: Vec<String>,
    pub settings: serde_json::Map<String, serde_json::Value>,
    pub created_on: String,
    pub modified_on: String,
}
