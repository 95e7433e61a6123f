//! The vendor's routing rules read off a load balancer's model, one request at a time.
//!
//! Slow, and written apart from the router, which is compared with it: what both say is what the rules say. Sources are
//! the Load Balancer guide's "Virtual Hostnames", "Path Route Sets" and "Rule Sets".

use std::cmp::Reverse;

use serde_json::Value;

use crate::model::load_balancer::{Backend, Listener, LoadBalancer, PathMatch};

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed {
    /// Nothing listens on the port, or no listener there wants the host.
    NoListener,
    Redirect {
        status: u16,
        location: String,
    },
    /// One of these backends (`ip:port`) answers.
    BackendSet {
        name: String,
        backends: Vec<String>,
    },
    NoHealthyBackend {
        name: String,
    },
}

/// Where a GET of a path without query goes. `healthy` tells of a backend set and a backend (`ip:port`).
pub fn route(
    balancer: &LoadBalancer,
    port: u16,
    (host, path): (&str, &str),
    healthy: &dyn Fn(&str, &str) -> bool,
) -> Routed {
    let Some(listener) = listener(balancer, port, host) else { return Routed::NoListener };
    if let Some(rule) = redirect(balancer, listener, path) {
        return followed(rule, listener, (host, path));
    }
    let name = backend_set(balancer, listener, path).to_owned();
    let backends = backends(balancer, &name, healthy);
    if backends.is_empty() {
        return Routed::NoHealthyBackend { name };
    }
    Routed::BackendSet { name, backends }
}

/// Name of the certificate that a client sees which asks for a host; none where no TLS is spoken.
pub fn certificate<'a>(balancer: &'a LoadBalancer, port: u16, host: &str) -> Option<&'a str> {
    listener(balancer, port, host)?.ssl_configuration.as_ref()?.certificate_name.as_deref()
}

/// How well a pattern fits a host; the greatest wins: exact, longest `*.x`, longest `x.*`.
fn fit(pattern: &str, host: &str) -> Option<(u8, usize)> {
    let (pattern, host) = (pattern.to_lowercase(), host.to_lowercase());
    if pattern == host {
        return Some((2, 0));
    }
    let (kind, part, rest) = match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(ending), _) => (1, ending, host.strip_suffix(ending)),
        (None, Some(beginning)) => (0, beginning, host.strip_prefix(beginning)),
        (None, None) => return None,
    };
    rest.filter(|rest| !rest.is_empty()).map(|_| (kind, part.len()))
}

fn listener<'a>(balancer: &'a LoadBalancer, port: u16, host: &str) -> Option<&'a Listener> {
    let here = || balancer.listeners.values().filter(|listener| listener.port == port);
    let patterns = here().flat_map(|listener| {
        let named = move |name: &String| {
            Some((fit(&balancer.hostnames.get(name)?.hostname, host)?, listener))
        };
        listener.hostname_names.iter().filter_map(named)
    });
    let best = patterns.max_by_key(|(fit, _)| *fit).map(|(_, listener)| listener);
    best.or_else(|| here().find(|listener| listener.hostname_names.is_empty()))
}

/// Where a rule stands in the vendor's order, if it takes the path; the least is first.
fn rank(
    kind: PathMatch,
    rule: &str,
    path: &str,
    place: usize,
) -> Option<(u8, Reverse<usize>, usize)> {
    let (rule, path) = (rule.to_lowercase(), path.to_lowercase());
    match kind {
        PathMatch::ExactMatch => (rule == path).then_some((0, Reverse(0), place)),
        PathMatch::ForceLongestPrefixMatch => {
            path.starts_with(&rule).then_some((1, Reverse(rule.len()), place))
        }
        PathMatch::PrefixMatch => path.starts_with(&rule).then_some((2, Reverse(0), place)),
        PathMatch::SuffixMatch => path.ends_with(&rule).then_some((2, Reverse(0), place)),
    }
}

fn backend_set<'a>(balancer: &'a LoadBalancer, listener: &'a Listener, path: &str) -> &'a str {
    let set = listener.path_route_set_name.as_ref().and_then(|n| balancer.path_route_sets.get(n));
    let routes = set.into_iter().flat_map(|set| &set.path_routes).enumerate();
    let fitting = routes.filter_map(|(place, route)| {
        let rank = rank(route.path_match_type.match_type, &route.path, path, place)?;
        Some((rank, &route.backend_set_name))
    });
    let first = fitting.min_by_key(|(rank, _)| *rank).map(|(_, name)| name);
    first.unwrap_or(&listener.default_backend_set_name)
}

fn backends(
    balancer: &LoadBalancer,
    set: &str,
    healthy: &dyn Fn(&str, &str) -> bool,
) -> Vec<String> {
    let all = balancer.backend_sets.get(set).map_or(&[][..], |set| &set.backends);
    let serves = |b: &&Backend| !b.drain && !b.offline && healthy(set, &b.name);
    let of = |backup| {
        let fitting = all.iter().filter(serves).filter(move |b| b.backup == backup);
        fitting.map(|b| b.name.clone()).collect::<Vec<_>>()
    };
    let primaries = of(false);
    if primaries.is_empty() { of(true) } else { primaries }
}

fn redirect<'a>(balancer: &'a LoadBalancer, listener: &Listener, path: &str) -> Option<&'a Value> {
    let sets = listener.rule_set_names.iter().filter_map(|name| balancer.rule_sets.get(name));
    let rules = sets.flat_map(|set| &set.items).filter(|rule| rule["action"] == "REDIRECT");
    let fitting = rules.enumerate().filter_map(|(place, rule)| {
        let condition = &rule["conditions"][0];
        let kind = match condition["operator"].as_str()? {
            "EXACT_MATCH" => PathMatch::ExactMatch,
            "FORCE_LONGEST_PREFIX_MATCH" => PathMatch::ForceLongestPrefixMatch,
            "PREFIX_MATCH" => PathMatch::PrefixMatch,
            "SUFFIX_MATCH" => PathMatch::SuffixMatch,
            _ => return None,
        };
        Some((rank(kind, condition["attributeValue"].as_str()?, path, place)?, rule))
    });
    fitting.min_by_key(|(rank, _)| *rank).map(|(_, rule)| rule)
}

/// What is left out stays as it was asked for: the port too, also when the protocol changes.
fn followed(rule: &Value, listener: &Listener, (host, path): (&str, &str)) -> Routed {
    let uri = &rule["redirectUri"];
    let asked = if listener.ssl_configuration.is_some() { "https" } else { "http" };
    let part = |name: &str, original: &str| {
        let template = uri[name].as_str().unwrap_or(original);
        let filled =
            template.replace("{protocol}", asked).replace("{port}", &listener.port.to_string());
        filled.replace("{host}", host).replace("{path}", path).replace("{query}", "")
    };
    let protocol = part("protocol", asked).to_lowercase();
    let port = uri["port"].as_u64().unwrap_or(u64::from(listener.port));
    let is_usual = (protocol == "http" && port == 80) || (protocol == "https" && port == 443);
    let port = if is_usual { String::new() } else { format!(":{port}") };
    let path = part("path", path);
    let slash = if path.starts_with('/') { "" } else { "/" };
    let query = part("query", "");
    let status = rule["responseCode"].as_u64().and_then(|code| u16::try_from(code).ok());
    let location = format!("{protocol}://{}{port}{slash}{path}{query}", part("host", host));
    Routed::Redirect { status: status.unwrap_or(302), location }
}

#[cfg(test)]
mod tests;
