//! A load balancer compiled for its request path: immutable, swapped as a whole.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use http::HeaderName;
use rustls::ServerConfig;

use crate::dataplane::balancer::persistence::Persistence;
use crate::dataplane::balancer::{Backend, Policy, Set};
use crate::dataplane::router::condition::Condition;
use crate::dataplane::router::hosts::Hosts;
use crate::dataplane::router::paths::Paths;
use crate::dataplane::router::rule_set::Rules;
use crate::dataplane::tls;
use crate::model::load_balancer as model;

/// One load balancer.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) ports: BTreeMap<u16, Port>,
    pub(crate) sets: BTreeMap<String, Set>,
    /// The header that carries a request's id, when the load balancer gives ids.
    pub(crate) request_id: Option<HeaderName>,
}

/// The listeners of one port.
pub(crate) type Port = Hosts<Arc<Listener>>;

/// One listener.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) default_set: String,
    pub(crate) routes: Routes,
    pub(crate) rules: Rules,
    /// Longest silence of client or backend during an exchange.
    pub(crate) idle: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Http2,
    Tcp,
}

/// How a listener finds backend sets other than its default.
#[derive(Debug)]
pub(crate) enum Routes {
    None,
    Paths(Paths<String>),
    Policy(Vec<(Condition, String)>),
}

/// Why a load balancer cannot carry traffic as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {why}")]
pub(crate) struct CompileError {
    part: String,
    why: String,
}

/// The vendor's defaults of `idleTimeout`.
const IDLE_HTTP: Duration = Duration::from_secs(60);
const IDLE_TCP: Duration = Duration::from_secs(300);

impl Table {
    /// Compiles a load balancer; backends that were there before keep their health and connections.
    ///
    /// # Errors
    /// The first part that makes no sense.
    pub(crate) fn compile(
        balancer: &model::LoadBalancer,
        before: Option<&Self>,
    ) -> Result<Self, CompileError> {
        let mut table = Self::default();
        for address in &balancer.ip_addresses {
            let ip = address.ip_address.parse();
            table.addresses.push(ip.map_err(|e| wrong("address", &address.ip_address, &e))?);
        }
        for (name, set) in &balancer.backend_sets {
            let before = before.and_then(|table| table.sets.get(name));
            let compiled = compile_set(balancer, name, set, before);
            let compiled = compiled.map_err(|why| wrong("backend set", name, &why))?;
            table.sets.insert(name.clone(), compiled);
        }
        for (name, listener) in &balancer.listeners {
            let compiled = compile_listener(balancer, name, listener);
            let compiled = Arc::new(compiled.map_err(|why| wrong("listener", name, &why))?);
            let port = table.ports.entry(listener.port).or_default();
            for hostname in &listener.hostname_names {
                let hostname = balancer.hostnames.get(hostname);
                let hostname =
                    hostname.ok_or_else(|| wrong("listener", name, &"no such hostname"))?;
                port.add(&hostname.hostname, compiled.clone());
            }
            if listener.hostname_names.is_empty() {
                port.set_default(compiled);
            }
        }
        if balancer.is_request_id_enabled {
            let name = balancer.request_id_header.as_deref().unwrap_or("X-Request-Id");
            let header = name.parse().map_err(|e| wrong("request id header", name, &e))?;
            table.request_id = Some(header);
        }
        Ok(table)
    }
}

fn wrong(kind: &str, name: &str, why: &dyn std::fmt::Display) -> CompileError {
    CompileError { part: format!("{kind} {name}"), why: why.to_string() }
}

fn compile_set(
    balancer: &model::LoadBalancer,
    name: &str,
    set: &model::BackendSet,
    before: Option<&Set>,
) -> Result<Set, String> {
    let tls = set.ssl_configuration.as_ref().map(|ssl| {
        let name = ssl.certificate_name.as_deref().unwrap_or_default();
        tls::client_config(ssl, balancer.certificates.get(name), &balancer.ssl_cipher_suites)
    });
    let backend = |backend| compile_backend(set, backend, before);
    Ok(Set {
        name: name.to_owned(),
        policy: match set.policy.as_str() {
            "ROUND_ROBIN" => Policy::RoundRobin,
            "LEAST_CONNECTIONS" => Policy::LeastConnections,
            "IP_HASH" => Policy::IpHash,
            other => return Err(format!("unknown policy {other}")),
        },
        backends: set.backends.iter().map(backend).collect::<Result<_, _>>()?,
        persistence: Persistence::compile(
            set.session_persistence_configuration.as_ref(),
            set.lb_cookie_session_persistence_configuration.as_ref(),
        )?,
        ssl: set.ssl_configuration.clone(),
        tls: tls.transpose()?,
        turn: AtomicUsize::new(0),
    })
}

fn compile_backend(
    set: &model::BackendSet,
    backend: &model::Backend,
    before: Option<&Set>,
) -> Result<Backend, String> {
    let ip: IpAddr = backend.ip_address.parse().map_err(|e| format!("{}: {e}", backend.name))?;
    let known = before.and_then(|set| set.backends.iter().find(|b| b.name == backend.name));
    // Connections are kept only as long as they are secured in the same way.
    let kept = known.filter(|_| before.is_some_and(|before| before.ssl == set.ssl_configuration));
    let most = backend.max_connections.or(set.backend_max_connections).unwrap_or(0);
    Ok(Backend {
        name: backend.name.clone(),
        address: SocketAddr::new(ip, backend.port),
        weight: usize::try_from(backend.weight).unwrap_or(usize::MAX).min(1000),
        drain: backend.drain,
        backup: backend.backup,
        offline: backend.offline,
        most: usize::try_from(most).unwrap_or(0),
        state: known.map(|backend| backend.state.clone()).unwrap_or_default(),
        pool: kept.map(|backend| backend.pool.clone()).unwrap_or_default(),
    })
}

fn compile_listener(
    balancer: &model::LoadBalancer,
    name: &str,
    listener: &model::Listener,
) -> Result<Listener, String> {
    let protocol = match listener.protocol.as_str() {
        "HTTP" => Protocol::Http,
        "HTTP2" => Protocol::Http2,
        "TCP" => Protocol::Tcp,
        other => return Err(format!("protocol {other} is not carried here")),
    };
    let tls = listener.ssl_configuration.as_ref().map(|ssl| {
        let name = ssl.certificate_name.as_deref().unwrap_or_default();
        let bundle = balancer.certificates.get(name);
        let bundle = bundle.ok_or_else(|| format!("no certificate named `{name}`"))?;
        tls::server_config(ssl, bundle, &balancer.ssl_cipher_suites, protocol == Protocol::Http2)
    });
    let sets = listener
        .rule_set_names
        .iter()
        .map(|set| balancer.rule_sets.get(set).ok_or_else(|| format!("no rule set named `{set}`")));
    let sets: Vec<_> = sets.collect::<Result<_, _>>()?;
    let connection = listener.connection_configuration.as_ref();
    if connection.is_some_and(|c| c.backend_tcp_proxy_protocol_version.is_some()) {
        return Err("the PROXY protocol is not spoken here".to_owned());
    }
    let idle = connection.map(|connection| connection.idle_timeout);
    let idle_default = if protocol == Protocol::Tcp { IDLE_TCP } else { IDLE_HTTP };
    Ok(Listener {
        name: name.to_owned(),
        protocol,
        tls: tls.transpose()?,
        default_set: listener.default_backend_set_name.clone(),
        routes: compile_routes(balancer, listener)?,
        rules: Rules::compile(sets.iter().flat_map(|set| &set.items))?,
        idle: idle.filter(|seconds| *seconds > 0).map_or(idle_default, Duration::from_secs),
    })
}

fn compile_routes(
    balancer: &model::LoadBalancer,
    listener: &model::Listener,
) -> Result<Routes, String> {
    if let Some(name) = &listener.routing_policy_name {
        let policy = balancer.routing_policies.get(name);
        let policy = policy.ok_or_else(|| format!("no routing policy named `{name}`"))?;
        return policy.rules.iter().map(compile_rule).collect::<Result<_, _>>().map(Routes::Policy);
    }
    let Some(name) = &listener.path_route_set_name else { return Ok(Routes::None) };
    let set = balancer.path_route_sets.get(name);
    let set = set.ok_or_else(|| format!("no path route set named `{name}`"))?;
    let routes = set.path_routes.iter().cloned();
    let routes = routes.map(|r| (r.path_match_type.match_type, r.path, r.backend_set_name));
    Ok(Routes::Paths(routes.collect()))
}

/// `RoutingRule{condition, actions[FORWARD_TO_BACKENDSET]}`.
fn compile_rule(rule: &serde_json::Value) -> Result<(Condition, String), String> {
    let condition = rule["condition"].as_str().unwrap_or_default();
    let condition = condition.parse::<Condition>().map_err(|e| e.to_string())?;
    let set = rule["actions"][0]["backendSetName"].as_str();
    let set = set.ok_or_else(|| format!("rule {} forwards nowhere", rule["name"]))?;
    Ok((condition, set.to_owned()))
}
