//! Route tables and the rules that lead to gateways.

use super::cidr::Cidr;
use super::shelf::{Place, Shelf};
use super::vcn;
use crate::model::network::{RouteRule, RouteTable, World};
use crate::services::oci::failure::Failure;

pub(super) const SHELF: Shelf<RouteTable> = Shelf {
    kind: "routetable",
    title: "route table",
    items: |world| &world.route_tables,
    items_mut: |world| &mut world.route_tables,
    settle,
    release,
};

fn settle(world: &mut World, table: &mut RouteTable, _place: &Place) -> Result<(), Failure> {
    vcn::SHELF.find(world, &table.vcn_id)?;
    let mut seen = Vec::new();
    for rule in &mut table.route_rules {
        check(world, &table.vcn_id, rule)?;
        if seen.contains(&rule.destination) {
            return Err(Failure::invalid(format!(
                "Two route rules for destination {}",
                rule.destination
            )));
        }
        seen.push(rule.destination.clone());
    }
    Ok(())
}

fn check(world: &World, vcn: &str, rule: &mut RouteRule) -> Result<(), Failure> {
    if rule.destination_type.is_empty() {
        "CIDR_BLOCK".clone_into(&mut rule.destination_type);
    }
    if rule.destination.is_empty() {
        return Err(Failure::missing("Missing required field 'routeRules.destination'"));
    }
    if rule.destination_type == "CIDR_BLOCK" {
        Cidr::parse(&rule.destination)?;
    }
    let id = &rule.network_entity_id;
    let gateways = [&world.internet_gateways, &world.nat_gateways, &world.service_gateways];
    let target = gateways.into_iter().find_map(|shelf| shelf.get(id));
    match target {
        Some(gateway) if gateway.vcn_id == vcn => Ok(()),
        Some(_) => Err(Failure::invalid(format!("networkEntityId {id} is in another VCN"))),
        None => Err(Failure::not_found(format_args!("networkEntityId {id}"))),
    }
}

fn release(world: &mut World, table: &RouteTable) -> Result<(), Failure> {
    let id = &table.common.id;
    if let Some(vcn) = world.vcns.values().find(|vcn| vcn.default_route_table_id == *id) {
        return Err(Failure::referenced("RouteTable", id, "VCN", &vcn.common.id));
    }
    match world.subnets.values().find(|subnet| subnet.route_table_id == *id) {
        Some(subnet) => Err(Failure::referenced("RouteTable", id, "Subnet", &subnet.common.id)),
        None => Ok(()),
    }
}
