//! Core networking (`/20160918`): VCNs and what is in them. Every noun is a [`shelf::Shelf`]; its file says what is special.

mod cidr;
mod gateway;
mod private_ip;
mod public_ip;
mod route_table;
mod security_group;
mod security_list;
mod seeds;
mod shelf;
mod subnet;
mod vcn;
pub(super) mod vnic;

use std::collections::BTreeMap;

use serde_json::Value;

use super::OciService;
use super::call::{Answer, Call};
use super::failure::Failure;

pub(super) use seeds::seed;

/// Fields that the vendor has and this cloud cannot honour; a call that sets one is told so.
const NOT_SUPPORTED: &[&str] = &[
    "byoipv6CidrDetails",
    "cidrPrefixLength",
    "ipv4SubnetCidrAtCreation",
    "ipv6CidrBlock",
    "ipv6CidrBlocks",
    "ipv6PrivateCidrBlocks",
    "isIpv6Enabled",
    "privateIpId",
    "publicIpId",
    "publicIpPoolId",
    "securityAttributes",
    "skipSourceDestCheck",
    "vlanId",
];

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let set = |field: &&&str| call.body.get(**field).is_some_and(is_set);
    if let Some(field) = NOT_SUPPORTED.iter().find(set) {
        return Err(Failure::not_implemented(&format!("{} with {field}", call.operation.title())));
    }
    let (_, noun) = call.name().split_once('_').unwrap_or_default();
    match noun {
        "vcn" | "vcns" => vcn::SHELF.answer(service, call),
        "subnet" | "subnets" => subnet::SHELF.answer(service, call),
        "internet_gateway" | "internet_gateways" => gateway::INTERNET.answer(service, call),
        "nat_gateway" | "nat_gateways" => gateway::NAT.answer(service, call),
        "service_gateway" | "service_gateways" => gateway::SERVICE.answer(service, call),
        "route_table" | "route_tables" => route_table::SHELF.answer(service, call),
        "security_list" | "security_lists" => security_list::SHELF.answer(service, call),
        "network_security_group" | "network_security_groups" => {
            security_group::SHELF.answer(service, call)
        }
        "public_ip" | "public_ips" | "public_ip_by_ip_address" => public_ip::answer(service, call),
        "private_ip" | "private_ips" => private_ip::answer(service, call),
        "vnic" => vnic::SHELF.answer(service, call),
        "service" | "services" => gateway::services(service, call),
        _ => security_group::answer(service, call),
    }
}

pub(super) fn inventory(service: &OciService) -> BTreeMap<String, usize> {
    let world = service.cloud.network.read();
    let tenancy = service.tenancy.read();
    let defaults: Vec<&str> = world
        .vcns
        .values()
        .flat_map(|v| [v.default_route_table_id.as_str(), v.default_security_list_id.as_str()])
        .collect();
    let own = |id: &str| !tenancy.seeded.contains(id) && !defaults.contains(&id);
    let count = |kind: &str, ids: Vec<&str>| {
        (kind.to_owned(), ids.into_iter().filter(|id| own(id)).count())
    };
    let secondary = world.private_ips.iter().filter(|(_, ip)| !ip.is_primary);
    let kept_private = secondary.map(|(id, _)| id);
    BTreeMap::from([
        count("vcns", world.vcns.keys().collect()),
        count("subnets", world.subnets.keys().collect()),
        count("internetGateways", world.internet_gateways.keys().collect()),
        count("natGateways", world.nat_gateways.keys().collect()),
        count("serviceGateways", world.service_gateways.keys().collect()),
        count("routeTables", world.route_tables.keys().collect()),
        count("securityLists", world.security_lists.keys().collect()),
        count("networkSecurityGroups", world.network_security_groups.keys().collect()),
        count("vnics", world.vnics.keys().collect()),
        count("publicIps", world.public_ips.keys().collect()),
        count("privateIps", kept_private.collect()),
    ])
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Number(_) | Value::String(_) => true,
    }
}
