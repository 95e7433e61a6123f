//! What is to be done: immutable data, made from (desired, observed) by a function without a clock.

mod order;

use serde::Serialize;
use serde_json::Value;

use crate::address::{Address, Kind};
use crate::balancer::{self, Call};
use crate::desired::{Desired, Resource};
use crate::diff::{self, FieldChange};
use crate::digest;
use crate::observed::{Found, Known, Observed};
use crate::value;

/// Version of the JSON form of a plan; grows when a field changes its meaning.
pub const SCHEMA: u32 = 1;

/// Steps in an order in which they may be carried out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    pub schema: u32,
    pub environment: String,
    pub steps: Vec<Step>,
    /// Resources that stay as they are.
    pub unchanged: usize,
    /// Names this plan: the same steps have the same fingerprint.
    pub fingerprint: String,
}

/// One action on one address.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    pub address: Address,
    pub action: Action,
    /// Why, in the words of a person.
    pub because: String,
    /// Positions of the steps that must be done first.
    pub needs: Vec<usize>,
}

/// What is done to a resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    Create {
        spec: Value,
    },
    /// `calls` is filled for the load balancer, whose children change one by one.
    Update {
        id: String,
        spec: Value,
        changes: Vec<FieldChange>,
        calls: Vec<Call>,
    },
    Delete {
        id: String,
    },
    /// Fields differ that no provider call can change; a guard refuses the plan.
    Impossible {
        id: String,
        changes: Vec<FieldChange>,
    },
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// The plan that makes `observed` into `desired`.
pub fn make(environment: &str, desired: &Desired, known: Known<'_>) -> Plan {
    let mut steps: Vec<Step> =
        desired.iter().filter_map(|(address, resource)| wanted(address, resource, known)).collect();
    let unchanged = desired.len() - steps.len();
    steps.extend(unwanted(desired, known.observed));
    let steps = order::ordered(steps, desired);
    let fingerprint = digest::short(format!("{environment} {steps:?}").as_bytes(), 8);
    Plan { schema: SCHEMA, environment: environment.to_owned(), steps, unchanged, fingerprint }
}

fn step(address: &Address, action: Action, because: impl Into<String>) -> Step {
    Step { address: address.clone(), action, because: because.into(), needs: Vec::new() }
}

fn wanted(address: &Address, resource: &Resource, known: Known<'_>) -> Option<Step> {
    let spec = &resource.spec;
    let Some(found) = known.observed.resources.get(address) else {
        let because =
            if spec["existing"].is_null() { "is not there" } else { "our rules are not in it" };
        return Some(step(address, Action::Create { spec: spec.clone() }, because));
    };
    if let Some(reason) = &found.broken {
        return Some(step(address, Action::Create { spec: spec.clone() }, reason));
    }
    let resolved = value::resolve_known(spec, &known);
    match address.kind {
        // An instance's name says what it is made of; one with the right name is right.
        Kind::ContainerInstance => None,
        Kind::LoadBalancer => changed_balancer(address, found, spec, &resolved),
        _ => changed(address, found, spec, diff::fields(&resolved, &found.spec)),
    }
}

fn changed(
    address: &Address,
    found: &Found,
    spec: &Value,
    changes: Vec<FieldChange>,
) -> Option<Step> {
    if changes.is_empty() {
        return None;
    }
    if let Some(impossible) = impossible(address, found, &changes) {
        return Some(impossible);
    }
    let because = format!("differs in {}", names(&changes));
    let (id, spec) = (found.id.clone(), spec.clone());
    Some(step(address, Action::Update { id, spec, changes, calls: Vec::new() }, because))
}

fn impossible(address: &Address, found: &Found, changes: &[FieldChange]) -> Option<Step> {
    let fixed = diff::immutable_fields(address.kind);
    let of_fixed =
        |change: &&FieldChange| fixed.contains(&change.field.as_str()) && change.after.is_some();
    let changes: Vec<FieldChange> = changes.iter().filter(of_fixed).cloned().collect();
    let because = format!("cannot change {} of what is there", names(&changes));
    let action = Action::Impossible { id: found.id.clone(), changes: changes.clone() };
    (!changes.is_empty()).then(|| step(address, action, because))
}

fn changed_balancer(
    address: &Address,
    found: &Found,
    spec: &Value,
    resolved: &Value,
) -> Option<Step> {
    let fixed = diff::immutable_fields(Kind::LoadBalancer);
    let of_fixed = diff::fields(resolved, &found.spec)
        .into_iter()
        .filter(|c| fixed.contains(&c.field.as_str()));
    if let Some(impossible) = impossible(address, found, &of_fixed.collect::<Vec<_>>()) {
        return Some(impossible);
    }
    let calls = balancer::calls(resolved, &found.spec);
    let count = calls.iter().filter(|call| !call.is_wait()).count();
    let action =
        Action::Update { id: found.id.clone(), spec: spec.clone(), changes: Vec::new(), calls };
    let because =
        if count == 1 { "1 call".to_owned() } else { format!("{count} calls, one after another") };
    (count > 0).then(|| step(address, action, because))
}

fn names(changes: &[FieldChange]) -> String {
    changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is ours and no longer asked for. Zone settings stay: the value they had before is not known. Certificates
/// and images go with what holds them.
fn unwanted(desired: &Desired, observed: &Observed) -> Vec<Step> {
    let kept = |kind: Kind| matches!(kind, Kind::ZoneSetting | Kind::Certificate | Kind::Image);
    let orphans = observed.resources.iter().filter(|(address, _)| !desired.contains_key(address));
    let gone = if desired.is_empty() { "is taken down" } else { "is no longer asked for" };
    let orphans = orphans.map(|(address, found)| {
        (address, found, if found.spec["existing"].is_null() { gone } else { "only our rules go" })
    });
    let broken = observed
        .resources
        .iter()
        .filter(|(address, found)| desired.contains_key(address) && found.broken.is_some());
    let broken = broken.map(|(address, found)| (address, found, "is replaced"));
    let twins = observed.twins.iter().map(|(address, found)| (address, found, "is there twice"));
    orphans
        .chain(broken)
        .chain(twins)
        .filter(|(address, _, _)| !kept(address.kind))
        .map(|(address, found, because)| {
            step(address, Action::Delete { id: found.id.clone() }, because)
        })
        .collect()
}

#[cfg(test)]
mod tests;
