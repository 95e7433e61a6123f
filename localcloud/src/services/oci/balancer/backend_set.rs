//! Backend sets, their backends and their health checker.

use std::net::IpAddr;

use serde_json::Value;

use super::child::Kind;
use super::tls;
use crate::model::load_balancer::{Backend, BackendSet, HealthChecker, LoadBalancer};
use crate::services::oci::call::typed;
use crate::services::oci::failure::Failure;
use crate::services::oci::work::Change;

pub(super) const KIND: Kind<BackendSet> = Kind {
    collection: "backendSets",
    title: "backend set",
    items: |lb| &lb.backend_sets,
    items_mut: |lb| &mut lb.backend_sets,
    settle,
    in_use,
};

/// What `ListPolicies` answers.
pub(super) const POLICIES: &[&str] = &["ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH"];

const MOST_BACKENDS: usize = 512;
/// A limit on connections is none (0), or at least this.
const LEAST_CONNECTIONS: u32 = 256;

pub(super) fn find<'a>(lb: &'a LoadBalancer, name: &str) -> Result<&'a BackendSet, Failure> {
    KIND.find(lb, name)
}

pub(super) fn find_backend<'a>(
    lb: &'a LoadBalancer,
    set: &str,
    name: &str,
) -> Result<&'a Backend, Failure> {
    let found = find(lb, set)?.backends.iter().find(|backend| backend.name == name);
    found.ok_or_else(|| absent(set, name))
}

fn absent(set: &str, backend: &str) -> Failure {
    Failure::not_found(format_args!("backend set '{set}' has no backend '{backend}'"))
}

/// The name that a backend of these details has.
pub(super) fn backend_name(details: &Value) -> String {
    let ip = details["ipAddress"].as_str().unwrap_or_default();
    format!("{ip}:{}", details["port"])
}

/// Creates, replaces or removes one backend.
pub(super) fn change_backend(lb: &mut LoadBalancer, change: &Change) -> Result<(), Failure> {
    let set_name = change.parameter("backendSetName").to_owned();
    let name = change.parameter("backendName").to_owned();
    find(lb, &set_name)?;
    let set = lb.backend_sets.entry(set_name.clone()).or_default();
    let position = set.backends.iter().position(|backend| backend.name == name);
    match (change.operation.as_str(), position) {
        ("create_backend", _) => set.backends.push(typed(change.body.clone(), "backend")?),
        (_, None) => return Err(absent(&set_name, &name)),
        ("delete_backend", Some(at)) => drop(set.backends.remove(at)),
        (_, Some(at)) => {
            let Backend { ip_address, port, .. } = set.backends[at].clone();
            let update: Backend = typed(change.body.clone(), "backend")?;
            set.backends[at] = Backend { ip_address, port, ..update };
        }
    }
    settle(set)
}

/// Replaces the health checker.
pub(super) fn change_checker(lb: &mut LoadBalancer, change: &Change) -> Result<(), Failure> {
    let name = change.parameter("backendSetName").to_owned();
    find(lb, &name)?;
    let checker: HealthChecker = typed(change.body.clone(), "healthChecker")?;
    let set = lb.backend_sets.entry(name).or_default();
    set.health_checker = checker;
    settle(set)
}

fn settle(set: &mut BackendSet) -> Result<(), Failure> {
    let name = set.name.clone();
    let refused = |why: String| Failure::invalid(format!("Backend set '{name}': {why}"));
    if !POLICIES.contains(&set.policy.as_str()) {
        return Err(refused(format!("unknown policy '{}'", set.policy)));
    }
    if set.session_persistence_configuration.is_some()
        && set.lb_cookie_session_persistence_configuration.is_some()
    {
        return Err(refused("the two kinds of session persistence exclude each other".to_owned()));
    }
    let limits =
        set.backends.iter().map(|b| b.max_connections).chain([set.backend_max_connections]);
    if let Some(low) = limits.flatten().find(|limit| (1..LEAST_CONNECTIONS).contains(limit)) {
        return Err(refused(format!("a limit of {low} connections is below {LEAST_CONNECTIONS}")));
    }
    check_checker(&set.health_checker).map_err(refused)?;
    settle_backends(set).map_err(refused)?;
    if let Some(ssl) = &mut set.ssl_configuration {
        tls::fill(ssl);
    }
    Ok(())
}

fn check_checker(checker: &HealthChecker) -> Result<(), String> {
    match checker.protocol.as_str() {
        "HTTP" if checker.url_path.as_deref().is_none_or(|path| !path.starts_with('/')) => {
            Err("healthChecker.urlPath is required for HTTP and begins with '/'".to_owned())
        }
        "HTTP" | "TCP" if checker.timeout_in_millis > checker.interval_in_millis => {
            Err("healthChecker.timeoutInMillis is greater than intervalInMillis".to_owned())
        }
        "HTTP" | "TCP" => Ok(()),
        other => Err(format!("healthChecker.protocol: No enum constant for {other}")),
    }
}

fn settle_backends(set: &mut BackendSet) -> Result<(), String> {
    if set.backends.len() > MOST_BACKENDS {
        return Err(format!("more than {MOST_BACKENDS} backends"));
    }
    let mut seen = Vec::with_capacity(set.backends.len());
    for backend in &mut set.backends {
        let ip: IpAddr = backend
            .ip_address
            .parse()
            .map_err(|_| format!("'{}' is not an IP address", backend.ip_address))?;
        backend.name = format!("{ip}:{}", backend.port);
        if seen.contains(&backend.name) {
            return Err(format!("backend '{}' is there already", backend.name));
        }
        if backend.backup && set.policy == "IP_HASH" {
            return Err("backup backends do not go with IP_HASH".to_owned());
        }
        seen.push(backend.name.clone());
    }
    Ok(())
}

/// Checks a set against the rest of its load balancer.
///
/// # Errors
/// A 400 that names the set.
pub(super) fn check(lb: &LoadBalancer, set: &BackendSet) -> Result<(), Failure> {
    let owner = format!("Backend set '{}'", set.name);
    set.ssl_configuration.as_ref().map_or(Ok(()), |ssl| tls::check(lb, &owner, ssl))
}

fn in_use(lb: &LoadBalancer, name: &str) -> Option<Failure> {
    let listener = lb.listeners.values().find(|l| l.default_backend_set_name == name);
    let listener = listener.map(|l| format!("listener '{}'", l.name));
    let routes = || {
        lb.path_route_sets
            .values()
            .find(|s| s.path_routes.iter().any(|r| r.backend_set_name == name))
    };
    let routes = || routes().map(|s| format!("path route set '{}'", s.name));
    let policy = || {
        lb.routing_policies
            .values()
            .find(|p| super::routing::targets(p).any(|(_, set)| set == name))
    };
    let policy = || policy().map(|p| format!("routing policy '{}'", p.name));
    let user = listener.or_else(routes).or_else(policy)?;
    Some(Failure::invalid(format!("Can't remove backend set '{name}' since it is used in {user}")))
}
