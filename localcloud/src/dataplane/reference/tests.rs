//! The router and the reference say the same of any load balancer and any request.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::*;
use crate::dataplane::balancer::Asker;
use crate::dataplane::router::{self, Decision, Head, Origin};
use crate::dataplane::table::Table;

const BALANCERS: u64 = 5_000;
const REQUESTS: usize = 200;
const PORTS: [u16; 4] = [80, 443, 2053, 8443];
const HOSTS: [&str; 10] = [
    "x.net",
    "www.x.net",
    "WWW.x.net",
    "a.www.x.net",
    "a.b.x.net",
    "www.y.org",
    "www.x.org",
    "y.org",
    "net",
    "other.test",
];
const PATTERNS: [&str; 10] = [
    "x.net",
    "www.x.net",
    "*.x.net",
    "*.www.x.net",
    "*.net",
    "www.*",
    "www.x.*",
    "a.*",
    "y.org",
    "*.b.x.net",
];
const PATHS: [&str; 12] = [
    "/",
    "/a",
    "/A/",
    "/a/b",
    "/a/b/c.png",
    "/ab",
    "/files",
    "/files/x.png",
    "/Files/x",
    "/b",
    "/b/a",
    "/c",
];
const RULES: [&str; 10] =
    ["/", "/a", "/a/", "/A/b", "/files", "/files/", ".png", "/x", "/b", "/a/b/c.png"];
const KINDS: [&str; 4] =
    ["EXACT_MATCH", "FORCE_LONGEST_PREFIX_MATCH", "PREFIX_MATCH", "SUFFIX_MATCH"];
const SETS: [&str; 3] = ["one", "two", "three"];

/// SplitMix64: the same seed, the same load balancer.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % sides
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.roll(one_in) == 0
    }
}

fn backend_set(dice: &mut Dice) -> Value {
    let backends: Vec<Value> = (0..dice.roll(4))
        .map(|n| {
            json!({
                "name": format!("10.0.0.{n}:80"), "ipAddress": format!("10.0.0.{n}"), "port": 80, "weight": 1 + dice.roll(3),
                "drain": dice.chance(4), "offline": dice.chance(6), "backup": dice.chance(4),
            })
        })
        .collect();
    json!({ "policy": dice.of(&["ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH"]), "backends": backends })
}

fn routes(dice: &mut Dice) -> Value {
    let mut seen = BTreeSet::new();
    let mut routes = Vec::new();
    for _ in 0..dice.roll(7) {
        let (path, kind) = (dice.of(&RULES), dice.of(&KINDS));
        if seen.insert((path.to_lowercase(), kind)) {
            routes.push(json!({
                "path": path, "pathMatchType": { "matchType": kind }, "backendSetName": dice.of(&SETS),
            }));
        }
    }
    json!({ "name": "routes", "pathRoutes": routes })
}

fn redirects(dice: &mut Dice) -> Value {
    let mut paths = BTreeSet::new();
    let mut items = Vec::new();
    for _ in 0..1 + dice.roll(3) {
        let path = dice.of(&RULES);
        if !paths.insert(path.to_lowercase()) {
            continue;
        }
        let mut uri = json!({});
        for (field, choices) in [
            ("protocol", &["HTTPS", "{protocol}", "HTTP"][..]),
            ("host", &["{host}", "www.{host}", "z.test"]),
            ("path", &["{path}", "", "/new{path}", "there"]),
            ("query", &["{query}", "", "?a=b"]),
        ] {
            if !dice.chance(3) {
                uri[field] = json!(dice.of(choices));
            }
        }
        if !dice.chance(3) {
            uri["port"] = json!(dice.of(&PORTS));
        }
        items.push(json!({
            "action": "REDIRECT", "responseCode": dice.of(&[301, 302, 307, 308]), "redirectUri": uri,
            "conditions": [{
                "attributeName": "PATH", "attributeValue": path, "operator": dice.of(&KINDS),
            }],
        }));
    }
    json!({ "name": "redirects", "items": items })
}

/// Several ports, several listeners on each, and no pattern twice on one.
fn balancer(dice: &mut Dice) -> LoadBalancer {
    let mut made = json!({
        "hostnames": {}, "listeners": {}, "pathRouteSets": {}, "ruleSets": {}, "backendSets": {},
    });
    for set in SETS {
        made["backendSets"][set] = backend_set(dice);
    }
    for (number, pattern) in PATTERNS.iter().enumerate() {
        made["hostnames"][number.to_string()] =
            json!({ "name": number.to_string(), "hostname": pattern });
    }
    for number in 0..3 {
        made["pathRouteSets"][number.to_string()] = routes(dice);
        made["ruleSets"][number.to_string()] = redirects(dice);
    }
    for port in PORTS.into_iter().filter(|_| !dice.chance(4)).collect::<Vec<_>>() {
        let mut left: Vec<String> = (0..PATTERNS.len()).map(|n| n.to_string()).collect();
        for number in 0..1 + dice.roll(4) {
            let count = if number == 0 && !dice.chance(4) { 0 } else { 1 + dice.roll(2) };
            let hostnames: Vec<String> =
                (0..count).map(|_| left.swap_remove(dice.roll(left.len()))).collect();
            made["listeners"][format!("{port}-{number}")] = json!({
                "port": port, "protocol": "HTTP", "defaultBackendSetName": dice.of(&SETS),
                "hostnameNames": hostnames,
                "pathRouteSetName": (!dice.chance(3)).then(|| dice.roll(3).to_string()),
                "ruleSetNames": if dice.chance(3) { vec![dice.roll(3).to_string()] } else { vec![] },
            });
        }
    }
    serde_json::from_value(made).unwrap()
}

/// What the data plane does, in the words of the reference. Of the backends, whichever it picks must be expected.
fn carried(table: &Table, port: u16, (host, path): (&str, &str), expected: &Routed) -> Routed {
    let Some(listener) = table.ports.get(&port).and_then(|port| router::listener(port, host))
    else {
        return Routed::NoListener;
    };
    let (method, headers) = (Method::GET, HeaderMap::new());
    let source = Ipv4Addr::new(198, 51, 100, 7).into();
    let from = Origin { source, vcn: None, port, secure: listener.tls.is_some() };
    let head = Head { host, method: &method, path, query: "", headers: &headers, from };
    match router::decide(listener, head) {
        Decision::Redirect { status, location } => {
            Routed::Redirect { status: status.as_u16(), location }
        }
        Decision::Forward { backend_set } => {
            let picked = table.sets[backend_set].pick(Asker { source, tried: &[] });
            let name = backend_set.to_owned();
            match (picked, expected) {
                (None, _) => Routed::NoHealthyBackend { name },
                (Some(one), Routed::BackendSet { backends, .. })
                    if backends.contains(&one.name) =>
                {
                    Routed::BackendSet { name, backends: backends.clone() }
                }
                (Some(one), _) => Routed::BackendSet { name, backends: vec![one.name.clone()] },
            }
        }
        other => panic!("{other:?}"),
    }
}

fn compare(seed: u64) -> [usize; 4] {
    let mut dice = Dice(seed);
    let balancer = balancer(&mut dice);
    let table = Table::compile(&balancer, None).unwrap();
    let well = dice.roll(256);
    let healthy = |set: &str, backend: &str| {
        let number = SETS.iter().position(|name| *name == set).unwrap() * 3;
        let octet = usize::from(backend.as_bytes()[7] - b'0');
        (well >> ((number + octet) % 8)) & 1 == 1
    };
    for (name, set) in &table.sets {
        set.backends.iter().for_each(|b| b.state.set_healthy(healthy(name, &b.name)));
    }
    let mut seen = [0; 4];
    for _ in 0..REQUESTS {
        let (port, host, path) = (dice.of(&PORTS), dice.of(&HOSTS), dice.of(&PATHS));
        let expected = route(&balancer, port, (host, path), &healthy);
        let carried = carried(&table, port, (host, path), &expected);
        assert_eq!(carried, expected, "seed {seed}: {host}:{port}{path}");
        seen[match expected {
            Routed::NoListener => 0,
            Routed::Redirect { .. } => 1,
            Routed::BackendSet { .. } => 2,
            Routed::NoHealthyBackend { .. } => 3,
        }] += 1;
    }
    seen
}

#[test]
fn the_data_plane_routes_as_the_vendors_rules_say() {
    let mut all = [0; 4];
    for seed in 0..BALANCERS {
        let seen = compare(seed);
        (0..4).for_each(|kind| all[kind] += seen[kind]);
    }
    let requests = usize::try_from(BALANCERS).unwrap() * REQUESTS;
    assert!(all.iter().all(|count| *count > requests / 50), "one kind is hardly tried: {all:?}");
}
