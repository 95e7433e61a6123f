//! Virtual cloud networks. Each brings a route table, a security list and DHCP options.

use super::cidr::Cidr;
use super::shelf::{Place, Shelf};
use super::{route_table, security_list};
use crate::ids;
use crate::model::network::{Vcn, World};
use crate::services::oci::failure::Failure;

pub(super) const SHELF: Shelf<Vcn> = Shelf {
    kind: "vcn",
    title: "VCN",
    items: |world| &world.vcns,
    items_mut: |world| &mut world.vcns,
    settle,
    release,
};

fn settle(world: &mut World, vcn: &mut Vcn, place: &Place) -> Result<(), Failure> {
    if vcn.cidr_blocks.is_empty() {
        vcn.cidr_blocks = vec![vcn.cidr_block.clone()];
    }
    vcn.cidr_block = vcn.cidr_blocks.first().cloned().unwrap_or_default();
    if vcn.cidr_block.is_empty() {
        return Err(Failure::missing("Missing required field 'cidrBlocks'"));
    }
    for block in &vcn.cidr_blocks {
        if !(16..=30).contains(&Cidr::parse(block)?.prefix()) {
            return Err(Failure::invalid(format!(
                "The requested CIDR {block} is not between /16 and /30"
            )));
        }
    }
    if let Some(label) = &vcn.dns_label {
        check_label(label)?;
        vcn.vcn_domain_name = Some(format!("{label}.oraclevcn.com"));
    }
    if vcn.default_route_table_id.is_empty() {
        furnish(world, vcn, place)?;
    }
    Ok(())
}

/// Makes what every VCN comes with.
fn furnish(world: &mut World, vcn: &mut Vcn, place: &Place) -> Result<(), Failure> {
    let common = &vcn.common;
    let named = |kind: &str, what: &str| {
        place.common(
            kind,
            &format!("Default {what} for {}", common.display_name),
            &common.compartment_id,
        )
    };
    let mut table = crate::model::network::RouteTable {
        common: named("routetable", "Route Table"),
        vcn_id: common.id.clone(),
        route_rules: Vec::new(),
    };
    let mut list = security_list::default(named("securitylist", "Security List"), vcn);
    vcn.default_route_table_id.clone_from(&table.common.id);
    vcn.default_security_list_id.clone_from(&list.common.id);
    vcn.default_dhcp_options_id = ids::ocid("dhcpoptions", &place.region);
    // The VCN is not on its shelf yet, and its own parts need no check against it.
    table.vcn_id.clone_from(&vcn.common.id);
    list.vcn_id.clone_from(&vcn.common.id);
    (route_table::SHELF.items_mut)(world).insert(table.common.id.clone(), table);
    (security_list::SHELF.items_mut)(world).insert(list.common.id.clone(), list);
    Ok(())
}

fn release(world: &mut World, vcn: &Vcn) -> Result<(), Failure> {
    let id = &vcn.common.id;
    if let Some((kind, other)) = tenant(world, vcn) {
        return Err(Failure::referenced("VCN", id, kind, &other));
    }
    world.route_tables.remove(&vcn.default_route_table_id);
    world.security_lists.remove(&vcn.default_security_list_id);
    Ok(())
}

/// The first thing that still is in the VCN.
fn tenant(world: &World, vcn: &Vcn) -> Option<(&'static str, String)> {
    let id = &vcn.common.id;
    let gateways = [&world.internet_gateways, &world.nat_gateways, &world.service_gateways];
    let subnets = world.subnets.values().map(|s| ("Subnet", &s.vcn_id, &s.common.id));
    let gateways =
        gateways.into_iter().flat_map(|g| g.values()).map(|g| ("Gateway", &g.vcn_id, &g.common.id));
    let groups = world.network_security_groups.values();
    let groups = groups.map(|g| ("NetworkSecurityGroup", &g.vcn_id, &g.common.id));
    let tables = world.route_tables.values().map(|t| ("RouteTable", &t.vcn_id, &t.common.id));
    let lists = world.security_lists.values().map(|l| ("SecurityList", &l.vcn_id, &l.common.id));
    let own = [&vcn.default_route_table_id, &vcn.default_security_list_id];
    let mut all = subnets.chain(gateways).chain(groups).chain(tables).chain(lists);
    all.find(|(_, of, other)| *of == id && !own.contains(other))
        .map(|(kind, _, other)| (kind, other.clone()))
}

/// # Errors
/// A 400 for what is no label of the vendor's resolver.
pub(super) fn check_label(label: &str) -> Result<(), Failure> {
    let fits = (1..=15).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric())
        && label.starts_with(|c: char| c.is_ascii_alphabetic());
    if fits { Ok(()) } else { Err(Failure::invalid(format!("dnsLabel '{label}' is not valid"))) }
}
