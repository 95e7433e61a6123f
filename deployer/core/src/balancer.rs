//! The load balancer's sub-planner: from (desired, found) to the serial calls that lead from one to the other.
//!
//! Calls on one load balancer queue at the vendor, 10 to 20 seconds each, so their number is the time that a change
//! takes. Their order keeps every declared URL served: what is needed is made before what uses it, and what is no
//! longer used goes last. How backends are exchanged is told in [`exchange`], what a call does to a load balancer in
//! [`applied`].

mod applied;
mod exchange;
mod listeners;
mod takeover;

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::diff;

pub use applied::{CHILDREN, applied, divergent_child, is_as_expected};

/// A type of named child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Child {
    Certificate,
    BackendSet,
    Hostname,
    RuleSet,
    PathRouteSet,
    /// Ours has none: those that somebody else made only go.
    RoutingPolicy,
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
            Self::RoutingPolicy => "routingPolicies",
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
    /// While these backends of the set, which get nothing new any more, end what they have begun.
    AwaitDrained {
        backend_set: String,
        backends: Value,
        seconds: u64,
    },
    Reshape {
        body: Value,
    },
    SetSecurityGroups {
        body: Value,
    },
    /// What belongs to the load balancer as a whole, and is changed together.
    SetAttributes {
        body: Value,
    },
}

/// The attributes of [`Call::SetAttributes`].
const ATTRIBUTES: [&str; 2] = ["displayName", "isDeleteProtectionEnabled"];

impl Call {
    /// Whether it only waits, and changes nothing.
    pub fn is_wait(&self) -> bool {
        matches!(self, Self::AwaitHealthy { .. } | Self::AwaitDrained { .. })
    }
}

/// The calls that make `found` into `desired`; none when nothing differs.
pub fn calls(desired: &Value, found: &Value) -> Vec<Call> {
    let mut calls = whole(desired, found);
    calls.extend(new_certificate(desired, found));
    // A load balancer has room for few backend sets.
    calls.extend(exchange::idle(desired, found));
    calls.extend(exchange::joined(desired, found));
    for child in [Child::Hostname, Child::RuleSet, Child::PathRouteSet] {
        calls.extend(wanted(child, desired, found));
    }
    calls.extend(listeners::calls(desired, found));
    for child in [Child::RoutingPolicy, Child::PathRouteSet, Child::RuleSet, Child::Hostname] {
        calls.extend(unwanted(child, desired, found));
    }
    calls.extend(exchange::parted(desired, found));
    calls.extend(exchange::unused(desired, found));
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
    let differs = |field: &&str| {
        let (wanted, there) = (&desired[*field], &found[*field]);
        let is_off = *wanted == false && there.is_null();
        !wanted.is_null() && !is_off && !diff::same(wanted, there)
    };
    let attributes: Map<String, Value> = ATTRIBUTES
        .into_iter()
        .filter(differs)
        .map(|field| (field.to_owned(), desired[field].clone()))
        .collect();
    if !attributes.is_empty() {
        calls.push(Call::SetAttributes { body: Value::Object(attributes) });
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
    let mut calls = Vec::new();
    for (name, body) in children(desired, child) {
        match there.get(name) {
            None => calls.push(Call::Create { child, name: json!(name), body: body.clone() }),
            // What a takeover has just put there may hold what is not known yet, which is never the same as anything.
            Some(old) if body != old && !diff::same(body, old) => {
                calls.push(Call::Update { child, name: name.clone(), body: body.clone() });
            }
            Some(_) => {}
        }
    }
    calls
}

fn unwanted(child: Child, desired: &Value, found: &Value) -> Vec<Call> {
    let desired = children(desired, child);
    let there = children(found, child).iter();
    let gone = there.filter(|(name, _)| !desired.contains_key(*name));
    gone.map(|(name, _)| Call::Delete { child, name: name.clone() }).collect()
}

#[cfg(test)]
mod tests;
