//! The load balancer's sub-planner: from (desired, found) to the serial calls that lead from one to the other.
//!
//! Calls on one load balancer queue at the vendor, 10 to 20 seconds each, so their number is the time that a change
//! takes. Their order keeps every declared URL served: what is needed is made before what uses it, and what is no
//! longer used goes last. Backends are exchanged in two calls, old and new together until the new are healthy.

mod takeover;

use std::cmp::Reverse;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::diff;
use crate::value;

/// A type of named child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Child {
    Certificate,
    BackendSet,
    Hostname,
    RuleSet,
    PathRouteSet,
    Listener,
}

impl Child {
    /// The field of the load balancer that holds these children by name.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Certificate => "certificates",
            Self::BackendSet => "backendSets",
            Self::Hostname => "hostnames",
            Self::RuleSet => "ruleSets",
            Self::PathRouteSet => "pathRouteSets",
            Self::Listener => "listeners",
        }
    }
}

/// One call on the load balancer, or one wait between two.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "call")]
pub enum Call {
    /// The name of a certificate that is yet to be issued is a reference.
    Create {
        child: Child,
        name: Value,
        body: Value,
    },
    /// PUT: `body` is the whole child.
    Update {
        child: Child,
        name: String,
        body: Value,
    },
    Delete {
        child: Child,
        name: String,
    },
    /// Until each of these backends of the set answers its health check.
    AwaitHealthy {
        backend_set: String,
        backends: Value,
    },
    Reshape {
        body: Value,
    },
    SetSecurityGroups {
        body: Value,
    },
}

impl Call {
    /// Whether it only waits, and changes nothing.
    pub fn is_wait(&self) -> bool {
        matches!(self, Self::AwaitHealthy { .. })
    }
}

/// The calls that make `found` into `desired`; none when nothing differs.
pub fn calls(desired: &Value, found: &Value) -> Vec<Call> {
    let mut calls = whole(desired, found);
    calls.extend(new_certificate(desired, found));
    let (joined, exchanged) = backend_sets(desired, found);
    calls.extend(joined);
    for child in [Child::Hostname, Child::RuleSet, Child::PathRouteSet] {
        calls.extend(wanted(child, desired, found));
    }
    let (taken_over, listeners) = takeover::listeners(desired, found);
    calls.extend(taken_over);
    let found = &mut found.clone();
    found[Child::Listener.field()] = Value::Object(listeners);
    calls.extend(wanted(Child::Listener, desired, found));
    for child in [Child::Listener, Child::PathRouteSet, Child::RuleSet, Child::Hostname] {
        calls.extend(unwanted(child, children(desired, child), found));
    }
    calls.extend(exchanged);
    calls.extend(unwanted(Child::BackendSet, children(desired, Child::BackendSet), found));
    calls.extend(old_certificates(desired, found));
    calls
}

fn whole(desired: &Value, found: &Value) -> Vec<Call> {
    let mut calls = Vec::new();
    if !diff::same(&desired["shapeDetails"], &found["shapeDetails"]) {
        let body =
            json!({ "shapeName": desired["shapeName"], "shapeDetails": desired["shapeDetails"] });
        calls.push(Call::Reshape { body });
    }
    if !diff::same(&desired["networkSecurityGroupIds"], &found["networkSecurityGroupIds"]) {
        let body = json!({ "networkSecurityGroupIds": desired["networkSecurityGroupIds"] });
        calls.push(Call::SetSecurityGroups { body });
    }
    calls
}

fn children(spec: &Value, child: Child) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    spec[child.field()].as_object().unwrap_or_else(|| &NONE)
}

fn new_certificate(desired: &Value, found: &Value) -> Option<Call> {
    let certificate = &desired["certificate"];
    let name = &certificate["certificateName"];
    let there =
        name.as_str().is_some_and(|name| children(found, Child::Certificate).contains_key(name));
    (!there && !name.is_null()).then(|| Call::Create {
        child: Child::Certificate,
        name: name.clone(),
        body: certificate.clone(),
    })
}

fn old_certificates(desired: &Value, found: &Value) -> Vec<Call> {
    let current = desired["certificate"]["certificateName"].as_str();
    let old =
        children(found, Child::Certificate).keys().filter(|name| Some(name.as_str()) != current);
    old.map(|name| Call::Delete { child: Child::Certificate, name: name.clone() }).collect()
}

fn wanted(child: Child, desired: &Value, found: &Value) -> Vec<Call> {
    let there = children(found, child);
    let mut children: Vec<_> = children(desired, child).iter().collect();
    // One for unknown hosts may still serve those of a listener that was taken over, until that is there.
    children.sort_by_key(|(name, body)| {
        (turn(body).max(u8::from(there.contains_key(*name))), turn(body) == 0)
    });
    let mut calls = Vec::new();
    for (name, body) in children {
        match there.get(name) {
            None => calls.push(Call::Create { child, name: json!(name), body: body.clone() }),
            Some(old) if !diff::same(body, old) => {
                calls.push(Call::Update { child, name: name.clone(), body: body.clone() });
            }
            Some(_) => {}
        }
    }
    calls
}

fn unwanted(child: Child, desired: &Map<String, Value>, found: &Value) -> Vec<Call> {
    let there = children(found, child).iter();
    let mut gone: Vec<_> = there.filter(|(name, _)| !desired.contains_key(*name)).collect();
    gone.sort_by_key(|(_, body)| Reverse(turn(body)));
    gone.into_iter().map(|(name, _)| Call::Delete { child, name: name.clone() }).collect()
}

/// The place of a listener among those that are made; they go the other way round. A redirect to HTTPS never leads
/// where nobody listens, and a port never has hosts without the listener that takes unknown ones.
/// Other children have no such order.
fn turn(child: &Value) -> u8 {
    let is_for_all = child["hostnameNames"].as_array().is_none_or(Vec::is_empty);
    match (child["sslConfiguration"].is_null(), is_for_all) {
        (false, true) => 0,
        (false, false) => 1,
        (true, false) => 2,
        (true, true) => 3,
    }
}

/// First the calls after which old and new backends serve together, then those that leave only the new.
fn backend_sets(desired: &Value, found: &Value) -> (Vec<Call>, Vec<Call>) {
    let (mut joined, mut exchanged) = (Vec::new(), Vec::new());
    let there = children(found, Child::BackendSet);
    for (name, body) in children(desired, Child::BackendSet) {
        let Some(old) = there.get(name) else {
            joined.push(create(name, body));
            joined.extend(await_healthy(name, body));
            continue;
        };
        if diff::same(body, old) {
            continue;
        }
        let leaving: Vec<&Value> = backends(old).iter().filter(|b| !holds(body, b)).collect();
        let arrives = backends(body).iter().any(|b| !holds(old, b));
        let rechecked = !diff::same(&body["healthChecker"], &old["healthChecker"]);
        if rechecked {
            joined.extend(trial_run(name, body, there));
            exchanged.extend(end_of_trial(name, body, there));
        }
        // Old and new serve together until the new are well; a killed run may have come this far already.
        let mut both = body.clone();
        let all = backends(body).iter().chain(leaving.iter().copied());
        both["backends"] = json!(all.collect::<Vec<_>>());
        if arrives || rechecked || leaving.is_empty() {
            joined.push(update(name, &both));
        }
        joined.extend(await_healthy(name, body));
        exchanged.extend((!leaving.is_empty()).then(|| update(name, body)));
    }
    (joined, exchanged)
}

fn create(name: &str, body: &Value) -> Call {
    Call::Create { child: Child::BackendSet, name: json!(name), body: body.clone() }
}

fn update(name: &str, body: &Value) -> Call {
    Call::Update { child: Child::BackendSet, name: name.to_owned(), body: body.clone() }
}

/// Name of the set in which a health check is tried. `_` stands in no name of an app, so it is nobody else's.
fn trial(name: &str) -> String {
    format!("{name}_trial")
}

/// A health check that is changed is tried first on a set without traffic: were it changed on the set that serves, and
/// wrong, every backend would fall ill at once.
fn trial_run(name: &str, body: &Value, there: &Map<String, Value>) -> Vec<Call> {
    let Some(wait) = await_healthy(&trial(name), body) else { return Vec::new() };
    let left_behind = there.contains_key(&trial(name));
    vec![if left_behind { update(&trial(name), body) } else { create(&trial(name), body) }, wait]
}

/// One that an earlier run left behind goes with everything that is not asked for.
fn end_of_trial(name: &str, body: &Value, there: &Map<String, Value>) -> Option<Call> {
    let made_now = !backends(body).is_empty() && !there.contains_key(&trial(name));
    made_now.then(|| Call::Delete { child: Child::BackendSet, name: trial(name) })
}

/// The wait for the backends that shall stay; those that leave may be as ill as they like.
fn await_healthy(name: &str, body: &Value) -> Option<Call> {
    let backends = backends(body);
    let call = || Call::AwaitHealthy { backend_set: name.to_owned(), backends: json!(backends) };
    (!backends.is_empty()).then(call)
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

#[cfg(test)]
mod tests;
