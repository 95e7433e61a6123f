//! The listeners of both layouts, and every state of a load balancer on its way from one to the other.

use std::collections::BTreeMap;

use expect_test::expect;
use serde_json::{Value, json};

use crate::address::{Address, Kind};
use crate::balancer::{self, Call};
use crate::desired::{Facts, build};
use crate::environment::{Environment, parse};
use crate::value::{self, Lookup};

const COMMON: &str = r#"
uid = "ports-1"
oci = { region = "uk-london-1", compartment = "ocid1.compartment.oc1..a" }
network = { cidr = "10.20.0.0/16" }
certificates = { issuer = "letsencrypt", contact = "ops@x.net" }
cloudflare = { zone = "x.net", settings = { always_use_https = "off" } }
hosts = { "x.net" = { "/" = "web" }, "www.x.net" = { "/" = "web" }, "files.x.net" = { "/" = "files" } }
"#;

fn environment(layout: &str) -> Environment {
    parse("ports.toml", "ports", &format!("{COMMON}\n{layout}")).unwrap()
}

fn shared() -> Environment {
    environment("[apps]\nweb = { build = \"webapp\" }\nfiles = { build = \"webapp\" }")
}

fn ports(web: u16, files: u16) -> Environment {
    environment(&format!(
        "load_balancer = {{ layout = \"port-per-app\" }}
        [apps]
        web = {{ build = \"webapp\", listener_port = {web} }}
        files = {{ build = \"webapp\", listener_port = {files} }}"
    ))
}

/// Knows everything, so that specs can be compared.
struct Known;

impl Lookup for Known {
    fn output(&self, address: &Address, output: &str) -> Option<String> {
        Some(format!("{address} {output}"))
    }

    fn variable(&self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }
}

fn balancer(environment: &Environment) -> Value {
    let desired = build(environment, &Facts::default());
    value::resolve(&desired[&Address::new(Kind::LoadBalancer, "main")].spec, &Known).unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn shown(balancer: &Value) -> String {
    let line = |(name, listener): (&String, &Value)| {
        let app = listener["defaultBackendSetName"].as_str().unwrap();
        let hosts = names(&listener["hostnameNames"]).join(" ");
        let rules = names(&listener["ruleSetNames"]).join(" ");
        let line = format!("{name}: {} {app} [{hosts}] {rules}", listener["port"]);
        line.trim_end().to_owned() + "\n"
    };
    balancer["listeners"].as_object().unwrap().iter().map(line).collect()
}

#[test]
fn with_a_port_per_app_each_host_is_on_its_apps_port_and_redirected_there() {
    expect![[r#"
        files_x_net_2053: 2053 files [files_x_net]
        files_x_net_80: 80 nobody [files_x_net] to_https_2053
        http: 80 nobody [] to_https_443
        https: 443 nobody []
        https-2053: 2053 nobody []
        www_x_net: 443 web [www_x_net]
        x_net: 443 web [x_net]
    "#]]
    .assert_eq(&shown(&balancer(&ports(443, 2053))));
}

#[test]
fn in_the_shared_layout_all_hosts_are_on_443() {
    expect![[r#"
        files_x_net: 443 files [files_x_net]
        http: 80 nobody [] to_https_443
        https: 443 nobody []
        www_x_net: 443 web [www_x_net]
        x_net: 443 web [x_net]
    "#]]
    .assert_eq(&shown(&balancer(&shared())));
}

#[test]
fn an_app_without_a_host_gets_no_listener() {
    let mut environment = ports(443, 2053);
    environment.hosts.remove("files.x.net");
    assert_eq!(environment.https_ports(), [443].into());
    assert!(!shown(&balancer(&environment)).contains("2053"));
}

#[test]
fn every_state_between_two_layouts_serves_every_host_and_redirects_it_to_where_it_is() {
    let layouts =
        [shared(), ports(443, 2053), ports(2053, 443), ports(2083, 8443), ports(8443, 2087)];
    for from in &layouts {
        for to in &layouts {
            let (found, desired) = (balancer(from), balancer(to));
            let mut state = found.clone();
            state["certificates"] =
                json!({ found["certificate"]["certificateName"].as_str().unwrap(): {} });
            for call in balancer::calls(&desired, &state.clone()) {
                carry_out(&call, &mut state);
                assert_sound_ports(&state);
                for host in from.hosts.keys() {
                    assert_served(&state, host, &from.hosts[host]["/"]);
                }
            }
            assert_eq!(balancer::calls(&desired, &state), []);
        }
    }
}

fn carry_out(call: &Call, state: &mut Value) {
    match call {
        Call::Create { child, name, body } => {
            let children = state[child.field()].as_object_mut().unwrap();
            let before = children.insert(name.as_str().unwrap().to_owned(), body.clone());
            assert_eq!(before, None, "{call:?}");
        }
        Call::Update { child, name, body } => state[child.field()][name] = body.clone(),
        Call::Delete { child, name } => {
            state[child.field()].as_object_mut().unwrap().remove(name).unwrap();
        }
        other => panic!("a layout needs no {other:?}"),
    }
}

/// A load balancer refuses two listeners of one port that want the same; without a listener for unknown hosts it sends
/// them to any.
fn assert_sound_ports(state: &Value) {
    let mut owners = BTreeMap::new();
    let listeners = state["listeners"].as_object().unwrap();
    for (name, listener) in listeners {
        let mut wanted = names(&listener["hostnameNames"]);
        if wanted.is_empty() {
            wanted.push("all others");
        }
        for host in wanted {
            let owner = owners.insert((listener["port"].as_u64(), host.to_owned()), name);
            assert_eq!(owner, None, "{host} on the port of {name}");
        }
    }
    for listener in listeners.values() {
        let port = listener["port"].as_u64();
        let default = listeners
            .values()
            .find(|l| l["port"].as_u64() == port && names(&l["hostnameNames"]).is_empty());
        assert_eq!(default.unwrap()["defaultBackendSetName"], super::NOBODY);
    }
}

fn assert_served(state: &Value, host: &str, app: &str) {
    let slug = super::slug(host);
    let all: Vec<&Value> = state["listeners"].as_object().unwrap().values().collect();
    let own = |listener: &Value| names(&listener["hostnameNames"]).contains(&slug.as_str());
    let serves = |port: Option<u64>| {
        all.iter().any(|l| {
            own(l)
                && l["defaultBackendSetName"] == app
                && !l["sslConfiguration"].is_null()
                && port.is_none_or(|port| l["port"] == port)
        })
    };
    assert!(serves(None), "{host}: {}", shown(state));
    let plain = || all.iter().filter(|l| l["port"] == 80);
    let of_all = || plain().find(|l| names(&l["hostnameNames"]).is_empty());
    let rules = &plain().find(|l| own(l)).or_else(of_all).unwrap()["ruleSetNames"];
    let rule_set = &state["ruleSets"][names(rules)[0]];
    let port = rule_set["items"][0]["redirectUri"]["port"].as_u64().unwrap();
    assert!(serves(Some(port)), "{host} is redirected to {port}: {}", shown(state));
}
