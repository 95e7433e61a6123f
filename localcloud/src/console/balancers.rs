//! Load balancers: who may reach them, what they listen to, where they pass it on.

use super::Sight;
use super::containers::{self, backend_id};
use super::graph::{Column, Graph, Mood, Node};
use super::rules;
use crate::health::CheckResult;
use crate::model::load_balancer::{Backend, BackendSet, Listener, LoadBalancer, PathMatch};

pub(super) fn rules_id(balancer: &LoadBalancer) -> String {
    format!("rules {}", balancer.id)
}

pub(super) fn listener_id(balancer: &str, name: &str) -> String {
    format!("listener {balancer} {name}")
}

fn set_id(balancer: &LoadBalancer, name: &str) -> String {
    format!("set {} {name}", balancer.id)
}

/// Adds every load balancer and what is behind it.
pub(super) fn draw(sight: &Sight<'_>, graph: &mut Graph) {
    let live = sight.balancers.load_balancers.values();
    for balancer in live.filter(|balancer| balancer.lifecycle_state != "DELETED") {
        graph.node(door(sight, balancer));
        for listener in balancer.listeners.values() {
            draw_listener(balancer, listener, graph);
        }
        for set in balancer.backend_sets.values() {
            draw_set(sight, balancer, set, graph);
        }
    }
}

/// The load balancer itself, with the rules in front of it.
fn door(sight: &Sight<'_>, balancer: &LoadBalancer) -> Node {
    let addresses = balancer.ip_addresses.iter().map(|address| address.ip_address.as_str());
    let mut notes = vec![addresses.collect::<Vec<_>>().join(", ")];
    let admitted = rules::admitted(sight, balancer);
    let mut mood = if admitted.is_empty() { Mood::Bad } else { Mood::Good };
    if admitted.is_empty() {
        notes.push("lets nobody in".to_owned());
    }
    notes.extend(admitted);
    if balancer.lifecycle_state != "ACTIVE" {
        notes.push(balancer.lifecycle_state.to_lowercase());
        mood = Mood::Waiting;
    }
    let title = balancer.display_name.clone();
    Node { id: rules_id(balancer), column: Column::Rules, title, notes, mood }
}

fn draw_listener(balancer: &LoadBalancer, listener: &Listener, graph: &mut Graph) {
    let ssl = listener.ssl_configuration.as_ref();
    let protocol = match (listener.protocol.as_str(), ssl) {
        ("HTTP", Some(_)) => "HTTPS",
        ("TCP", Some(_)) => "TLS",
        (protocol, _) => protocol,
    };
    let mut notes = vec![format!("{protocol} {}", listener.port)];
    let hostname = |name: &String| balancer.hostnames.get(name).map(|found| found.hostname.clone());
    notes.extend(listener.hostname_names.iter().filter_map(hostname));
    let certificate = ssl.and_then(|ssl| ssl.certificate_name.as_deref());
    notes.extend(certificate.map(|name| format!("certificate {name}")));
    let redirects = redirects(balancer, listener);
    if redirects {
        notes.push("redirects".to_owned());
    }
    let id = listener_id(&balancer.id, &listener.name);
    let title = listener.name.clone();
    graph.node(Node { id: id.clone(), column: Column::Listeners, title, notes, mood: Mood::Plain });
    graph.link(&rules_id(balancer), &id, "");
    for (set, label) in routes(balancer, listener) {
        graph.link(&id, &set_id(balancer, &set), &label);
    }
    if !redirects {
        graph.link(&id, &set_id(balancer, &listener.default_backend_set_name), "");
    }
}

fn redirects(balancer: &LoadBalancer, listener: &Listener) -> bool {
    let sets = listener.rule_set_names.iter().filter_map(|name| balancer.rule_sets.get(name));
    sets.flat_map(|set| &set.items).any(|item| item["action"] == "REDIRECT")
}

/// Backend sets other than the default, with what goes there.
fn routes(balancer: &LoadBalancer, listener: &Listener) -> Vec<(String, String)> {
    let policy = listener.routing_policy_name.as_ref();
    if let Some(policy) = policy.and_then(|name| balancer.routing_policies.get(name)) {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let routes = policy.rules.iter();
        return routes
            .map(|rule| (text(&rule["actions"][0]["backendSetName"]), text(&rule["name"])))
            .collect();
    }
    let paths = listener.path_route_set_name.as_ref();
    let Some(paths) = paths.and_then(|name| balancer.path_route_sets.get(name)) else {
        return Vec::new();
    };
    let route = |route: &crate::model::load_balancer::PathRoute| {
        let label = match route.path_match_type.match_type {
            PathMatch::ExactMatch => route.path.clone(),
            PathMatch::PrefixMatch | PathMatch::ForceLongestPrefixMatch => {
                format!("{}…", route.path)
            }
            PathMatch::SuffixMatch => format!("…{}", route.path),
        };
        (route.backend_set_name.clone(), label)
    };
    paths.path_routes.iter().map(route).collect()
}

fn draw_set(sight: &Sight<'_>, balancer: &LoadBalancer, set: &BackendSet, graph: &mut Graph) {
    let health = |backend: &Backend| sight.health.get(&balancer.id, &set.name, &backend.name);
    let is_well = |backend: &&Backend| health(backend).is_some_and(|h| h.status == CheckResult::Ok);
    let (well, all) = (set.backends.iter().filter(is_well).count(), set.backends.len());
    let checker = &set.health_checker;
    let check = checker.url_path.as_deref().unwrap_or("connection");
    let id = set_id(balancer, &set.name);
    graph.node(Node {
        id: id.clone(),
        column: Column::BackendSets,
        title: set.name.clone(),
        notes: vec![
            set.policy.to_lowercase().replace('_', " "),
            if all == 0 { "no backends".to_owned() } else { format!("{well} of {all} healthy") },
            format!("checks {check}"),
        ],
        mood: match (well, all) {
            (_, 0) => Mood::Plain,
            (0, _) => Mood::Bad,
            (well, all) if well == all => Mood::Good,
            _ => Mood::Waiting,
        },
    });
    for backend in &set.backends {
        let status = health(backend).map(|health| health.status).unwrap_or_default();
        graph.node(containers::backend(sight, backend, status));
        graph.link(&id, &backend_id(&backend.name), &conditions(backend));
    }
}

/// What is special about a backend.
fn conditions(backend: &Backend) -> String {
    let words = [
        (backend.drain, "draining".to_owned()),
        (backend.backup, "backup".to_owned()),
        (backend.offline, "offline".to_owned()),
        (backend.weight != 1, format!("weight {}", backend.weight)),
    ];
    let holding = words.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word);
    holding.collect::<Vec<_>>().join(", ")
}
