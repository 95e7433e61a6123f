//! What must hold for a load balancer as a whole, whatever was changed.

use super::{backend_set, listener, routing, rule_set, shape};
use crate::model::load_balancer::LoadBalancer;
use crate::services::oci::failure::Failure;

const MOST_LISTENERS: usize = 16;
const MOST_BACKEND_SETS: usize = 16;
const MOST_BACKENDS: usize = 1024;
const LONGEST_NAME: usize = 32;

/// Checks names, limits and references.
///
/// # Errors
/// A 400 that names what is wrong.
pub(super) fn check(lb: &LoadBalancer) -> Result<(), Failure> {
    check_names(lb)?;
    check_limits(lb)?;
    check_request_id(lb)?;
    shape::check(lb)?;
    lb.backend_sets.values().try_for_each(|set| backend_set::check(lb, set))?;
    lb.listeners.values().try_for_each(|listener| listener::check(lb, listener))?;
    listener::check_ports(lb)?;
    routing::check(lb)?;
    rule_set::check(lb)
}

fn check_names(lb: &LoadBalancer) -> Result<(), Failure> {
    let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let any = |name: &str| !name.contains(char::is_whitespace);
    let identifier = |name: &str| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    names("backend set", lb.backend_sets.keys(), plain)?;
    names("certificate", lb.certificates.keys(), plain)?;
    names("listener", lb.listeners.keys(), any)?;
    names("hostname", lb.hostnames.keys(), any)?;
    names("rule set", lb.rule_sets.keys(), any)?;
    names("path route set", lb.path_route_sets.keys(), any)?;
    names("routing policy", lb.routing_policies.keys(), identifier)
}

fn names<'a>(
    title: &str,
    mut names: impl Iterator<Item = &'a String>,
    fits: impl Fn(&str) -> bool,
) -> Result<(), Failure> {
    let bad = names.find(|name| !(1..=LONGEST_NAME).contains(&name.len()) || !fits(name));
    bad.map_or(Ok(()), |name| {
        let message = format!("Name of {title} '{name}': size must be between 1 and {LONGEST_NAME}, of the letters allowed");
        Err(Failure::invalid(message))
    })
}

fn check_limits(lb: &LoadBalancer) -> Result<(), Failure> {
    let backends = lb.backend_sets.values().map(|set| set.backends.len()).sum();
    let counts = [
        ("listeners", lb.listeners.len(), MOST_LISTENERS),
        ("backend sets", lb.backend_sets.len(), MOST_BACKEND_SETS),
        ("backends", backends, MOST_BACKENDS),
    ];
    match counts.into_iter().find(|(_, count, most)| count > most) {
        Some((what, _, most)) => {
            Err(Failure::limit(format!("A load balancer has at most {most} {what}")))
        }
        None => Ok(()),
    }
}

fn check_request_id(lb: &LoadBalancer) -> Result<(), Failure> {
    match &lb.request_id_header {
        Some(header) if !header.to_ascii_uppercase().starts_with("X-") => {
            Err(Failure::invalid(format!("requestIdHeader '{header}' does not begin with X-")))
        }
        _ => Ok(()),
    }
}
