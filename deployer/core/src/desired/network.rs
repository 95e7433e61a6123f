//! The network: made here, or found in place and only given our rules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Desired, Facts, insert, text};
use crate::address::Kind;
use crate::environment::{Environment, Network};
use crate::value::reference;

pub(super) fn add_created(desired: &mut Desired, environment: &Environment, cidr: &str) {
    let vcn = reference(Kind::Vcn, "main", "id");
    let name = &environment.name;
    insert(
        desired,
        Kind::Vcn,
        "main",
        json!({ "cidrBlocks": [cidr], "displayName": name, "dnsLabel": "deployer" }),
    );
    insert(
        desired,
        Kind::InternetGateway,
        "main",
        json!({ "vcnId": vcn, "displayName": format!("{name}-internet"), "isEnabled": true }),
    );
    insert(
        desired,
        Kind::NatGateway,
        "main",
        json!({ "vcnId": vcn, "displayName": format!("{name}-nat"), "blockTraffic": false }),
    );
    for (table, gateway) in [("public", Kind::InternetGateway), ("private", Kind::NatGateway)] {
        let rule = json!({
            "destination": "0.0.0.0/0",
            "destinationType": "CIDR_BLOCK",
            "networkEntityId": reference(gateway, "main", "id"),
        });
        let spec =
            json!({ "vcnId": vcn, "displayName": format!("{name}-{table}"), "routeRules": [rule] });
        insert(desired, Kind::RouteTable, table, spec);
    }
    // Security lists are OR-ed with security groups: a list that allows nothing leaves the say to the groups.
    let closed = json!({
        "vcnId": vcn,
        "displayName": format!("{name}-closed"),
        "ingressSecurityRules": [],
        "egressSecurityRules": [],
    });
    insert(desired, Kind::SecurityList, "closed", closed);
    let [balancer_cidr, app_cidr] = halves(cidr);
    for (subnet, cidr, table, private) in
        [("load_balancer", balancer_cidr, "public", false), ("app", app_cidr, "private", true)]
    {
        let spec = json!({
            "vcnId": vcn,
            "displayName": format!("{name}-{}", subnet.replace('_', "-")),
            "cidrBlock": cidr,
            "prohibitPublicIpOnVnic": private,
            "routeTableId": reference(Kind::RouteTable, table, "id"),
            "securityListIds": [reference(Kind::SecurityList, "closed", "id")],
        });
        insert(desired, Kind::Subnet, subnet, spec);
    }
}

/// Two subnets of a quarter of the range each; what is left is for what comes later.
fn halves(cidr: &str) -> [String; 2] {
    let (address, length) = cidr.split_once('/').unwrap_or((cidr, "16"));
    let base = address.parse::<std::net::Ipv4Addr>().map_or(0, u32::from);
    let length = length.parse::<u32>().unwrap_or(16) + 2;
    let step = 1_u32 << (32 - length);
    [base, base + step].map(|start| format!("{}/{length}", std::net::Ipv4Addr::from(start)))
}

/// OCID of a subnet, or a reference to the one we make.
pub(super) fn subnet(environment: &Environment, name: &str) -> Value {
    match (&environment.network, name) {
        (Network::Created { .. }, _) => reference(Kind::Subnet, name, "id"),
        (Network::Existing { load_balancer_subnet, .. }, "load_balancer") => {
            text(load_balancer_subnet)
        }
        (Network::Existing { app_subnet, .. }, _) => text(app_subnet),
    }
}

pub(super) fn add(desired: &mut Desired, environment: &Environment, facts: &Facts) {
    if let Network::Created { cidr } = &environment.network {
        add_created(desired, environment, cidr);
    }
    let balancer_group = reference(Kind::NetworkSecurityGroup, "load_balancer", "id");
    let mut balancer_rules: Vec<Value> = facts
        .edge_ranges
        .iter()
        .flat_map(|range| {
            public_ports(environment).into_iter().map(move |port| from_range(range, port))
        })
        .collect();
    let mut app_rules = vec![to_anywhere_over_https()];
    for port in app_ports(environment) {
        balancer_rules.push(rule("EGRESS", "destination", json!("0.0.0.0/0"), "CIDR_BLOCK", port));
        app_rules.push(rule(
            "INGRESS",
            "source",
            balancer_group.clone(),
            "NETWORK_SECURITY_GROUP",
            port,
        ));
    }
    add_group(desired, environment, "load_balancer", &balancer_rules);
    add_group(desired, environment, "app", &app_rules);
}

fn add_group(desired: &mut Desired, environment: &Environment, name: &str, rules: &[Value]) {
    let spec = match &environment.network {
        Network::Created { .. } => json!({
            "vcnId": reference(Kind::Vcn, "main", "id"),
            "displayName": format!("{}-{}", environment.name, name.replace('_', "-")),
            "rules": rules,
        }),
        Network::Existing { load_balancer_nsg, app_nsg, .. } => {
            let existing = if name == "app" { app_nsg } else { load_balancer_nsg };
            json!({ "existing": text(existing), "rules": rules })
        }
    };
    insert(desired, Kind::NetworkSecurityGroup, name, spec);
}

/// Ports that visitors reach through the edge.
fn public_ports(environment: &Environment) -> BTreeSet<u16> {
    environment.https_ports().into_iter().chain([80]).collect()
}

fn app_ports(environment: &Environment) -> Vec<u16> {
    let mut ports: Vec<u16> = environment.apps.values().map(|app| app.port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn from_range(range: &str, port: u16) -> Value {
    rule("INGRESS", "source", json!(range), "CIDR_BLOCK", port)
}

/// Images are pulled through the instance's own interface.
fn to_anywhere_over_https() -> Value {
    rule("EGRESS", "destination", json!("0.0.0.0/0"), "CIDR_BLOCK", 443)
}

fn rule(direction: &str, side: &str, peer: Value, peer_type: &str, port: u16) -> Value {
    let mut rule = json!({
        "direction": direction,
        "protocol": "6",
        "isStateless": false,
        "tcpOptions": { "destinationPortRange": { "min": port, "max": port } },
    });
    rule[side] = peer;
    rule[format!("{side}Type")] = json!(peer_type);
    rule
}
