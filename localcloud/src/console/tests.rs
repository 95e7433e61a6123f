use std::fmt::Write as _;

use expect_test::expect;
use serde_json::json;

use super::*;
use crate::health::{CheckResult, Health};
use crate::traffic::{AnsweredBy, Request};

const LB: &str = "lb";

/// A site as deployments make it: `www` with an API below a path, and one name that bypasses the edge.
fn zones() -> zone::World {
    let record = |name: &str, kind: &str, content: &str, proxied| {
        let id = format!("{name} {kind}");
        (id, json!({"name": name, "type": kind, "content": content, "proxied": proxied}))
    };
    let records: serde_json::Map<_, _> = [
        record("www.example.net", "A", "203.0.113.7", true),
        record("*.example.net", "CNAME", "www.example.net", true),
        record("direct.example.net", "A", "203.0.113.7", false),
        record("gone.example.net", "A", "203.0.113.99", true),
        record("example.net", "TXT", "words", false),
    ]
    .into_iter()
    .collect();
    let settings = json!({"ssl": "strict", "always_use_https": "on"});
    let zone = json!({"name": "example.net", "status": "active", "records": records, "settings": settings});
    serde_json::from_value(json!({"zones": {"z": zone}})).unwrap()
}

fn balancers() -> load_balancer::World {
    let backend = |ip: &str| json!({"name": format!("{ip}:80"), "ipAddress": ip, "port": 80});
    let mut draining = backend("10.0.1.3");
    draining["drain"] = json!(true);
    let checker = json!({"protocol": "HTTP", "urlPath": "/health"});
    let api = json!({"path": "/api", "backendSetName": "api",
        "pathMatchType": {"matchType": "PREFIX_MATCH"}});
    let lb = json!({
        "id": LB, "displayName": "site", "lifecycleState": "ACTIVE",
        "ipAddresses": [{"ipAddress": "203.0.113.7", "isPublic": true}],
        "networkSecurityGroupIds": ["door"],
        "hostnames": {"www": {"name": "www", "hostname": "www.example.net"}},
        "listeners": {
            "https": {"name": "https", "protocol": "HTTP", "port": 443,
                "defaultBackendSetName": "web", "hostnameNames": ["www"],
                "pathRouteSetName": "paths", "sslConfiguration": {"certificateName": "c"}},
            "http": {"name": "http", "protocol": "HTTP", "port": 80,
                "defaultBackendSetName": "web", "ruleSetNames": ["to_https"]},
        },
        "ruleSets": {"to_https": {"name": "to_https", "items": [{"action": "REDIRECT"}]}},
        "pathRouteSets": {"paths": {"name": "paths", "pathRoutes": [api]}},
        "certificates": {"c": {"certificateName": "c", "publicCertificate": "nonsense"}},
        "backendSets": {
            "web": {"name": "web", "policy": "ROUND_ROBIN", "healthChecker": checker,
                "backends": [backend("10.0.1.2"), draining]},
            "api": {"name": "api", "policy": "IP_HASH", "healthChecker": checker,
                "backends": [backend("10.0.1.4")]},
        },
    });
    serde_json::from_value(json!({"load_balancers": {LB: lb}})).unwrap()
}

fn network() -> network::World {
    let ranges = zone::Ranges::default();
    let rule = |source: &str, port: u16| {
        let ports = json!({"destinationPortRange": {"min": port, "max": port}});
        json!({"direction": "INGRESS", "protocol": "6", "source": source, "tcpOptions": ports})
    };
    let edge = ranges.ipv4_cidrs.iter().map(|range| rule(range, 443));
    let rules: Vec<Value> =
        edge.chain([rule("192.0.2.0/24", 443), rule("0.0.0.0/0", 80)]).collect();
    let vnic = |ip: &str| json!({"id": ip, "ownerId": format!("of {ip}"), "privateIp": ip});
    let group = json!({"id": "door", "securityRules": rules});
    serde_json::from_value(json!({
        "network_security_groups": {"door": group},
        "vnics": {"1": vnic("10.0.1.2"), "2": vnic("10.0.1.3"), "5": vnic("10.0.1.5")},
    }))
    .unwrap()
}

fn instance(name: &str, ip: &str) -> Value {
    json!({"id": format!("of {ip}"), "displayName": name, "lifecycleState": "ACTIVE",
        "containers": [{"imageUrl": "127.0.0.1:5000/namespace/site:1"}]})
}

fn health() -> HealthBoard {
    let board = HealthBoard::default();
    for (set, backend, status) in
        [("web", "10.0.1.2:80", CheckResult::Ok), ("web", "10.0.1.3:80", CheckResult::TimedOut)]
    {
        board.set(LB, set, backend, Health { status, time: String::new() });
    }
    board
}

fn with_sight<T>(look: impl FnOnce(&Sight<'_>) -> T) -> T {
    let instances = [
        instance("web-1", "10.0.1.2"),
        instance("web-2", "10.0.1.3"),
        instance("idle", "10.0.1.5"),
    ];
    look(&Sight {
        zones: &zones(),
        balancers: &balancers(),
        network: &network(),
        instances: &instances,
        health: &health(),
        now: OffsetDateTime::UNIX_EPOCH,
    })
}

fn told(graph: &Graph) -> String {
    let mut text = String::new();
    for node in &graph.nodes {
        let notes = node.notes.join("; ");
        writeln!(text, "{:?} {:?} {} [{}] {notes}", node.column, node.mood, node.title, node.id)
            .unwrap();
    }
    for link in &graph.links {
        writeln!(text, "{} -> {} {}", link.from, link.to, link.label).unwrap();
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn the_picture_shows_everything_between_a_name_and_its_containers() {
    let graph = with_sight(draw);
    expect![[r#"
        Edge Good example.net [edge example.net] Full (strict) TLS to the origin; HTTP goes to HTTPS
        Names Plain *.example.net [name *.example.net] CNAME www.example.net; proxied
        Names Plain direct.example.net [name direct.example.net] A 203.0.113.7; DNS only
        Names Waiting gone.example.net [name gone.example.net] A 203.0.113.99; proxied; leads to nobody here
        Names Plain www.example.net [name www.example.net] A 203.0.113.7; proxied
        Rules Good site [rules lb] 203.0.113.7; TCP 443 from the edge (15 ranges) and 192.0.2.0/24; TCP 80 from everywhere
        Listeners Plain http [listener lb http] HTTP 80; redirects
        Listeners Plain https [listener lb https] HTTPS 443; www.example.net; certificate c
        BackendSets Bad api [set lb api] ip hash; 0 of 1 healthy; checks /health
        Containers Waiting nobody has this address [backend 10.0.1.4:80] 10.0.1.4:80; not checked yet
        BackendSets Waiting web [set lb web] round robin; 1 of 2 healthy; checks /health
        Containers Good web-1 [backend 10.0.1.2:80] 10.0.1.2:80; site:1; healthy
        Containers Bad web-2 [backend 10.0.1.3:80] 10.0.1.3:80; site:1; does not answer the check in time
        Containers Plain idle [instance of 10.0.1.5] 10.0.1.5; site:1; active
        name *.example.net -> edge example.net
        edge example.net -> rules lb
        name direct.example.net -> rules lb
        name gone.example.net -> edge example.net
        name www.example.net -> edge example.net
        rules lb -> listener lb http
        rules lb -> listener lb https
        listener lb https -> set lb api /api…
        listener lb https -> set lb web
        set lb api -> backend 10.0.1.4:80
        set lb web -> backend 10.0.1.2:80
        set lb web -> backend 10.0.1.3:80 draining
    "#]].assert_eq(&told(&graph));
}

fn request(host: &str, listener: &str, backends: &[&str]) -> Request {
    let (id, listener) = (LB.to_owned(), listener.to_owned());
    let backends = backends.iter().map(|name| (*name).to_owned()).collect();
    let answered_by = AnsweredBy::LoadBalancer { id, listener, backends };
    Request { host: host.to_owned(), answered_by, ..Request::default() }
}

#[test]
fn a_request_came_through_the_boxes_between_its_name_and_who_answered_it() {
    let graph = with_sight(draw);
    let way = |request: &Request| way::of(&graph, request).join(" > ");
    let at_edge = Request { host: "www.example.net:8443".to_owned(), ..Request::default() };
    for (request, expected) in [
        (at_edge, "name www.example.net > edge example.net"),
        (
            request("www.example.net", "https", &["10.0.1.9:80", "10.0.1.4:80"]),
            "name www.example.net > edge example.net > rules lb > listener lb https > set lb api > backend 10.0.1.4:80",
        ),
        (
            request("a.example.net", "http", &[]),
            "name *.example.net > edge example.net > rules lb > listener lb http",
        ),
        (request("direct.example.net", "-", &[]), "name direct.example.net > rules lb"),
        (request("elsewhere.example.org", "-", &[]), "rules lb"),
    ] {
        assert_eq!(way(&request), expected);
    }
}

#[test]
fn a_certificate_that_cannot_be_read_is_listed_all_the_same() {
    let held = with_sight(|sight| serde_json::to_value(certificates::held(sight)).unwrap());
    expect![[r#"[{"days_left":null,"issuer":"","listeners":["https"],"load_balancer":"site","name":"c","names":[],"not_after":null}]"#]]
        .assert_eq(&held.to_string());
}

#[test]
fn the_page_loads_nothing_from_elsewhere_and_cannot_be_framed() {
    let page = file("console").unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    let text = std::str::from_utf8(page.body()).unwrap();
    for part in text.split('"').filter(|part| part.starts_with("console/")) {
        assert!(file(part).is_some(), "{part}");
    }
    assert!(!text.contains("://"), "{text}");
}
