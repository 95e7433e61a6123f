//! Rule sets: ordered rules that a listener applies to requests and answers.

use serde_json::{Value, json};

use super::child::{Kind, used_by_listener};
use super::listener;
use crate::model::load_balancer::{LoadBalancer, RuleSet};
use crate::services::oci::failure::Failure;

pub(super) const KIND: Kind<RuleSet> = Kind {
    collection: "ruleSets",
    title: "rule set",
    items: |lb| &lb.rule_sets,
    items_mut: |lb| &mut lb.rule_sets,
    settle,
    in_use: |lb, name| {
        used_by_listener(lb, "Rule set", name, |l| l.rule_set_names.iter().any(|used| used == name))
    },
};

const MOST_RULES: usize = 20;
const MOST_RULES_OF_ALL: usize = 50;
const REDIRECTS: &[i64] = &[301, 302, 303, 307, 308];

/// The order in which `ListListenerRules` shows rules, by action.
const ORDER: &[&[&str]] = &[
    &["ALLOW"],
    &["CONTROL_ACCESS_USING_HTTP_METHODS"],
    &["ADD_HTTP_REQUEST_HEADER", "EXTEND_HTTP_REQUEST_HEADER_VALUE", "REMOVE_HTTP_REQUEST_HEADER"],
    &[
        "ADD_HTTP_RESPONSE_HEADER",
        "EXTEND_HTTP_RESPONSE_HEADER_VALUE",
        "REMOVE_HTTP_RESPONSE_HEADER",
    ],
];

fn settle(set: &mut RuleSet) -> Result<(), Failure> {
    let name = set.name.clone();
    let refused = |why: String| Failure::invalid(format!("Rule set '{name}': {why}"));
    if set.items.is_empty() || set.items.len() > MOST_RULES {
        return Err(refused(format!("a rule set has 1 to {MOST_RULES} rules")));
    }
    for rule in &mut set.items {
        match rule["action"].as_str() {
            Some("ALLOW") => check_allow(rule).map_err(refused)?,
            Some("REDIRECT") => settle_redirect(rule).map_err(refused)?,
            Some("CONTROL_ACCESS_USING_HTTP_METHODS") if rule.get("statusCode").is_none() => {
                rule["statusCode"] = json!(405);
            }
            _ => {}
        }
    }
    Ok(())
}

fn attributes(rule: &Value) -> impl Iterator<Item = &str> {
    rule["conditions"].as_array().into_iter().flatten().filter_map(|c| c["attributeName"].as_str())
}

fn check_allow(rule: &Value) -> Result<(), String> {
    let count = attributes(rule).count();
    if !(1..=2).contains(&count) || attributes(rule).any(|name| name == "PATH") {
        return Err("an ALLOW rule has one condition on the source".to_owned());
    }
    Ok(())
}

fn settle_redirect(rule: &mut Value) -> Result<(), String> {
    if rule.get("responseCode").is_none() {
        rule["responseCode"] = json!(302);
    }
    if !rule["responseCode"].as_i64().is_some_and(|code| REDIRECTS.contains(&code)) {
        return Err(format!("responseCode {} is no redirect", rule["responseCode"]));
    }
    if attributes(rule).count() != 1 || attributes(rule).any(|name| name != "PATH") {
        return Err("a REDIRECT rule has one PATH condition".to_owned());
    }
    let uri = rule.get("redirectUri");
    let query = uri.and_then(|uri| uri["query"].as_str()).unwrap_or_default();
    if !query.is_empty() && !query.starts_with('?') && !query.starts_with("{query}") {
        return Err("redirectUri.query begins with '?' or '{query}'".to_owned());
    }
    let protocol = uri.and_then(|uri| uri["protocol"].as_str()).unwrap_or("{protocol}");
    match protocol {
        "HTTP" | "HTTPS" | "http" | "https" | "{protocol}" => Ok(()),
        other => Err(format!("redirectUri.protocol '{other}' is not known")),
    }
}

/// Checks the sets together, and against the listeners that use them.
///
/// # Errors
/// A 400 that says which.
pub(super) fn check(lb: &LoadBalancer) -> Result<(), Failure> {
    let count: usize = lb.rule_sets.values().map(|set| set.items.len()).sum();
    if count > MOST_RULES_OF_ALL {
        return Err(Failure::invalid(format!(
            "A load balancer has at most {MOST_RULES_OF_ALL} rules"
        )));
    }
    for listener in lb.listeners.values() {
        let rules = || {
            listener
                .rule_set_names
                .iter()
                .filter_map(|name| lb.rule_sets.get(name))
                .flat_map(|s| &s.items)
        };
        for action in ["HTTP_HEADER", "CONTROL_ACCESS_USING_HTTP_METHODS"] {
            if rules().filter(|rule| rule["action"] == action).count() > 1 {
                let name = &listener.name;
                return Err(Failure::invalid(format!(
                    "Listener '{name}' has more than one {action} rule"
                )));
            }
        }
        let redirects = rules().filter(|rule| rule["action"] == "REDIRECT");
        let mut paths: Vec<&str> =
            redirects.filter_map(|rule| rule["conditions"][0]["attributeValue"].as_str()).collect();
        let all = paths.len();
        paths.sort_unstable();
        paths.dedup();
        if paths.len() < all {
            let message = format!("Listener '{}' has two redirects for one path", listener.name);
            return Err(Failure::invalid(message));
        }
    }
    Ok(())
}

/// The rules of a listener, in the order in which they take effect.
pub(super) fn of_listener(lb: &LoadBalancer, name: &str) -> Result<Value, Failure> {
    let listener = listener::KIND.find(lb, name)?;
    let sets = listener.rule_set_names.iter().filter_map(|name| lb.rule_sets.get(name));
    let mut rules: Vec<Value> = sets
        .flat_map(|set| set.items.iter().map(|rule| json!({"rule": rule, "ruleSetName": set.name})))
        .collect();
    let rank = |rule: &Value| {
        let action = rule["rule"]["action"].as_str().unwrap_or_default();
        ORDER.iter().position(|actions| actions.contains(&action)).unwrap_or(ORDER.len())
    };
    rules.sort_by_key(rank);
    Ok(Value::Array(rules))
}
