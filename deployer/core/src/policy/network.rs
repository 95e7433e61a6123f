//! The part of the statements that depends on whose the network is.

use super::{Scope, Statement, here, within};
use crate::environment::{Environment, Network};

/// Kinds of a network of our own, each with its reason.
const OWN: &[(&str, &str)] = &[
    ("manage vcns", "make the network"),
    ("manage subnets", "make the subnets, and put the load balancer and the apps into them"),
    ("manage route-tables", "lead the subnets out of the network"),
    ("manage security-lists", "make the security list, which allows nothing"),
    ("manage internet-gateways", "make the load balancer's way to the internet"),
    ("manage nat-gateways", "make the apps' way to the registry"),
    (
        "manage network-security-groups",
        "make the security groups, and let only the edge and the load balancer in",
    ),
];

/// What a subnet needs of the options that come with its network.
const DHCP: &str = "any {request.permission = 'DHCP_ATTACH', request.permission = 'DHCP_DETACH'}";

/// Kinds that are listed whoever the network belongs to, because an earlier file may have asked for one of our own.
const LISTED: &[&str] = &[
    "inspect vcns",
    "inspect subnets",
    "inspect route-tables",
    "inspect security-lists",
    "inspect internet-gateways",
    "read nat-gateways",
    "read network-security-groups",
];

pub(super) fn statements(environment: &Environment, scope: &Scope<'_>) -> Vec<Statement> {
    let mut all = match environment.network {
        Network::Created { .. } => own(scope),
        Network::Existing { .. } => existing(scope),
    };
    all.push(here(scope, "use vnics", "give container instances an address, and see which"));
    all
}

fn own(scope: &Scope<'_>) -> Vec<Statement> {
    let mut all: Vec<Statement> = OWN.iter().map(|(what, why)| here(scope, what, why)).collect();
    all.push(
        here(scope, "manage dhcp-options", "give subnets the network's own DHCP options")
            .only_where(DHCP),
    );
    all
}

fn existing(scope: &Scope<'_>) -> Vec<Statement> {
    let there = |what, why| within(scope, scope.network_compartment, what, why);
    let is_apart = scope.network_compartment != scope.compartment;
    // Where it lies in the same compartment, what is allowed there includes seeing it.
    let is_needed = |what: &&&str| {
        is_apart || !(what.ends_with(" subnets") || what.ends_with(" network-security-groups"))
    };
    let listed = LISTED.iter().filter(is_needed);
    let why = "see that nothing of a network of the environment's own is there";
    let mut all: Vec<Statement> = listed.map(|what| here(scope, what, why)).collect();
    all.push(there("use subnets", "put the load balancer and the apps into the subnets"));
    all.push(there(
        "manage network-security-groups",
        "add and remove our rules in the two security groups, and put things into them",
    ));
    all
}
