//! Hosts and paths from listeners, host names, path route sets and the zone's records.

use std::collections::BTreeMap;

use serde_json::Value;

use super::apps::Found;
use super::{Inventory, Obstacles, Wish, children, list, text};
use crate::desired::slug;

type Apps<'a> = BTreeMap<&'a str, Found<'a>>;

/// What visitors see.
#[derive(Debug, Default)]
pub(super) struct Sites {
    /// Host, then path, then app.
    pub(super) hosts: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) port_per_app: bool,
    /// Ids of the records that lead to the load balancer.
    pub(super) records: Vec<String>,
}

pub(super) fn find(
    wish: &Wish,
    inventory: &Inventory,
    apps: &mut Apps<'_>,
    obstacles: &mut Obstacles,
) -> Sites {
    let mut sites = Sites::default();
    let balancer = &inventory.load_balancer;
    let mut for_all: Option<(&str, &Value)> = None;
    for (name, listener) in children(balancer, "listeners") {
        unusual(balancer, name, listener, obstacles);
        if listener["sslConfiguration"].is_null() {
            continue;
        }
        let hosts = hosts(balancer, listener);
        let is_idle = !apps.contains_key(text(listener, "defaultBackendSetName"));
        if hosts.is_empty()
            && !is_idle
            && let Some((first, _)) = for_all.replace((name, listener))
        {
            obstacles.add(
                format!("listeners `{first}` and `{name}` both take any host"),
                "give each of them the host names that it serves",
            );
        }
        for host in hosts {
            serve(&mut sites, (name, host, listener), (balancer, apps), obstacles);
        }
    }
    let named: Vec<String> = sites.hosts.keys().cloned().collect();
    if let Some((name, listener)) = for_all {
        for host in pointing(inventory).filter(|host| !named.iter().any(|named| named == host)) {
            serve(&mut sites, (name, host, listener), (balancer, apps), obstacles);
        }
    }
    if sites.hosts.is_empty() {
        obstacles.add(
            "no HTTPS listener of the load balancer serves a host",
            format!("a host is known by a host name of a listener, or by an A record in {} that holds the load balancer's address", wish.zone),
        );
    }
    versions_of_tls(balancer, obstacles);
    sites.port_per_app =
        apps.values().any(|app| app.listener_ports.iter().any(|port| *port != 443));
    for (set, _) in apps.iter().filter(|(_, app)| app.listener_ports.len() > 1) {
        obstacles.add(
            format!("the backend set `{set}` is behind several HTTPS ports"),
            "an app has one public port: let one listener lead to it",
        );
    }
    records(wish, inventory, &mut sites, obstacles);
    sites
}

/// The load balancer's public address.
fn address(inventory: &Inventory) -> &str {
    let addresses = inventory.load_balancer["ipAddresses"].as_array().into_iter().flatten();
    addresses.into_iter().find(|a| a["isPublic"] != false).map_or("", |a| text(a, "ipAddress"))
}

fn pointing(inventory: &Inventory) -> impl Iterator<Item = &str> {
    let address = address(inventory);
    let records = inventory.records.iter();
    records.filter(move |r| r.kind == "A" && r.content == address).map(|r| r.name.as_str())
}

fn hosts<'a>(balancer: &'a Value, listener: &'a Value) -> Vec<&'a str> {
    let host = |name: &str| balancer["hostnames"][name]["hostname"].as_str();
    list(listener, "hostnameNames").into_iter().filter_map(host).collect()
}

/// What of a listener no environment file has a place for.
fn unusual(balancer: &Value, name: &str, listener: &Value, obstacles: &mut Obstacles) {
    let mut add =
        |what: String, hint: &str| obstacles.add(format!("listener `{name}` {what}"), hint);
    let port = listener["port"].as_u64().unwrap_or_default();
    let ssl = &listener["sslConfiguration"];
    if text(listener, "protocol") != "HTTP" {
        add(
            format!("speaks {}", text(listener, "protocol")),
            "only HTTP listeners can be expressed",
        );
    }
    if ssl.is_null() && port != 80 {
        add(
            format!("serves port {port} without TLS"),
            "Cloudflare in strict mode needs TLS: add a certificate, or delete the listener",
        );
    }
    if ssl["verifyPeerCertificate"] == true {
        add("asks visitors for certificates".to_owned(), "turn peer verification off");
    }
    let ours = [("http", 80), ("https", 443)];
    if let Some((_, usual)) = ours.iter().find(|(ours, usual)| *ours == name && *usual != port) {
        add(
            format!("is on port {port}"),
            &format!(
                "a listener of that name has to be on port {usual}: make it anew under another"
            ),
        );
    }
    for rules in list(listener, "ruleSetNames") {
        let items = balancer["ruleSets"][rules]["items"].as_array().into_iter().flatten();
        let redirects = |item: &Value| text(item, "action") == "REDIRECT";
        if !ssl.is_null() || !items.into_iter().all(redirects) {
            add(
                format!("has the rule set `{rules}`"),
                "only the redirect from HTTP to HTTPS can be expressed: take the rules off the listener",
            );
        }
    }
}

/// Listeners of one port speak the same versions; several can only be changed together, and no call does that.
fn versions_of_tls(balancer: &Value, obstacles: &mut Obstacles) {
    let secure = || {
        children(balancer, "listeners")
            .filter(|(_, listener)| !listener["sslConfiguration"].is_null())
    };
    for (name, listener) in secure() {
        let mut spoken = list(&listener["sslConfiguration"], "protocols");
        spoken.sort_unstable();
        let shared = secure().filter(|(_, other)| other["port"] == listener["port"]).count();
        if shared > 1 && spoken != ["TLSv1.2", "TLSv1.3"] {
            obstacles.add(
                format!("listener `{name}` shares its port and does not speak just TLS 1.2 and 1.3"),
                "listeners of one port change together only: make them anew with those two versions",
            );
        }
    }
}

fn serve(
    sites: &mut Sites,
    (name, host, listener): (&str, &str, &Value),
    (balancer, apps): (&Value, &mut Apps<'_>),
    obstacles: &mut Obstacles,
) {
    let host = host.to_ascii_lowercase();
    let port = listener["port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(443);
    if slug(&host) == name && port != 443 {
        obstacles.add(
            format!("listener `{name}` is on port {port}"),
            "a listener of that name has to be on port 443: make it anew under another",
        );
    }
    let mut routes = vec![("/", text(listener, "defaultBackendSetName"))];
    let paths = &balancer["pathRouteSets"][text(listener, "pathRouteSetName")];
    for route in paths["pathRoutes"].as_array().into_iter().flatten() {
        let matches = text(&route["pathMatchType"], "matchType");
        if !["FORCE_LONGEST_PREFIX_MATCH", "PREFIX_MATCH"].contains(&matches) {
            obstacles.add(
                format!("the route {} of {host} is chosen by {matches}", text(route, "path")),
                "paths are prefixes: change the route to FORCE_LONGEST_PREFIX_MATCH",
            );
        }
        routes.push((text(route, "path"), text(route, "backendSetName")));
    }
    let mut served = BTreeMap::new();
    for (path, set) in routes {
        match apps.get_mut(set) {
            Some(app) => {
                app.listener_ports.insert(port);
                served.insert(path.to_owned(), app.name.clone());
            }
            None => obstacles.add(
                format!("{host}{path} leads to the backend set `{set}`, which has no instance"),
                "add backends to the set, or delete the route",
            ),
        }
    }
    if sites.hosts.insert(host.clone(), served).is_some() {
        obstacles.add(
            format!("{host} is served by two HTTPS listeners"),
            "a host is on one port: take the host name off one of them",
        );
    }
}

/// The records of the hosts: each may have one that leads here, or none.
fn records(wish: &Wish, inventory: &Inventory, sites: &mut Sites, obstacles: &mut Obstacles) {
    let address = address(inventory);
    for host in sites.hosts.keys() {
        let mut own = Vec::new();
        let kinds = ["A", "AAAA", "CNAME"];
        let here = |r: &&super::Record| r.name == *host && kinds.contains(&r.kind.as_str());
        for record in inventory.records.iter().filter(here) {
            if let Some(owner) = record.owner.as_ref().filter(|owner| **owner != wish.uid) {
                obstacles.add(
                    format!(
                        "the record of {host} belongs to the environment with uid {owner} already"
                    ),
                    "use that environment's file; one thing is never in two",
                );
            } else if record.kind == "A" && record.content == address && own.is_empty() {
                own.push(record.id.clone());
            } else {
                obstacles.add(
                    format!(
                        "{host} has a record of type {} with {} beside the load balancer's",
                        record.kind, record.content
                    ),
                    "a host has one record, which leads to the load balancer: delete this one",
                );
            }
        }
        sites.records.extend(own);
    }
    let ssl = inventory.settings.get("ssl").map_or("", String::as_str);
    if !["full", "strict"].contains(&ssl) {
        obstacles.add(
            format!("the zone's SSL mode is \"{ssl}\": its edge does not speak TLS with the load balancer"),
            "set it to \"full\" in Cloudflare, under SSL/TLS, see that the site answers, and come back",
        );
    }
}
