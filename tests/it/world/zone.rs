//! The zone, changed behind deployer's back.

use reqwest::Method;
use serde_json::Value;

use super::{World, visitor};

impl World {
    /// Adds a record.
    pub(crate) fn add_record(&self, record: &Value) {
        visitor::cloudflare(&self.ready(), Method::POST, &self.records(), Some(record)).unwrap();
    }

    /// Changes the records with this name.
    pub(crate) fn change_records(&self, name: &str, change: &Value) {
        let (ready, records) = (self.ready(), self.records());
        let named = format!("{records}?name={name}");
        let found = visitor::cloudflare(&ready, Method::GET, &named, None).unwrap();
        for record in found["result"].as_array().unwrap() {
            let path = format!("{records}/{}", record["id"].as_str().unwrap());
            visitor::cloudflare(&ready, Method::PATCH, &path, Some(change)).unwrap();
        }
    }

    fn records(&self) -> String {
        let zones = visitor::cloudflare(&self.ready(), Method::GET, "zones", None).unwrap();
        format!("zones/{}/dns_records", zones["result"][0]["id"].as_str().unwrap())
    }
}
