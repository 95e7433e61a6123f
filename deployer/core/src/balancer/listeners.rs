//! Listeners: new ones first, old ones last, as far as a load balancer has room for both; where it has not, an old one
//! goes as soon as nobody needs it. Before all of these, those that somebody else named make way, see
//! [`takeover`](super::takeover).

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::{Call, Child, children, takeover, wanted};
use crate::diff;

/// A load balancer takes no more.
const MOST: usize = 16;

/// Where listeners are between two calls.
struct Midway<'a> {
    listeners: Map<String, Value>,
    desired: &'a Value,
    found: &'a Value,
}

/// The calls that bring ours into the place of others', those that make and change listeners, then those that delete.
pub(super) fn calls(desired: &Value, found: &Value) -> Vec<Call> {
    let (mut calls, listeners) = takeover::listeners(desired, found);
    if calls.is_empty() {
        return exchanged(desired, found);
    }
    let mut taken_over = found.clone();
    taken_over[Child::Listener.field()] = Value::Object(listeners);
    calls.extend(exchanged(desired, &taken_over));
    calls
}

fn exchanged(desired: &Value, found: &Value) -> Vec<Call> {
    let there = children(found, Child::Listener);
    let listeners = children(desired, Child::Listener);
    let mut going: Vec<&String> =
        there.keys().filter(|name| !listeners.contains_key(*name)).collect();
    going.sort_by_cached_key(|name| Reverse(turn(&there[*name], there)));
    let mut midway = Midway { listeners: there.clone(), desired, found };
    let mut calls = Vec::new();
    let mut coming = wanted(Child::Listener, desired, found);
    coming.sort_by_cached_key(|call| match call {
        Call::Create { body, .. } => Some((false, turn(body, listeners))),
        // One for strangers may serve the hosts of others' listeners until ours are there.
        Call::Update { body, .. } => Some((hosts(body).next().is_none(), turn(body, listeners))),
        _ => None,
    });
    for call in coming {
        if matches!(call, Call::Create { .. }) && midway.listeners.len() >= MOST {
            let free = going.iter().position(|name| midway.can_spare(name));
            calls.extend(free.map(|at| midway.delete(going.remove(at))));
        }
        midway.note(&call);
        calls.push(call);
    }
    calls.extend(going.into_iter().map(|name| midway.delete(name)));
    calls
}

/// The place of a listener among those that are made; they go the other way round. Host by host, so that few are there
/// twice: first the one for strangers on the host's port, then the host's own, then what redirects to it. The redirect
/// of all others comes last.
fn turn(listener: &Value, all: &Map<String, Value>) -> (bool, String, u8) {
    let own: Vec<&str> = hosts(listener).collect();
    match (own.is_empty(), listener["sslConfiguration"].is_null()) {
        (true, true) => (true, String::new(), 0),
        (true, false) => {
            let there = all.values().filter(|other| other["port"] == listener["port"]);
            (false, there.flat_map(hosts).min().unwrap_or_default().to_owned(), 0)
        }
        (false, is_plain) => (false, own.join(" "), 1 + u8::from(is_plain)),
    }
}

fn hosts(listener: &Value) -> impl Iterator<Item = &str> {
    listener["hostnameNames"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

impl Midway<'_> {
    fn note(&mut self, call: &Call) {
        match call {
            Call::Create { name, body, .. } => {
                self.listeners.insert(name.as_str().unwrap_or_default().to_owned(), body.clone());
            }
            Call::Update { name, body, .. } => {
                self.listeners.insert(name.clone(), body.clone());
            }
            _ => {}
        }
    }

    fn delete(&mut self, name: &str) -> Call {
        self.listeners.remove(name);
        Call::Delete { child: Child::Listener, name: name.to_owned() }
    }

    /// Whether without this listener every host that stays is still redirected to where it is served, and every port
    /// has a listener for strangers.
    fn can_spare(&self, name: &str) -> bool {
        let rest = || self.listeners.iter().filter(|(other, _)| *other != name).map(|(_, l)| l);
        let on = |port: &Value| {
            let port = port.clone();
            rest().filter(move |listener| diff::same(&port, &listener["port"]))
        };
        let has = |listener: &Value, host: &str| hosts(listener).any(|other| other == host);
        let is_served = |host: &str| {
            let plain = json!(80);
            let own = on(&plain).find(|listener| has(listener, host));
            let redirect = own.or_else(|| on(&plain).find(|l| hosts(l).next().is_none()));
            redirect.is_some_and(|listener| on(&self.redirect(listener)).any(|l| has(l, host)))
        };
        let takes_strangers = |port| on(port).any(|listener| hosts(listener).next().is_none());
        let wanted = children(self.desired, Child::Hostname);
        let mut stay =
            children(self.found, Child::Hostname).keys().filter(|h| wanted.contains_key(*h));
        stay.all(|host| is_served(host))
            && rest().all(|listener| takes_strangers(&listener["port"]))
    }

    /// The port that a listener redirects to.
    fn redirect(&self, listener: &Value) -> Value {
        let name = listener["ruleSetNames"][0].as_str().unwrap_or_default();
        let port = |balancer| {
            let rules: &Value = children(balancer, Child::RuleSet).get(name)?;
            Some(rules["items"][0]["redirectUri"]["port"].clone())
        };
        port(self.desired).or_else(|| port(self.found)).unwrap_or_default()
    }
}
