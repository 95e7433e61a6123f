//! Security groups and our rules in them: made here, or found in place and only given rules.
//!
//! A rule of ours says so in its description, which tells it from those of others in a group that was found. New rules come before old ones go,
//! so that nobody is shut out in between.

use std::collections::BTreeMap;

use deployer_core::address::{Address, Kind};
use deployer_core::observed::Found;
use oci::Mutation;
use oci::network_security_group::{
    self as api, AddSecurityRuleDetails, CreateNetworkSecurityGroupDetails, SecurityRule,
};
use serde_json::{Value, json};

use super::change::{self, Now, Target};
use super::create::{self, Made, Wanted};
use super::listing::{LAG, Patience};
use super::mark::{self, Mark, Whose};
use super::{Clouds, Listed, listing, oci_failure};
use crate::failure::{self, Failure};

/// How often rules are set before they are as they should be: after a lost answer they are looked at again.
const TRIES: u32 = 5;

pub(super) async fn list(clouds: &Clouds) -> Listed {
    let mut found = listing::ours(clouds, Kind::NetworkSecurityGroup).await?;
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

/// Our rules of a group: id to the rule in the shape of the spec, in the order of [`shape`]. In a group that was made here
/// every rule is; in one that was found in place those that say so.
async fn ours(
    clouds: &Clouds,
    address: &Address,
    id: &str,
) -> Result<BTreeMap<String, Value>, Failure> {
    let rules = api::list_rules(&clouds.oci, id).await;
    let rules = rules.map_err(|error| oci_failure(&format!("rules of {address}"), &error))?;
    let is_made_here = existing(clouds, address).is_none();
    let mut ours = BTreeMap::new();
    for rule in rules {
        match mark::of_line(rule.description.as_deref(), &clouds.environment.uid) {
            Whose::Ours(_) => drop(ours.insert(rule.id.clone(), shape(&rule))),
            Whose::Newer => return Err(listing::newer(format!("a rule of {address}"))),
            Whose::Others if is_made_here => drop(ours.insert(rule.id.clone(), shape(&rule))),
            Whose::Others => {}
        }
    }
    Ok(ours)
}

fn description(clouds: &Clouds) -> String {
    Mark { environment: clouds.environment.uid.clone(), ..Mark::default() }.line()
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

pub(super) async fn create(clouds: &Clouds, wanted: &Wanted<'_>) -> Result<Found, Failure> {
    let (address, spec) = (wanted.address, wanted.spec);
    let id = match spec["existing"].as_str() {
        Some(id) => id.to_owned(),
        None => made(clouds, wanted).await?,
    };
    set_rules(clouds, address, &id, spec).await
}

async fn made(clouds: &Clouds, wanted: &Wanted<'_>) -> Result<String, Failure> {
    // Rules are added by calls of their own.
    let mut group = wanted.spec.clone();
    group["rules"] = Value::Null;
    let create = async |details: &CreateNetworkSecurityGroupDetails, mutation: &Mutation| {
        api::create(&clouds.oci, details, mutation).await
    };
    match create::once(clouds, wanted, &group, create).await {
        Ok(Made::Now(response)) => Ok(response.value.id),
        Ok(Made::There(found)) => Ok(found.id),
        Err(trouble) => Err(trouble.into_failure(wanted.address)),
    }
}

pub(super) async fn update(target: &Target<'_>, spec: &Value) -> Result<Found, Failure> {
    let Target { clouds, address, id, .. } = *target;
    as_planned(target).await?;
    set_rules(clouds, address, id, spec).await
}

/// Rules have no versions: they are compared as they are.
async fn as_planned(target: &Target<'_>) -> Result<BTreeMap<String, Value>, Failure> {
    let there = ours(target.clouds, target.address, target.id).await?;
    let now: Vec<&Value> = there.values().collect();
    let (seen, now) = (json!({ "rules": target.seen.spec["rules"] }), json!({ "rules": now }));
    change::unchanged(target.address, &seen, &now)?;
    Ok(there)
}

/// Brings our rules of a group to those of the spec. These calls take no token, so that nothing is sent again before it
/// has been looked at what came of it; and a list may be late, so that another run's rules show only behind our own.
async fn set_rules(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    spec: &Value,
) -> Result<Found, Failure> {
    let wanted: Vec<Value> = spec["rules"].as_array().cloned().unwrap_or_default();
    let mut there = ours(clouds, address, id).await?;
    for _ in 0..TRIES {
        let (missing, stale) = steps(&wanted, &there);
        if missing.is_empty() && stale.is_empty() {
            return Ok(in_place(id, &wanted));
        }
        match bring(clouds, address, id, (missing, &stale)).await? {
            Ok(added) => there = shown(clouds, address, id, (&added, &stale)).await?,
            Err(error) if error.may_have_happened() => {
                clouds.note(address, format!("looking again at the rules: {error}"));
                there = ours(clouds, address, id).await?;
            }
            Err(error) => return Err(oci_failure(&address.to_string(), &error)),
        }
    }
    let message = format!("the rules of {address} do not stay as they are set");
    Err(Failure::new(failure::Kind::Conflict, message).hint("somebody else changes them, too"))
}

/// Our rules, once the list shows what came and no longer what went.
async fn shown(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    (added, removed): (&[SecurityRule], &[String]),
) -> Result<BTreeMap<String, Value>, Failure> {
    let mut patience = Patience::of(LAG);
    loop {
        let there = ours(clouds, address, id).await?;
        let is_late = added.iter().any(|rule| !there.contains_key(&rule.id))
            || removed.iter().any(|id| there.contains_key(id));
        if !is_late || !patience.lasts().await {
            return Ok(there);
        }
    }
}

/// What must come and the ids of what must go. Of two rules that are the same one goes.
fn steps(wanted: &[Value], there: &BTreeMap<String, Value>) -> (Vec<Value>, Vec<String>) {
    let is_there = |rule: &Value| there.values().any(|there| there == rule);
    let missing = wanted.iter().filter(|rule| !is_there(rule)).cloned().collect();
    let mut kept: Vec<&Value> = Vec::new();
    let mut stale = Vec::new();
    for (id, rule) in there {
        if wanted.contains(rule) && !kept.contains(&rule) {
            kept.push(rule);
        } else {
            stale.push(id.clone());
        }
    }
    (missing, stale)
}

/// Gives the rules that came.
async fn bring(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    (missing, stale): (Vec<Value>, &[String]),
) -> Result<oci::Result<Vec<SecurityRule>>, Failure> {
    let description = description(clouds);
    let rules = missing.into_iter().map(|mut rule| {
        rule["description"] = json!(description);
        create::typed::<AddSecurityRuleDetails>(address, rule)
    });
    let rules = rules.collect::<Result<Vec<_>, _>>()?;
    // Either makes no call when there is nothing to do.
    let added = match api::add_rules(&clouds.oci, id, &rules).await {
        Ok(added) => added,
        Err(error) => return Ok(Err(error)),
    };
    Ok(api::remove_rules(&clouds.oci, id, stale).await.map(|()| added))
}

pub(super) async fn delete(target: &Target<'_>) -> Result<(), Failure> {
    let Target { clouds, address, id, .. } = *target;
    let is_in_place =
        matches!(clouds.environment.network, deployer_core::environment::Network::Existing { .. });
    let get = async || api::get(&clouds.oci, id).await;
    if !is_in_place && matches!(target.now(get().await).await?, Now::Gone) {
        return Ok(());
    }
    // A group that others' rules name cannot go; all groups lose their rules first.
    if !as_planned(target).await?.is_empty() {
        set_rules(clouds, address, id, &Value::Null).await?;
    }
    if is_in_place {
        return Ok(());
    }
    let delete = async |guard: &Mutation| api::delete(&clouds.oci, id, guard).await;
    target.delete(get, delete).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_missing_rules_come_and_stale_and_doubled_ones_go() {
        let rule = |port: u16| json!({ "port": port });
        let there = [("a", 80), ("b", 443), ("c", 443), ("d", 22)];
        let there = there.map(|(id, port)| (id.to_owned(), rule(port))).into();
        let (missing, stale) = steps(&[rule(80), rule(443), rule(8080)], &there);
        assert_eq!(missing, [rule(8080)]);
        assert_eq!(stale, ["c", "d"]);
    }
}
