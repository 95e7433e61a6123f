//! Security groups and our rules in them: made here, or found in place and only given rules.
//!
//! A rule of ours says so in its description; rules of others are never touched. New rules come before old ones go,
//! so that nobody is shut out in between.

use std::collections::BTreeMap;

use deployer_core::address::{Address, Kind};
use deployer_core::observed::Found;
use oci::network_security_group::{
    self as api, AddSecurityRuleDetails, CreateNetworkSecurityGroupDetails, SecurityRule,
};
use serde_json::{Value, json};

use super::{Clouds, Listed, mark, oci_failure};
use crate::failure::Failure;

pub(super) async fn list(clouds: &Clouds) -> Listed {
    let groups = api::list(&clouds.oci, &clouds.compartment, None).await;
    let mut found = mark::ours(clouds, Kind::NetworkSecurityGroup, groups)?;
    for (address, found) in &mut found {
        found.spec["rules"] =
            Value::Array(ours(clouds, address, &found.id).await?.into_values().collect());
    }
    for name in ["load_balancer", "app"] {
        let address = super::address(Kind::NetworkSecurityGroup, name);
        if let Some(id) = existing(clouds, &address) {
            let rules: Vec<Value> = ours(clouds, &address, &id).await?.into_values().collect();
            if !rules.is_empty() {
                found.push((address, in_place(&id, &rules)));
            }
        }
    }
    Ok(found)
}

/// OCID of a group that the environment found in place.
fn existing(clouds: &Clouds, address: &Address) -> Option<String> {
    use deployer_core::environment::{Network, Text};
    let Network::Existing { load_balancer_nsg, app_nsg, .. } = &clouds.environment.network else {
        return None;
    };
    let text = if address.name == "app" { app_nsg } else { load_balancer_nsg };
    match text {
        Text::Literal(id) => Some(id.clone()),
        Text::Reference(name) => clouds.variables.get(name).cloned(),
    }
}

fn in_place(id: &str, rules: &[Value]) -> Found {
    Found {
        id: id.to_owned(),
        spec: json!({ "existing": id, "rules": rules }),
        outputs: BTreeMap::from([("id".to_owned(), id.to_owned())]),
        state: "AVAILABLE".to_owned(),
        ..Found::default()
    }
}

/// Our rules of a group: id to the rule in the shape of the spec, in the order of [`shape`].
async fn ours(
    clouds: &Clouds,
    address: &Address,
    id: &str,
) -> Result<BTreeMap<String, Value>, Failure> {
    let rules = api::list_rules(&clouds.oci, id).await;
    let rules = rules.map_err(|error| oci_failure(&format!("rules of {address}"), &error))?;
    let description = description(clouds);
    let ours = rules.into_iter().filter(|rule| rule.description.as_deref() == Some(&*description));
    Ok(ours.map(|rule| (rule.id.clone(), shape(&rule))).collect())
}

fn description(clouds: &Clouds) -> String {
    format!("deployer/1 {}", clouds.environment.uid)
}

/// A rule as the spec writes it, without what the server adds.
fn shape(rule: &SecurityRule) -> Value {
    let mut shape = json!(rule);
    if let Some(fields) = shape.as_object_mut() {
        for added in ["id", "isValid", "timeCreated", "description"] {
            fields.remove(added);
        }
        fields.retain(|_, value| !value.is_null());
    }
    if let Some(options) = shape["tcpOptions"].as_object_mut() {
        options.retain(|_, value| !value.is_null());
    }
    shape
}

pub(super) async fn create(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<Found, Failure> {
    let id = match spec["existing"].as_str() {
        Some(id) => id.to_owned(),
        None => made(clouds, address, spec).await?,
    };
    set_rules(clouds, address, &id, spec).await
}

async fn made(clouds: &Clouds, address: &Address, spec: &Value) -> Result<String, Failure> {
    // Rules are added by calls of their own.
    let mut group = spec.clone();
    group["rules"] = Value::Null;
    let details: CreateNetworkSecurityGroupDetails = mark::details(clouds, address, &group)?;
    let create = |mutation| {
        let details = &details;
        async move { api::create(&clouds.oci, details, &mutation).await }
    };
    Ok(mark::once(clouds, address, &details, create).await?.value.id)
}

pub(super) async fn update(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    spec: &Value,
) -> Result<Found, Failure> {
    set_rules(clouds, address, id, spec).await
}

async fn set_rules(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    spec: &Value,
) -> Result<Found, Failure> {
    let wanted: Vec<Value> = spec["rules"].as_array().cloned().unwrap_or_default();
    let there = ours(clouds, address, id).await?;
    let missing: Vec<Value> =
        wanted.iter().filter(|rule| !there.values().any(|t| t == *rule)).cloned().collect();
    let stale: Vec<String> =
        there.iter().filter(|(_, rule)| !wanted.contains(rule)).map(|(id, _)| id.clone()).collect();
    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
    if !missing.is_empty() {
        let description = description(clouds);
        let rules = missing.into_iter().map(|mut rule| {
            rule["description"] = json!(description);
            mark::typed::<AddSecurityRuleDetails>(address, rule)
        });
        api::add_rules(&clouds.oci, id, &rules.collect::<Result<Vec<_>, _>>()?)
            .await
            .map_err(failed)?;
    }
    if !stale.is_empty() {
        api::remove_rules(&clouds.oci, id, &stale).await.map_err(failed)?;
    }
    Ok(in_place(id, &wanted))
}

pub(super) async fn delete(clouds: &Clouds, address: &Address, id: &str) -> Result<(), Failure> {
    let rules: Vec<String> = ours(clouds, address, id).await?.into_keys().collect();
    if !rules.is_empty() {
        let removed = api::remove_rules(&clouds.oci, id, &rules).await;
        removed.map_err(|error| oci_failure(&address.to_string(), &error))?;
    }
    if matches!(clouds.environment.network, deployer_core::environment::Network::Existing { .. }) {
        return Ok(());
    }
    let delete = || async {
        let seen = mark::seen(api::get(&clouds.oci, id).await)?;
        api::delete(&clouds.oci, id, &seen).await
    };
    mark::delete(clouds, &address.to_string(), delete).await.map(drop)
}
