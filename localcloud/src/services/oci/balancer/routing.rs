//! Path route sets and routing policies: which backend set a request goes to. The data plane evaluates them.

use serde_json::Value;

use super::child::{Kind, used_by_listener};
use crate::model::load_balancer::{LoadBalancer, PathRouteSet, RoutingPolicy};
use crate::services::oci::failure::Failure;

pub(super) const PATH_ROUTE_SETS: Kind<PathRouteSet> = Kind {
    collection: "pathRouteSets",
    title: "path route set",
    items: |lb| &lb.path_route_sets,
    items_mut: |lb| &mut lb.path_route_sets,
    settle: settle_routes,
    in_use: |lb, name| {
        used_by_listener(lb, "Path route set", name, |l| {
            l.path_route_set_name.as_deref() == Some(name)
        })
    },
};

pub(super) const POLICIES: Kind<RoutingPolicy> = Kind {
    collection: "routingPolicies",
    title: "routing policy",
    items: |lb| &lb.routing_policies,
    items_mut: |lb| &mut lb.routing_policies,
    settle: settle_policy,
    in_use: |lb, name| {
        used_by_listener(lb, "Routing policy", name, |l| {
            l.routing_policy_name.as_deref() == Some(name)
        })
    },
};

const MOST_ROUTES: usize = 20;
const MOST_CONDITIONS: usize = 200;

fn settle_routes(set: &mut PathRouteSet) -> Result<(), Failure> {
    let refused = |why: String| Failure::invalid(format!("Path route set '{}': {why}", set.name));
    if set.path_routes.len() > MOST_ROUTES {
        return Err(refused(format!("more than {MOST_ROUTES} routes")));
    }
    for (index, route) in set.path_routes.iter().enumerate() {
        if route.path.contains(['*', '?']) || route.path.is_empty() {
            return Err(refused(format!("path '{}' is empty or a pattern", route.path)));
        }
        let twin = |other: &crate::model::load_balancer::PathRoute| {
            other.path.eq_ignore_ascii_case(&route.path)
                && other.path_match_type == route.path_match_type
        };
        if set.path_routes[..index].iter().any(twin) {
            return Err(refused(format!("path '{}' is there twice", route.path)));
        }
    }
    Ok(())
}

fn settle_policy(policy: &mut RoutingPolicy) -> Result<(), Failure> {
    let refused =
        |why: String| Failure::invalid(format!("Routing policy '{}': {why}", policy.name));
    let mut names = Vec::new();
    for rule in &policy.rules {
        let name = rule["name"].as_str().unwrap_or_default();
        if names.contains(&name) {
            return Err(refused(format!("rule '{name}' is there twice")));
        }
        names.push(name);
        let condition = rule["condition"].as_str().unwrap_or_default();
        if !is_condition(condition) {
            return Err(refused(format!(
                "condition of rule '{name}' cannot be parsed: {condition}"
            )));
        }
        if rule["actions"].as_array().is_none_or(|actions| actions.len() != 1) {
            return Err(refused(format!("rule '{name}' must have one action")));
        }
    }
    let conditions = policy.rules.iter().filter_map(|rule| rule["condition"].as_str());
    let count: usize = conditions.map(|text| text.matches("http.request").count()).sum();
    if count > MOST_CONDITIONS {
        return Err(refused(format!("more than {MOST_CONDITIONS} conditions")));
    }
    Ok(())
}

/// Whether a condition can be one: something of the request, with quotes and brackets closed. The data plane parses.
fn is_condition(text: &str) -> bool {
    let mut open = Vec::new();
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.pop() != Some(letter) => return false,
            _ => {}
        }
    }
    !quoted && open.is_empty() && text.contains("http.request.")
}

/// Rule name and backend set of each rule of a policy.
pub(super) fn targets(policy: &RoutingPolicy) -> impl Iterator<Item = (&str, &str)> {
    policy.rules.iter().flat_map(|rule| {
        let name = rule["name"].as_str().unwrap_or_default();
        let actions = rule["actions"].as_array().into_iter().flatten();
        actions.filter_map(move |action| {
            Some((name, action.get("backendSetName").and_then(Value::as_str)?))
        })
    })
}

/// Checks that every route leads to a backend set.
///
/// # Errors
/// A 400 in the vendor's words.
pub(super) fn check(lb: &LoadBalancer) -> Result<(), Failure> {
    for set in lb.path_route_sets.values() {
        let mut routes = set.path_routes.iter().map(|route| &route.backend_set_name);
        if let Some(absent) = routes.find(|name| !lb.backend_sets.contains_key(*name)) {
            let name = &set.name;
            return Err(Failure::invalid(format!(
                "Path route set '{name}' refers to unknown backend set '{absent}'"
            )));
        }
    }
    for policy in lb.routing_policies.values() {
        if let Some((_, absent)) =
            targets(policy).find(|(_, name)| !lb.backend_sets.contains_key(*name))
        {
            return Err(Failure::invalid(format!(
                "Routing Policy '{}' contains a rule referencing BackendSet '{absent}' which does not exist in load balancer {}",
                policy.name, lb.id
            )));
        }
    }
    Ok(())
}
