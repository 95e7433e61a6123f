//! The load balancer: one resource that holds every listener, backend set, host name, route and rule.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Desired, Facts, app, insert, network};
use crate::address::Kind;
use crate::digest;
use crate::environment::{App, Environment};
use crate::value::reference;

/// Where requests go that name no host of ours: a set that stays empty.
pub const NOBODY: &str = "nobody";

/// What a backend set can have and ours do not: said, or what somebody adds would be no difference.
const WITHOUT: [&str; 4] = [
    "backendMaxConnections",
    "lbCookieSessionPersistenceConfiguration",
    "sessionPersistenceConfiguration",
    "sslConfiguration",
];

pub(super) fn add(desired: &mut Desired, environment: &Environment, facts: &Facts) {
    let shape = &environment.load_balancer;
    let spec = json!({
        "displayName": environment.name,
        "isDeleteProtectionEnabled": false,
        "shapeName": "flexible",
        "shapeDetails": {
            "minimumBandwidthInMbps": shape.minimum_mbps,
            "maximumBandwidthInMbps": shape.maximum_mbps,
        },
        "isPrivate": false,
        "subnetIds": [network::subnet(environment, "load_balancer")],
        "networkSecurityGroupIds": [reference(Kind::NetworkSecurityGroup, "load_balancer", "id")],
        "certificate": {
            "certificateName": reference(Kind::Certificate, "main", "name"),
            "publicCertificate": reference(Kind::Certificate, "main", "chain"),
            "privateKey": reference(Kind::Certificate, "main", "privateKey"),
        },
        "backendSets": backend_sets(environment, facts),
        "hostnames": hostnames(environment),
        "pathRouteSets": path_route_sets(environment),
        "ruleSets": rule_sets(environment),
        "listeners": listeners(environment),
    });
    insert(desired, Kind::LoadBalancer, "main", spec);
}

fn backend_sets(environment: &Environment, facts: &Facts) -> Map<String, Value> {
    let mut sets: Map<String, Value> = environment
        .apps
        .iter()
        .map(|(name, app)| {
            (name.clone(), backend_set(app, app::instances(environment, facts, name, app)))
        })
        .collect();
    let nobody = json!({
        "policy": "ROUND_ROBIN",
        "backends": [],
        "healthChecker": { "protocol": "TCP", "port": 80 },
    });
    sets.insert(NOBODY.to_owned(), nobody);
    for set in sets.values_mut() {
        WITHOUT.iter().for_each(|field| set[*field] = Value::Null);
    }
    sets
}

fn backend_set(app: &App, instances: Vec<String>) -> Value {
    let backends: Vec<Value> = instances
        .into_iter()
        .map(|instance| {
            json!({
                "ipAddress": reference(Kind::ContainerInstance, &instance, "privateIp"),
                "port": app.port,
                "weight": 1,
                "maxConnections": null,
                "backup": false,
                "drain": false,
                "offline": false,
            })
        })
        .collect();
    json!({
        "policy": "ROUND_ROBIN",
        "backends": backends,
        "healthChecker": {
            "protocol": "HTTP",
            "urlPath": app.health,
            // Each backend's own port: while an app changes its port, old and new must pass the same check.
            "port": 0,
            "returnCode": 200,
            "retries": 3,
            "timeoutInMillis": 3000,
            "intervalInMillis": 10_000,
            "responseBodyRegex": ".*",
        },
    })
}

fn hostnames(environment: &Environment) -> Map<String, Value> {
    environment
        .hosts
        .keys()
        .map(|host| (slug(host), json!({ "name": slug(host), "hostname": host })))
        .collect()
}

fn path_route_sets(environment: &Environment) -> Map<String, Value> {
    environment
        .hosts
        .iter()
        .filter(|(_, paths)| paths.len() > 1)
        .map(|(host, paths)| (slug(host), json!({ "pathRoutes": path_routes(paths) })))
        .collect()
}

/// All paths of a host, `/` among them: were that left to the listener, a host could not change in one call, and
/// requests would go astray between two.
fn path_routes(paths: &BTreeMap<String, String>) -> Vec<Value> {
    paths
        .iter()
        .map(|(path, app)| {
            json!({
                "path": path,
                "pathMatchType": { "matchType": "FORCE_LONGEST_PREFIX_MATCH" },
                "backendSetName": app,
            })
        })
        .collect()
}

fn rule_sets(environment: &Environment) -> Map<String, Value> {
    environment
        .https_ports()
        .into_iter()
        .map(|port| (redirect_name(port), redirect(port)))
        .collect()
}

fn redirect_name(port: u16) -> String {
    format!("to_https_{port}")
}

fn redirect(port: u16) -> Value {
    // Without a port the incoming one is kept, and browsers are sent to https://host:80.
    json!({ "items": [{
        "action": "REDIRECT",
        "responseCode": 301,
        "conditions": [{
            "attributeName": "PATH",
            "attributeValue": "/",
            "operator": "FORCE_LONGEST_PREFIX_MATCH",
        }],
        "redirectUri": {
            "protocol": "HTTPS", "host": "{host}", "port": port, "path": "{path}", "query": "{query}",
        },
    }] })
}

/// A listener for each host and port, and one for each port without host names, which takes what no other wants:
/// scans by address, unknown hosts.
fn listeners(environment: &Environment) -> Map<String, Value> {
    let ports = environment.https_ports();
    let first = ports.first().copied().unwrap_or(443);
    let mut listeners = Map::new();
    listeners.insert("http".to_owned(), http_listener(&[], first));
    for port in ports {
        let name = if port == 443 { "https".to_owned() } else { format!("https-{port}") };
        listeners.insert(name, https_listener(port, NOBODY, &[], None));
    }
    for (host, paths) in &environment.hosts {
        let port = environment.host_port(host);
        let hostnames = [slug(host)];
        let routes = (paths.len() > 1).then_some(hostnames[0].as_str());
        let home = paths.get("/").filter(|_| routes.is_none());
        let app = home.map_or(NOBODY, String::as_str);
        listeners.insert(listener_name(host, port), https_listener(port, app, &hostnames, routes));
        if port != first {
            listeners.insert(listener_name(host, 80), http_listener(&hostnames, port));
        }
    }
    listeners
}

/// What a listener answers for, so that no two of them, of whatever layout, can want the same host on the same port:
/// a load balancer refuses that even for the moment between two calls.
fn listener_name(host: &str, port: u16) -> String {
    if port == 443 { slug(host) } else { slug(&format!("{host}:{port}")) }
}

fn http_listener(hostnames: &[String], redirect_to: u16) -> Value {
    json!({
        "defaultBackendSetName": NOBODY,
        "port": 80,
        "protocol": "HTTP",
        "hostnameNames": hostnames,
        "pathRouteSetName": null,
        "routingPolicyName": null,
        "ruleSetNames": [redirect_name(redirect_to)],
        "sslConfiguration": null,
    })
}

fn https_listener(port: u16, app: &str, hostnames: &[String], path_routes: Option<&str>) -> Value {
    json!({
        "defaultBackendSetName": app,
        "port": port,
        "protocol": "HTTP",
        "hostnameNames": hostnames,
        "pathRouteSetName": path_routes,
        "routingPolicyName": null,
        "ruleSetNames": [],
        "sslConfiguration": {
            "certificateName": reference(Kind::Certificate, "main", "name"),
            "protocols": ["TLSv1.2", "TLSv1.3"],
            "cipherSuiteName": "oci-tls-12-13-wider-ssl-cipher-suite-v1",
            "serverOrderPreference": "ENABLED",
            "verifyPeerCertificate": false,
            "verifyDepth": 1,
        },
    })
}

/// A host as a name that children of a load balancer may have: letters, digits and `_`, at most 32.
pub fn slug(host: &str) -> String {
    let slug: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if slug.len() <= 32 {
        slug
    } else {
        format!("{}_{}", &slug[..23], digest::short(host.as_bytes(), 8))
    }
}

#[cfg(test)]
mod tests;
