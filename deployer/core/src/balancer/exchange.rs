//! Backend sets: new backends join the old, get traffic when they are healthy, and only then the old part.
//!
//! Parting is two calls: one that gives the old nothing new, and, when they had time to end what they began, one that
//! leaves them out. What a killed run has done of this is seen in what is found.

use serde_json::{Map, Value, json};

use super::{Call, Child, children};
use crate::{diff, value};

/// How long backends that get nothing new may take to end what they began. The call that follows is another ten
/// seconds or more in the vendor's queue, which counts as well.
const DRAIN_SECONDS: u64 = 5;

/// Deletes what is not asked for and leads nowhere: sets that no listener and no route uses, trials of a killed run.
pub(super) fn idle(desired: &Value, found: &Value) -> Vec<Call> {
    let goes = |name: &str| !is_used(found, name) && !is_tried_again(desired, found, name);
    deletes(desired, found, goes)
}

/// Deletes what is not asked for and was used until now.
pub(super) fn unused(desired: &Value, found: &Value) -> Vec<Call> {
    deletes(desired, found, |name| is_used(found, name))
}

fn deletes(desired: &Value, found: &Value, goes: impl Fn(&str) -> bool) -> Vec<Call> {
    let wanted = children(desired, Child::BackendSet);
    let there = children(found, Child::BackendSet).keys();
    there
        .filter(|name| !wanted.contains_key(*name) && goes(name))
        .map(|name| delete(name))
        .collect()
}

fn is_used(balancer: &Value, set: &str) -> bool {
    let is_default = |listener: &Value| listener["defaultBackendSetName"] == set;
    let leads_to = |route: &Value| route["backendSetName"] == set;
    let routes =
        |routes: &Value| routes["pathRoutes"].as_array().is_some_and(|r| r.iter().any(leads_to));
    let leads_there = |policy: &Value| {
        let rules = policy["rules"].as_array().into_iter().flatten();
        let mut actions = rules.flat_map(|rule| rule["actions"].as_array().into_iter().flatten());
        actions.any(leads_to)
    };
    children(balancer, Child::Listener).values().any(is_default)
        || children(balancer, Child::PathRouteSet).values().any(routes)
        || children(balancer, Child::RoutingPolicy).values().any(leads_there)
}

/// Whether this is the trial of a set whose health check still has to be tried.
fn is_tried_again(desired: &Value, found: &Value, name: &str) -> bool {
    let mut pairs = pairs(desired, found);
    pairs.any(|(set, body, old)| trial(set) == name && old.is_some_and(|old| rechecked(body, old)))
}

fn pairs<'a>(
    desired: &'a Value,
    found: &'a Value,
) -> impl Iterator<Item = (&'a str, &'a Value, Option<&'a Value>)> {
    let there = children(found, Child::BackendSet);
    let wanted = children(desired, Child::BackendSet).iter();
    wanted.map(|(name, body)| (name.as_str(), body, there.get(name)))
}

/// The calls after which each set has its new backends, healthy, beside the old.
pub(super) fn joined(desired: &Value, found: &Value) -> Vec<Call> {
    let there = children(found, Child::BackendSet);
    let calls = pairs(desired, found).flat_map(|(name, body, old)| match old {
        None => [create(name, body)].into_iter().chain(await_healthy(name, body)).collect(),
        // A run that was killed while it waited has left this set behind, and nobody knows how it is.
        Some(old) if diff::same(body, old) => {
            let is_new = is_used(desired, name) && !is_used(found, name);
            await_healthy(name, body).filter(|_| is_new).into_iter().collect()
        }
        Some(old) => join(name, body, old, there),
    });
    calls.collect()
}

fn join(name: &str, body: &Value, old: &Value, there: &Map<String, Value>) -> Vec<Call> {
    let leaving = leaving(body, old);
    let mut both = body.clone();
    let all = backends(body).iter().chain(leaving.iter().copied());
    both["backends"] = json!(all.collect::<Vec<_>>());
    let mut calls = Vec::new();
    let is_tried = rechecked(body, old) && !backends(body).is_empty();
    if is_tried {
        calls.extend(trial_run(name, body, there));
    }
    // A killed run may have come this far already.
    if !diff::same(&both, old) {
        calls.push(update(name, &both));
    }
    calls.extend(await_healthy(name, body));
    // One trial at a time: a load balancer has room for one.
    calls.extend(is_tried.then(|| delete(&trial(name))));
    calls
}

/// The calls that leave only the new backends. All sets drain at the same time.
pub(super) fn parted(desired: &Value, found: &Value) -> Vec<Call> {
    let (mut drained, mut removed) = (Vec::new(), Vec::new());
    for (name, body, old) in pairs(desired, found) {
        let leaving = old.map(|old| leaving(body, old)).unwrap_or_default();
        if leaving.is_empty() {
            continue;
        }
        let draining: Vec<Value> = leaving.iter().map(|backend| drain(backend)).collect();
        if leaving.iter().any(|backend| backend["drain"] != true) {
            let mut both = body.clone();
            both["backends"] = backends(body).iter().chain(&draining).cloned().collect();
            drained.push(update(name, &both));
        }
        // The first wait is one for all.
        if removed.is_empty() {
            let (backend_set, backends) = (name.to_owned(), json!(draining));
            removed.push(Call::AwaitDrained { backend_set, backends, seconds: DRAIN_SECONDS });
        }
        removed.push(update(name, body));
    }
    drained.extend(removed);
    drained
}

fn drain(backend: &Value) -> Value {
    let mut draining = backend.clone();
    draining["drain"] = json!(true);
    draining
}

/// A health check that is changed is tried first on a set without traffic: were it changed on the set that serves, and
/// wrong, every backend would fall ill at once.
fn trial_run(name: &str, body: &Value, there: &Map<String, Value>) -> Vec<Call> {
    let trial = trial(name);
    let mut calls = match there.get(&trial) {
        None => vec![create(&trial, body)],
        Some(left_behind) if diff::same(body, left_behind) => Vec::new(),
        // Made anew, or what the other check found out might be taken for the outcome of this one.
        Some(_) => vec![delete(&trial), create(&trial, body)],
    };
    calls.extend(await_healthy(&trial, body));
    calls
}

/// Name of the set in which a health check is tried. `_` stands in no name of an app, so it is nobody else's.
fn trial(name: &str) -> String {
    format!("{name}_trial")
}

fn create(name: &str, body: &Value) -> Call {
    Call::Create { child: Child::BackendSet, name: json!(name), body: body.clone() }
}

fn update(name: &str, body: &Value) -> Call {
    Call::Update { child: Child::BackendSet, name: name.to_owned(), body: body.clone() }
}

fn delete(name: &str) -> Call {
    Call::Delete { child: Child::BackendSet, name: name.to_owned() }
}

/// The wait for the backends that shall stay; those that leave may be as ill as they like.
fn await_healthy(name: &str, body: &Value) -> Option<Call> {
    let backends = backends(body);
    let call = || Call::AwaitHealthy { backend_set: name.to_owned(), backends: json!(backends) };
    (!backends.is_empty()).then(call)
}

fn rechecked(body: &Value, old: &Value) -> bool {
    !diff::same(&body["healthChecker"], &old["healthChecker"])
}

fn leaving<'a>(body: &Value, old: &'a Value) -> Vec<&'a Value> {
    backends(old).iter().filter(|backend| !holds(body, backend)).collect()
}

fn backends(set: &Value) -> &[Value] {
    set["backends"].as_array().map_or(&[], Vec::as_slice)
}

fn holds(set: &Value, backend: &Value) -> bool {
    let known = !value::is_unknown(&backend["ipAddress"]);
    known && backends(set).iter().any(|b| key(b) == key(backend))
}

fn key(backend: &Value) -> (&Value, &Value) {
    (&backend["ipAddress"], &backend["port"])
}
