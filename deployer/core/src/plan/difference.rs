//! What one resource needs so that it becomes what is asked for.

use serde_json::{Value, json};

use super::{Action, Basis, Removal, Step};
use crate::address::{Address, Kind};
use crate::balancer;
use crate::desired::Resource;
use crate::diff::{self, FieldChange};
use crate::observed::{Found, Known};
use crate::value;

pub(super) fn step(address: &Address, action: Action, because: impl Into<String>) -> Step {
    Step {
        address: address.clone(),
        action,
        because: because.into(),
        needs: super::Needs::default(),
        seconds: 0.0,
        risk: None,
        drift: false,
    }
}

pub(super) fn wanted(address: &Address, resource: &Resource, known: Known<'_>) -> Option<Step> {
    let spec = &resource.spec;
    let Some(found) = known.observed.resources.get(address) else {
        let because = if spec["existing"].is_null() { "absent" } else { "our rules are not in it" };
        return Some(step(address, Action::Create { spec: spec.clone() }, because));
    };
    if let Some(reason) = &found.broken {
        return Some(step(address, Action::Create { spec: spec.clone() }, reason));
    }
    match address.kind {
        Kind::ContainerInstance => changed_instance(address, found, spec, known),
        Kind::LoadBalancer => changed_balancer(address, found, spec, known),
        _ => {
            let changes = diff::fields(&value::resolve_known(spec, &known), &found.spec);
            changed(address, found, spec, masked(changes, spec))
        }
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

/// An instance's name says what it is made of; one with the right name is right but for what can be changed on it: the
/// security groups of its interface.
fn changed_instance(
    address: &Address,
    found: &Found,
    spec: &Value,
    known: Known<'_>,
) -> Option<Step> {
    let groups = |vnic: &Value| json!({ "vnics": [{ "nsgIds": vnic["nsgIds"] }] });
    let wanted = groups(&value::resolve_known(&spec["vnics"][0], &known));
    let changes = diff::fields(&wanted, &groups(&found.spec["vnics"][0]));
    changed(address, found, spec, changes)
}

fn impossible(address: &Address, found: &Found, changes: &[FieldChange]) -> Option<Step> {
    let fixed = diff::immutable_fields(address.kind);
    // One that is known later is another one: what the thing lives in is not there.
    let of_fixed = |change: &&FieldChange| fixed.contains(&change.field.as_str());
    let changes: Vec<FieldChange> = changes.iter().filter(of_fixed).cloned().collect();
    let because = format!("cannot change {} of what is there", names(&changes));
    let action = Action::Impossible { id: found.id.clone(), changes: changes.clone() };
    (!changes.is_empty()).then(|| step(address, action, because))
}

fn changed_balancer(
    address: &Address,
    found: &Found,
    spec: &Value,
    known: Known<'_>,
) -> Option<Step> {
    for field in diff::immutable_fields(Kind::LoadBalancer) {
        let wanted = json!({ *field: value::resolve_known(&spec[*field], &known) });
        let changes = masked(diff::fields(&wanted, &found.spec), spec);
        if let Some(impossible) = impossible(address, found, &changes) {
            return Some(impossible);
        }
    }
    let calls = balancer::calls(&value::resolve_known(spec, &known.without_secrets()), &found.spec);
    let count = calls.iter().filter(|call| !call.is_wait()).count();
    let action =
        Action::Update { id: found.id.clone(), spec: spec.clone(), changes: Vec::new(), calls };
    let because =
        if count == 1 { "1 call".to_owned() } else { format!("{count} calls, one after another") };
    (count > 0).then(|| step(address, action, because))
}

/// Values of variables are not for showing: their names stand for them, before as after.
fn masked(changes: Vec<FieldChange>, spec: &Value) -> Vec<FieldChange> {
    let mask = |mut change: FieldChange| {
        let wanted = change.field.split('.').try_fold(spec, |inner, key| inner.get(key));
        if let Some(wanted) = wanted
            && value::holds_secret(wanted)
        {
            change.after = Some(wanted.clone());
            change.before = change.before.map(|_| Value::String("(not shown)".to_owned()));
        }
        change
    };
    changes.into_iter().map(mask).collect()
}

pub(super) fn names(changes: &[FieldChange]) -> String {
    changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is ours and no longer asked for. Zone settings stay: the value they had before is not known. Certificates
/// and images go with what holds them.
pub(super) fn unwanted(basis: &Basis<'_>) -> Vec<Step> {
    let (desired, observed) = (basis.desired, basis.known.observed);
    let kept = |kind: Kind| matches!(kind, Kind::ZoneSetting | Kind::Certificate | Kind::Image);
    let gone = if desired.is_empty() { Removal::TakenDown } else { Removal::Unasked };
    let removal = |address: &Address, found: &Found| match desired.contains_key(address) {
        true => found.broken.is_some().then_some(Removal::Replaced),
        false => Some(gone),
    };
    let resources = observed.resources.iter();
    let resources =
        resources.filter_map(|(address, found)| Some((address, found, removal(address, found)?)));
    let twins = observed.twins.iter().map(|(address, found)| (address, found, Removal::Twin));
    resources
        .chain(twins)
        .filter(|(address, _, _)| !kept(address.kind))
        .map(|(address, found, why)| {
            let ours_in_it = matches!(why, Removal::TakenDown | Removal::Unasked)
                && !found.spec["existing"].is_null();
            let because = if ours_in_it { "only our rules go" } else { why.text() };
            step(address, Action::Delete { id: found.id.clone(), why }, because)
        })
        .collect()
}
