//! What specs are made of: JSON in which a value may stand for something that is not known yet.
//!
//! A reference is its own form, `{"$ref": ["subnet.app", "id"]}`, and a secret is `{"$secret": "NAME"}`. An
//! unresolved one is equal to nothing, so a resource whose input changes can never look unchanged.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::address::{Address, Kind};

/// What a provider chose for a resource: ids, addresses, and secrets that must not be shown.
pub type Outputs = BTreeMap<String, String>;

/// Outputs that must not be shown; they are put in when the step is carried out, and never before.
pub const SECRET_OUTPUTS: [&str; 1] = ["privateKey"];

/// A reference to an output of another resource.
pub fn reference(kind: Kind, name: &str, output: &str) -> Value {
    json!({ "$ref": [Address::new(kind, name).to_string(), output] })
}

/// A variable whose value is put in when the step is carried out, and never before.
pub fn secret(name: &str) -> Value {
    json!({ "$secret": name })
}

/// Why a value could not be resolved.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unresolved {
    #[error("{address} has no output `{output}` yet")]
    Output { address: String, output: String },
    #[error("the variable {0} is not set")]
    Variable(String),
}

/// Puts known values in the place of references and secrets.
///
/// # Errors
/// On the first one that `lookup` does not know.
pub fn resolve(value: &Value, lookup: &dyn Lookup) -> Result<Value, Unresolved> {
    match value {
        Value::Object(map) => match marker(map) {
            Some(Marker::Reference(address, output)) => {
                let found = address.parse().ok().and_then(|parsed| lookup.output(&parsed, output));
                let missing = || Unresolved::Output {
                    address: address.to_owned(),
                    output: output.to_owned(),
                };
                found.map(Value::String).ok_or_else(missing)
            }
            Some(Marker::Secret(name)) => lookup
                .variable(name)
                .map(Value::String)
                .ok_or_else(|| Unresolved::Variable(name.to_owned())),
            None => {
                map.iter().map(|(key, inner)| Ok((key.clone(), resolve(inner, lookup)?))).collect()
            }
        },
        Value::Array(items) => items.iter().map(|item| resolve(item, lookup)).collect(),
        other => Ok(other.clone()),
    }
}

/// As [`resolve`], but leaves what is not known in place.
pub fn resolve_known(value: &Value, lookup: &dyn Lookup) -> Value {
    match value {
        Value::Object(map) if marker(map).is_some() => {
            resolve(value, lookup).unwrap_or_else(|_| value.clone())
        }
        Value::Object(map) => Value::Object(
            map.iter().map(|(key, inner)| (key.clone(), resolve_known(inner, lookup))).collect(),
        ),
        Value::Array(items) => items.iter().map(|item| resolve_known(item, lookup)).collect(),
        other => other.clone(),
    }
}

/// Where values come from.
pub trait Lookup {
    fn output(&self, address: &Address, output: &str) -> Option<String>;
    fn variable(&self, name: &str) -> Option<String>;
}

enum Marker<'a> {
    Reference(&'a str, &'a str),
    Secret(&'a str),
}

fn marker(map: &Map<String, Value>) -> Option<Marker<'_>> {
    if map.len() != 1 {
        return None;
    }
    if let Some(Value::String(name)) = map.get("$secret") {
        return Some(Marker::Secret(name));
    }
    match map.get("$ref")?.as_array()?.as_slice() {
        [Value::String(address), Value::String(output)] => Some(Marker::Reference(address, output)),
        _ => None,
    }
}

/// Whether the value is a reference or a secret that has not been resolved.
pub fn is_unknown(value: &Value) -> bool {
    value.as_object().is_some_and(|map| marker(map).is_some())
}

/// Whether the value of a variable belongs into it somewhere.
pub fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            matches!(marker(map), Some(Marker::Secret(_))) || map.values().any(holds_secret)
        }
        Value::Array(items) => items.iter().any(holds_secret),
        _ => false,
    }
}

/// Every address that the value refers to.
pub fn references(value: &Value) -> Vec<Address> {
    match value {
        Value::Object(map) => match marker(map) {
            Some(Marker::Reference(address, _)) => address.parse().into_iter().collect(),
            Some(Marker::Secret(_)) => Vec::new(),
            None => map.values().flat_map(references).collect(),
        },
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
