//! What a person would call the state of a cloud: two clouds that are the same to a person export the same bytes,
//! in whatever order and by whatever detours they were made.
//!
//! Identifiers, addresses and names of certificates are replaced by what they stand for ([`names`]). Times, etags and
//! keys are left out ([`plain`]), and so is where an instance was placed: a full host sends it elsewhere.

mod names;
mod plain;

use serde_json::{Map, Value, json};

use self::names::Names;
use crate::cloud::Cloud;
use crate::model::zone::Zone;
use crate::services::cloudflare;
use crate::services::oci::OciService;

/// Everything that lives, by logical name.
pub(crate) fn export(cloud: &Cloud, oci: &OciService) -> Value {
    let mut holdings = oci.holdings();
    for holding in &mut holdings {
        holding.value = plain::of(std::mem::take(&mut holding.value));
    }
    let names = Names::of(&holdings, oci.aliases());
    let mut exported = Map::new();
    for holding in &holdings {
        exported.insert(names.logical(&holding.id), names.render(&holding.value));
    }
    for zone in cloud.zones.read().zones.values() {
        exported.insert(format!("zone {}", zone.name), names.render(&plain::of(shown(zone))));
    }
    Value::Object(exported)
}

fn shown(zone: &Zone) -> Value {
    let records: Vec<Value> =
        zone.records.values().filter_map(|record| serde_json::to_value(record).ok()).collect();
    json!({"status": zone.status, "name_servers": zone.name_servers, "records": records,
        "settings": cloudflare::settings_in_force(zone)})
}
