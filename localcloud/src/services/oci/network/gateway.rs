//! Internet, NAT and service gateways, and the vendor's services that the latter lead to.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::shelf::{Place, Shelf};
use super::vcn;
use crate::model::network::{Gateway, World};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::failure::Failure;
use crate::services::oci::identity::region_key;
use crate::services::oci::listing;
use crate::table::Table;

pub(super) const INTERNET: Shelf<Gateway> = Shelf {
    kind: "internetgateway",
    title: "internet gateway",
    items: |world| &world.internet_gateways,
    items_mut: |world| &mut world.internet_gateways,
    settle: |world, gateway, _| only_one(&world.internet_gateways, world, gateway),
    release,
};

pub(super) const NAT: Shelf<Gateway> = Shelf {
    kind: "natgateway",
    title: "NAT gateway",
    items: |world| &world.nat_gateways,
    items_mut: |world| &mut world.nat_gateways,
    settle: settle_nat,
    release,
};

pub(super) const SERVICE: Shelf<Gateway> = Shelf {
    kind: "servicegateway",
    title: "service gateway",
    items: |world| &world.service_gateways,
    items_mut: |world| &mut world.service_gateways,
    settle: settle_service,
    release,
};

/// The vendor's default limit: one gateway of a kind in a VCN.
fn only_one(shelf: &Table<Gateway>, world: &World, gateway: &Gateway) -> Result<(), Failure> {
    vcn::SHELF.find(world, &gateway.vcn_id)?;
    let mut others = shelf.values().filter(|other| other.common.id != gateway.common.id);
    if others.any(|other| other.vcn_id == gateway.vcn_id) {
        return Err(Failure::limit(format!(
            "VCN {} has a gateway of this kind already",
            gateway.vcn_id
        )));
    }
    Ok(())
}

fn settle_nat(world: &mut World, gateway: &mut Gateway, _place: &Place) -> Result<(), Failure> {
    only_one(&world.nat_gateways, world, gateway)?;
    if gateway.nat_ip.is_none() {
        let taken =
            |ip: &String| world.nat_gateways.values().any(|g| g.nat_ip.as_ref() == Some(ip));
        // TEST-NET-2 (RFC 5737): nobody's address.
        let mut free = (1..=254).map(|n| Ipv4Addr::new(198, 51, 100, n).to_string());
        let ip = free.find(|ip| !taken(ip));
        gateway.nat_ip = Some(ip.ok_or_else(|| Failure::limit("All public addresses are taken"))?);
    }
    Ok(())
}

fn settle_service(world: &mut World, gateway: &mut Gateway, place: &Place) -> Result<(), Failure> {
    only_one(&world.service_gateways, world, gateway)?;
    let known = catalogue(&place.region);
    for service in &mut gateway.services {
        let found = known.iter().find(|k| k["id"] == service["serviceId"]);
        let found = found
            .ok_or_else(|| Failure::not_found(format_args!("service {}", service["serviceId"])))?;
        *service = json!({"serviceId": found["id"], "serviceName": found["name"]});
    }
    Ok(())
}

fn release(world: &mut World, gateway: &Gateway) -> Result<(), Failure> {
    let id = &gateway.common.id;
    let targets = |rules: &[crate::model::network::RouteRule]| {
        rules.iter().any(|r| r.network_entity_id == *id)
    };
    match world.route_tables.values().find(|table| targets(&table.route_rules)) {
        Some(table) => Err(Failure::referenced("Gateway", id, "RouteTable", &table.common.id)),
        None => Ok(()),
    }
}

/// `GetService` and `ListServices`.
pub(super) fn services(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let known = catalogue(service.region());
    if call.name() == "list_services" {
        return listing::bare(call, known.to_vec());
    }
    let found = known.iter().find(|k| k["id"] == call.subject());
    found.map(Answer::shows).ok_or_else(|| Failure::not_found(call.subject()))
}

fn catalogue(region: &str) -> [Value; 2] {
    let key = region_key(region);
    let entry = |id: &str, name: String, cidr: String| json!({"id": format!("ocid1.service.oc1.{region}.{id}"), "description": name, "name": name, "cidrBlock": cidr});
    let lower = key.to_lowercase();
    [
        entry(
            "all",
            format!("All {key} Services In Oracle Services Network"),
            format!("all-{lower}-services-in-oracle-services-network"),
        ),
        entry(
            "objectstorage",
            format!("OCI {key} Object Storage"),
            format!("oci-{lower}-objectstorage"),
        ),
    ]
}
