//! Whether a TCP connection passes routes, security lists and network security groups. Pure.
//!
//! Rules are taken as stateful; their source ports are not looked at.

use std::net::IpAddr;

use crate::model::network::{Gateway, SecurityRule, Subnet, Vnic, World};
use crate::network::cidr::Cidr;

/// A TCP connection that somebody wants to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub port: u16,
}

/// Whether it may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// `why` names what blocks, for a person.
    Denied {
        why: String,
    },
}

/// Decides about one connection.
///
/// Inside a VCN, both ends' rules count. Towards a public address the connection leaves through the source's gateway and
/// arrives from the internet: then a rule can know the source by address only.
pub fn judge(world: &World, flow: Flow) -> Verdict {
    match examine(world, flow) {
        Ok(()) => Verdict::Allowed,
        Err(why) => Verdict::Denied { why },
    }
}

/// The private address of the interface that belongs to a load balancer or container instance.
pub fn address_of(world: &World, owner_id: &str) -> Option<IpAddr> {
    let vnic = world.vnics.values().find(|vnic| vnic.owner_id == owner_id && is_present(vnic))?;
    vnic.private_ip.parse().ok()
}

/// The VCN that an address belongs to.
pub fn vcn_of(world: &World, address: IpAddr) -> Option<&str> {
    let vnic = interface(world, address)?;
    Some(&world.subnets.get(&vnic.subnet_id)?.vcn_id)
}

/// The other end of a connection, as one interface's rules see it.
struct Remote<'w> {
    address: IpAddr,
    groups: &'w [String],
}

#[derive(Clone, Copy)]
enum Direction {
    Ingress,
    Egress,
}

fn examine(world: &World, flow: Flow) -> Result<(), String> {
    let Flow { source, destination, port } = flow;
    let target = interface(world, destination)
        .ok_or_else(|| format!("no network interface has the address {destination}"))?;
    let public = private_address(target) != Some(destination);
    match interface(world, source) {
        None if !public => {
            Err(format!("{destination} is private and {source} is outside of its VCN"))
        }
        None => arrive(world, target, source, port),
        Some(origin) if public => {
            arrive(world, target, leave(world, origin, destination, port)?, port)
        }
        Some(origin) => pass(world, origin, target, port),
    }
}

/// From one private address to another.
fn pass(world: &World, origin: &Vnic, target: &Vnic, port: u16) -> Result<(), String> {
    let (from, to) = (subnet(world, origin)?, subnet(world, target)?);
    if from.vcn_id != to.vcn_id {
        return Err(format!(
            "{} and {} are in different VCNs",
            origin.private_ip, target.private_ip
        ));
    }
    permit(world, origin, Direction::Egress, &remote(target)?, port)?;
    permit(world, target, Direction::Ingress, &remote(origin)?, port)
}

/// From an interface to the internet; returns the address that the internet sees.
fn leave(world: &World, origin: &Vnic, to: IpAddr, port: u16) -> Result<IpAddr, String> {
    permit(world, origin, Direction::Egress, &Remote { address: to, groups: &[] }, port)?;
    let subnet = subnet(world, origin)?;
    let gateway = route(world, subnet, to).unwrap_or_default();
    let seen = match world.nat_gateways.get(gateway) {
        Some(nat) if !nat.block_traffic => nat.nat_ip.as_deref(),
        _ if is_open(world.internet_gateways.get(gateway)) => origin.public_ip.as_deref(),
        _ => None,
    };
    seen.and_then(|address| address.parse().ok()).ok_or_else(|| {
        format!("{} has no way from subnet {} to {to}", origin.private_ip, subnet.common.id)
    })
}

/// From the internet to an interface's public address.
fn arrive(world: &World, target: &Vnic, from: IpAddr, port: u16) -> Result<(), String> {
    let subnet = subnet(world, target)?;
    let id = &subnet.common.id;
    if subnet.prohibit_internet_ingress || subnet.prohibit_public_ip_on_vnic {
        return Err(format!("subnet {id} prohibits public addresses"));
    }
    let gateway = route(world, subnet, from).unwrap_or_default();
    if !is_open(world.internet_gateways.get(gateway)) {
        return Err(format!(
            "route table {} of subnet {id} leads {from} to no enabled internet gateway",
            subnet.route_table_id
        ));
    }
    permit(world, target, Direction::Ingress, &Remote { address: from, groups: &[] }, port)
}

/// Passes when any rule of the interface's groups or of its subnet's lists allows it.
fn permit(
    world: &World,
    vnic: &Vnic,
    direction: Direction,
    remote: &Remote<'_>,
    port: u16,
) -> Result<(), String> {
    let lists = &subnet(world, vnic)?.security_list_ids;
    let of_groups = vnic
        .nsg_ids
        .iter()
        .filter_map(|id| world.network_security_groups.get(id))
        .flat_map(|group| &group.security_rules)
        .filter(|rule| rule.direction == direction.name());
    let of_lists =
        lists.iter().filter_map(|id| world.security_lists.get(id)).flat_map(
            |list| match direction {
                Direction::Ingress => &list.ingress_security_rules,
                Direction::Egress => &list.egress_security_rules,
            },
        );
    if of_groups.chain(of_lists).any(|rule| direction.allows(rule, remote, port)) {
        return Ok(());
    }
    Err(format!(
        "no {} rule of {} allows tcp {port} {} {} at {}",
        direction.name(),
        [vnic.nsg_ids.as_slice(), lists].concat().join(", "),
        direction.word(),
        remote.address,
        vnic.private_ip
    ))
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Self::Ingress => "INGRESS",
            Self::Egress => "EGRESS",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }

    fn allows(self, rule: &SecurityRule, remote: &Remote<'_>, port: u16) -> bool {
        let (end, kind) = match self {
            Self::Ingress => (&rule.source, &rule.source_type),
            Self::Egress => (&rule.destination, &rule.destination_type),
        };
        let end = end.as_deref().unwrap_or_default();
        let names_remote = match kind.as_deref().unwrap_or("CIDR_BLOCK") {
            "CIDR_BLOCK" => end.parse::<Cidr>().is_ok_and(|range| range.contains(remote.address)),
            "NETWORK_SECURITY_GROUP" => remote.groups.iter().any(|id| id == end),
            // The vendor's own services: none of them has an address in this cloud.
            _ => false,
        };
        names_remote && is_for_tcp(rule, port)
    }
}

fn is_for_tcp(rule: &SecurityRule, port: u16) -> bool {
    let range = rule.tcp_options.as_ref().and_then(|options| options.destination_port_range);
    match rule.protocol.as_str() {
        "all" => true,
        "6" => range.is_none_or(|range| (range.min..=range.max).contains(&port)),
        _ => false,
    }
}

/// The gateway of the most specific route to `to`.
fn route<'w>(world: &'w World, subnet: &Subnet, to: IpAddr) -> Option<&'w str> {
    let rules = &world.route_tables.get(&subnet.route_table_id)?.route_rules;
    let fitting = rules.iter().filter_map(|rule| {
        let range: Cidr = rule.destination.parse().ok()?;
        range.contains(to).then_some((range.prefix(), rule.network_entity_id.as_str()))
    });
    fitting.max_by_key(|(prefix, _)| *prefix).map(|(_, gateway)| gateway)
}

fn is_open(gateway: Option<&Gateway>) -> bool {
    gateway.is_some_and(|gateway| gateway.is_enabled)
}

fn interface(world: &World, address: IpAddr) -> Option<&Vnic> {
    let has = |text: &str| text.parse() == Ok(address);
    let mut present = world.vnics.values().filter(|vnic| is_present(vnic));
    present.find(|vnic| has(&vnic.private_ip) || vnic.public_ip.as_deref().is_some_and(has))
}

fn is_present(vnic: &Vnic) -> bool {
    !matches!(vnic.common.lifecycle_state.as_str(), "TERMINATING" | "TERMINATED")
}

fn private_address(vnic: &Vnic) -> Option<IpAddr> {
    vnic.private_ip.parse().ok()
}

fn remote(vnic: &Vnic) -> Result<Remote<'_>, String> {
    let address = private_address(vnic)
        .ok_or_else(|| format!("network interface {} has no address", vnic.common.id))?;
    Ok(Remote { address, groups: &vnic.nsg_ids })
}

fn subnet<'w>(world: &'w World, vnic: &Vnic) -> Result<&'w Subnet, String> {
    world.subnets.get(&vnic.subnet_id).ok_or_else(|| format!("subnet {} is gone", vnic.subnet_id))
}

#[cfg(test)]
mod tests;
