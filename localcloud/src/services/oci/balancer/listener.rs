//! Listeners: a port, a protocol, and what traffic is sent where.

use super::child::Kind;
use super::tls;
use crate::model::load_balancer::{ConnectionConfiguration, Listener, LoadBalancer};
use crate::services::oci::failure::Failure;

pub(super) const KIND: Kind<Listener> = Kind {
    collection: "listeners",
    title: "listener",
    items: |lb| &lb.listeners,
    items_mut: |lb| &mut lb.listeners,
    settle,
    in_use: |_, _| None,
};

/// What `ListProtocols` answers.
pub(super) const PROTOCOLS: &[&str] = &["HTTP", "HTTP2", "TCP", "GRPC"];

fn settle(listener: &mut Listener) -> Result<(), Failure> {
    let Listener { name, protocol, .. } = &*listener;
    if !PROTOCOLS.contains(&protocol.as_str()) {
        return Err(Failure::invalid(format!("Listener '{name}': unknown protocol '{protocol}'")));
    }
    let idle_timeout = if protocol == "TCP" { 300 } else { 60 };
    listener.connection_configuration.get_or_insert_with(|| ConnectionConfiguration {
        idle_timeout,
        ..ConnectionConfiguration::default()
    });
    if let Some(ssl) = &mut listener.ssl_configuration {
        tls::fill(ssl);
    }
    Ok(())
}

/// Checks a listener against the rest of its load balancer.
///
/// # Errors
/// A 400 that names listener and reference.
pub(super) fn check(lb: &LoadBalancer, listener: &Listener) -> Result<(), Failure> {
    let unknown = |what: &str, name: &str| {
        Failure::invalid(format!("Listener '{}' refers to unknown {what} '{name}'", listener.name))
    };
    let refused = |why: &str| Failure::invalid(format!("Listener '{}': {why}", listener.name));
    if !lb.backend_sets.contains_key(&listener.default_backend_set_name) {
        return Err(unknown("backend set", &listener.default_backend_set_name));
    }
    if let Some(name) =
        listener.hostname_names.iter().find(|name| !lb.hostnames.contains_key(*name))
    {
        return Err(unknown("hostname", name));
    }
    if let Some(name) =
        listener.rule_set_names.iter().find(|name| !lb.rule_sets.contains_key(*name))
    {
        return Err(unknown("rule set", name));
    }
    if let Some(name) =
        listener.path_route_set_name.as_ref().filter(|n| !lb.path_route_sets.contains_key(*n))
    {
        return Err(unknown("path route set", name));
    }
    if let Some(name) =
        listener.routing_policy_name.as_ref().filter(|n| !lb.routing_policies.contains_key(*n))
    {
        return Err(unknown("routing policy", name));
    }
    if listener.path_route_set_name.is_some() && listener.routing_policy_name.is_some() {
        return Err(refused("pathRouteSetName and routingPolicyName exclude each other"));
    }
    let needs_http = !listener.hostname_names.is_empty()
        || !listener.rule_set_names.is_empty()
        || listener.path_route_set_name.is_some()
        || listener.routing_policy_name.is_some();
    if listener.protocol == "TCP" && needs_http {
        return Err(refused("host names, routes and rules need an HTTP protocol"));
    }
    check_tls(lb, listener)
}

fn check_tls(lb: &LoadBalancer, listener: &Listener) -> Result<(), Failure> {
    let owner = format!("Listener for '{}'", listener.default_backend_set_name);
    let needs_http2 = ["HTTP2", "GRPC"].contains(&listener.protocol.as_str());
    let Some(ssl) = &listener.ssl_configuration else {
        return match needs_http2 {
            true => Err(Failure::invalid(format!(
                "{owner}: {} needs an sslConfiguration",
                listener.protocol
            ))),
            false => Ok(()),
        };
    };
    tls::check(lb, &owner, ssl)?;
    match &ssl.certificate_name {
        None => {
            return Err(Failure::invalid(format!(
                "{owner}: sslConfiguration names no certificate"
            )));
        }
        Some(name) if lb.certificates.get(name).is_some_and(|c| c.private_key.is_none()) => {
            return Err(Failure::invalid(format!(
                "{owner}: certificate '{name}' has no private key"
            )));
        }
        Some(_) => {}
    }
    let http2_suite = ssl.cipher_suite_name.as_deref().is_some_and(|suite| suite.contains("http2"));
    if needs_http2 && !http2_suite {
        return Err(Failure::invalid(format!(
            "{owner}: {} needs an HTTP2 cipher suite",
            listener.protocol
        )));
    }
    Ok(())
}

/// Checks the listeners of each port against each other.
///
/// # Errors
/// A 400 that names both listeners.
pub(super) fn check_ports(lb: &LoadBalancer) -> Result<(), Failure> {
    let all: Vec<&Listener> = lb.listeners.values().collect();
    for (index, one) in all.iter().enumerate() {
        for other in all[index + 1..].iter().filter(|other| other.port == one.port) {
            let refused = |why: &str| {
                let (one, other) = (&one.name, &other.name);
                Failure::invalid(format!("Listeners '{one}' and '{other}' share a port: {why}"))
            };
            if one.hostname_names.is_empty() && other.hostname_names.is_empty() {
                return Err(refused("all but one need host names"));
            }
            let common = one.hostname_names.iter().any(|name| other.hostname_names.contains(name));
            if common {
                return Err(refused("both have the same host name"));
            }
            let protocols = |l: &Listener| {
                l.ssl_configuration.as_ref().map(|ssl| {
                    let mut protocols = ssl.protocols.clone().unwrap_or_default();
                    protocols.sort();
                    protocols
                })
            };
            if protocols(one) != protocols(other) {
                return Err(refused("their TLS protocols differ"));
            }
        }
    }
    Ok(())
}
