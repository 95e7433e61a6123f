//! What a step puts at risk, in a few words: what stops answering, what opens, what cannot be taken back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Removal, Step};
use crate::address::Kind;
use crate::balancer::{Call, Child};
use crate::diff::FieldChange;
use crate::observed::Found;

/// `apps` are those that are asked for; `found` is what the step is done to.
pub(super) fn of(
    step: &Step,
    apps: &BTreeMap<String, usize>,
    found: Option<&Found>,
) -> Option<String> {
    match &step.action {
        Action::Delete { why, .. } => of_delete(step, *why, apps),
        Action::Update { calls, .. } if step.address.kind == Kind::LoadBalancer => {
            of_calls(calls, found.map_or(&Value::Null, |found| &found.spec))
        }
        Action::Update { changes, .. } => of_update(step, changes),
        Action::Impossible { .. } => {
            Some("cannot be done in place: it would have to be taken down first".to_owned())
        }
        Action::Remark { .. } => {
            Some("the app is told its new name with the next rollout".to_owned())
        }
        Action::Create { .. } => None,
    }
}

fn of_delete(step: &Step, why: Removal, apps: &BTreeMap<String, usize>) -> Option<String> {
    let name = &step.address.name;
    match (step.address.kind, why) {
        (_, Removal::Twin) => None,
        (Kind::DnsRecord, _) if step.address.is_proof() => None,
        (Kind::DnsRecord, Removal::Unasked | Removal::TakenDown) => {
            Some(format!("{name} stops answering"))
        }
        (Kind::LoadBalancer, Removal::Replaced) => {
            Some("its address changes: hosts answer again when their records have".to_owned())
        }
        (Kind::LoadBalancer, _) => Some("its address is lost, no host answers any more".to_owned()),
        (Kind::ContainerInstance, _) => {
            let app = step.address.app().filter(|app| !apps.contains_key(*app))?;
            Some(format!("{app} stops running"))
        }
        (Kind::Repository, _) => Some("its images are lost".to_owned()),
        _ => None,
    }
}

fn of_update(step: &Step, changes: &[FieldChange]) -> Option<String> {
    let change = |field: &str| changes.iter().find(|change| change.field == field);
    match step.address.kind {
        Kind::ZoneSetting => Some("holds for the whole zone, other hosts too".to_owned()),
        Kind::DnsRecord => {
            change("content").map(|_| "visitors are led to another address".to_owned())
        }
        Kind::NetworkSecurityGroup => opened(change("rules")?),
        Kind::SecurityList => change("ingressSecurityRules")
            .and_then(opened)
            .or_else(|| Some("what may connect changes".to_owned())),
        Kind::Repository => change("isPublic")
            .filter(|change| change.after == Some(Value::Bool(true)))
            .map(|_| "anybody can pull the images".to_owned()),
        _ => None,
    }
}

/// Which sources may connect that could not before.
fn opened(change: &FieldChange) -> Option<String> {
    let sources = |rules: &Option<Value>| -> Vec<String> {
        let rules = rules.as_ref().and_then(Value::as_array).into_iter().flatten();
        let mut sources: Vec<String> =
            rules.filter_map(|rule| rule["source"].as_str().map(str::to_owned)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    };
    let before = sources(&change.before);
    let mut new = sources(&change.after);
    new.retain(|source| before.binary_search(source).is_err());
    match &new[..] {
        [] => None,
        [first] => Some(format!("{first} may connect")),
        [first, rest @ ..] => Some(format!("{first} and {} more may connect", rest.len())),
    }
}

/// What stops: hosts, listeners, and backends that leave their sets.
fn of_calls(calls: &[Call], found: &Value) -> Option<String> {
    let deleted = |wanted: Child| -> Vec<&str> {
        let deletes = calls.iter().filter_map(|call| match call {
            Call::Delete { child, name } if *child == wanted => Some(name.as_str()),
            _ => None,
        });
        deletes.collect()
    };
    let hosts: Vec<&str> = deleted(Child::Hostname)
        .into_iter()
        .map(|name| found["hostnames"][name]["hostname"].as_str().unwrap_or(name))
        .filter(|host| !is_renamed(host, calls))
        .collect();
    let mut risks = Vec::new();
    risks.extend(match &hosts[..] {
        [] => None,
        [host] => Some(format!("{host} is routed no more")),
        [host, rest @ ..] => Some(format!("{host} and {} more are routed no more", rest.len())),
    });
    let leaving = leaving(calls, found);
    risks.extend(match leaving {
        0 => None,
        1 => Some("1 backend leaves".to_owned()),
        _ => Some(format!("{leaving} backends leave")),
    });
    (!risks.is_empty()).then(|| risks.join("; "))
}

/// Whether a host has another name on the load balancer from now on.
fn is_renamed(host: &str, calls: &[Call]) -> bool {
    let is_it = |call: &Call| matches!(call, Call::Create { child: Child::Hostname, body, .. } if body["hostname"] == host);
    calls.iter().any(is_it)
}

/// Backends that are in a set now, and in none after the last call.
fn leaving(calls: &[Call], found: &Value) -> usize {
    let there = found["backendSets"].as_object().into_iter().flatten();
    let mut after: BTreeMap<&str, &Value> =
        there.clone().map(|(name, set)| (name.as_str(), set)).collect();
    for call in calls {
        match call {
            Call::Create { child: Child::BackendSet, name, body } => {
                after.insert(name.as_str().unwrap_or_default(), body)
            }
            Call::Update { child: Child::BackendSet, name, body } => after.insert(name, body),
            Call::Delete { child: Child::BackendSet, name } => after.remove(name.as_str()),
            _ => None,
        };
    }
    let before: BTreeSet<String> = there.flat_map(|(_, set)| backends(set)).collect();
    let after: BTreeSet<String> = after.values().flat_map(|set| backends(set)).collect();
    before.difference(&after).count()
}

fn backends(set: &Value) -> impl Iterator<Item = String> {
    let backends = set["backends"].as_array().into_iter().flatten();
    backends.map(|backend| format!("{} {}", backend["ipAddress"], backend["port"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_host_is_routed_no_more_only_when_it_gets_no_other_name_on_the_load_balancer() {
        let found = json!({ "hostnames": { "host1": { "hostname": "x.net" } } });
        let gone = Call::Delete { child: Child::Hostname, name: "host1".to_owned() };
        let body = json!({ "hostname": "x.net" });
        let named = Call::Create { child: Child::Hostname, name: json!("x_net"), body };
        let risk = of_calls(std::slice::from_ref(&gone), &found);
        assert_eq!(risk.as_deref(), Some("x.net is routed no more"));
        assert_eq!(of_calls(&[named, gone], &found), None);
    }
}
