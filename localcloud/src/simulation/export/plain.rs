//! An object without what differs from one run to the next, and with its certificates told by what is in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;

/// Fields that say when, which version, where by chance, or something secret.
const LEFT_OUT: &[&str] = &[
    "id",
    "etag",
    "account_id",
    "created_on",
    "modified_on",
    "createdBy",
    "namespace",
    "macAddress",
    "virtualRouterMac",
    "dhcpOptionsId",
    "defaultDhcpOptionsId",
    "availabilityDomain",
    "faultDomain",
    "lifecycleDetails",
    "wantedVnic",
    "vnics",
    "containerId",
    "imagePullSecrets",
];
/// Fields whose keys are the user's own.
const FREE: &[&str] =
    &["freeformTags", "definedTags", "environmentVariables", "metadata", "settings"];
/// Lists whose order means something; all others are sorted.
pub(super) const ORDERED: &[&str] =
    &["items", "rules", "pathRoutes", "ciphers", "command", "arguments", "cidrBlocks"];

pub(super) fn of(mut value: Value) -> Value {
    let certificates = certificates(&mut value);
    strip(&mut value, &certificates);
    value
}

fn strip(value: &mut Value, certificates: &BTreeMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, certificates)),
        Value::Object(fields) => {
            fields
                .retain(|name, _| !LEFT_OUT.contains(&name.as_str()) && !name.starts_with("time"));
            for (name, value) in fields.iter_mut() {
                match value.as_str().and_then(|text| certificates.get(text)) {
                    Some(logical) if name == "certificateName" => *value = json!(logical),
                    _ if FREE.contains(&name.as_str()) => {}
                    _ => strip(value, certificates),
                }
            }
        }
        _ => {}
    }
}

/// Replaces the certificates of a load balancer by what is in them; returns their logical names by their own.
///
/// Of several for the same names, those that are in use come first.
fn certificates(value: &mut Value) -> BTreeMap<String, String> {
    let in_use = value["listeners"].to_string();
    let Some(Value::Object(bundles)) = value.get_mut("certificates").map(Value::take) else {
        return BTreeMap::new();
    };
    let mut told: Vec<(String, bool, Value, String)> = bundles
        .into_iter()
        .map(|(own, bundle)| {
            let content = content(&bundle);
            let idle = !in_use.contains(&json!(own).to_string());
            (logical(&content), idle, content, own)
        })
        .collect();
    told.sort_by(|a, b| {
        (&a.0, a.1, a.2.to_string(), &a.3).cmp(&(&b.0, b.1, b.2.to_string(), &b.3))
    });
    let mut shown = Map::new();
    let mut names = BTreeMap::new();
    for (base, _, content, own) in told {
        let name = super::names::numbered(&base, |name| shown.contains_key(name));
        names.insert(own, name.clone());
        shown.insert(name, content);
    }
    value["certificates"] = Value::Object(shown);
    names
}

fn logical(content: &Value) -> String {
    let names: Vec<&str> =
        content["names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    format!("certificate of {}", names.join(", "))
}

fn content(bundle: &Value) -> Value {
    let pem = |field: &str| bundle[field].as_str().filter(|text| !text.is_empty());
    let text = pem("publicCertificate").or_else(|| pem("caCertificate")).unwrap_or_default();
    let Ok((_, leaf)) = parse_x509_pem(text.as_bytes()) else { return json!({"names": []}) };
    let Ok(leaf) = leaf.parse_x509() else { return json!({"names": []}) };
    let alternatives = leaf.subject_alternative_name().ok().flatten();
    let mut names: Vec<String> = alternatives
        .iter()
        .flat_map(|extension| &extension.value.general_names)
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
        .collect();
    names.sort_unstable();
    let issuer = leaf.issuer().iter_common_name().next().and_then(|name| name.as_str().ok());
    json!({"names": names, "issuer": issuer})
}
