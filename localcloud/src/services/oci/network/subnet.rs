//! Subnets: inside their VCN, beside each other.

use super::cidr::Cidr;
use super::shelf::{Place, Shelf};
use super::vcn;
use crate::ids;
use crate::model::network::{Subnet, Vcn, World};
use crate::services::oci::failure::Failure;

pub(super) const SHELF: Shelf<Subnet> = Shelf {
    kind: "subnet",
    title: "subnet",
    items: |world| &world.subnets,
    items_mut: |world| &mut world.subnets,
    settle,
    release,
};

const MOST_SECURITY_LISTS: usize = 5;

fn settle(world: &mut World, subnet: &mut Subnet, _place: &Place) -> Result<(), Failure> {
    let vcn = vcn::SHELF.find(world, &subnet.vcn_id)?;
    if subnet.cidr_block.is_empty() {
        return Err(Failure::missing("Missing required field 'cidrBlock'"));
    }
    let cidr = Cidr::parse(&subnet.cidr_block)?;
    fits(world, &vcn, subnet, cidr)?;
    fill(subnet, &vcn, cidr)?;
    for list in &subnet.security_list_ids {
        super::security_list::SHELF.find(world, list)?;
    }
    if subnet.security_list_ids.len() > MOST_SECURITY_LISTS {
        return Err(Failure::limit(format!(
            "A subnet has at most {MOST_SECURITY_LISTS} security lists"
        )));
    }
    super::route_table::SHELF.find(world, &subnet.route_table_id).map(drop)
}

fn fits(world: &World, vcn: &Vcn, subnet: &Subnet, cidr: Cidr) -> Result<(), Failure> {
    let requested = &subnet.cidr_block;
    let blocks = vcn.cidr_blocks.iter().filter_map(|block| Cidr::parse(block).ok());
    if !blocks.into_iter().any(|block| block.contains(cidr)) {
        let message =
            format!("The requested CIDR {requested} is invalid: not within VCN {}", vcn.common.id);
        return Err(Failure::invalid(message));
    }
    let neighbours = world.subnets.values().filter(|other| other.vcn_id == vcn.common.id);
    for other in neighbours.filter(|other| other.common.id != subnet.common.id) {
        if Cidr::parse(&other.cidr_block)?.overlaps(cidr) {
            let (id, block) = (&other.common.id, &other.cidr_block);
            return Err(Failure::invalid(format!(
                "The requested CIDR {requested} is invalid: subnet {id} with CIDR {block} overlaps with this CIDR."
            )));
        }
    }
    Ok(())
}

/// What is not said comes from the VCN.
fn fill(subnet: &mut Subnet, vcn: &Vcn, cidr: Cidr) -> Result<(), Failure> {
    if subnet.route_table_id.is_empty() {
        subnet.route_table_id.clone_from(&vcn.default_route_table_id);
    }
    if subnet.security_list_ids.is_empty() {
        subnet.security_list_ids = vec![vcn.default_security_list_id.clone()];
    }
    if subnet.dhcp_options_id.is_empty() {
        subnet.dhcp_options_id.clone_from(&vcn.default_dhcp_options_id);
    }
    if subnet.virtual_router_mac.is_empty() {
        subnet.virtual_router_mac = mac_address();
    }
    subnet.virtual_router_ip = cidr.router().to_string();
    // The vendor's two names for a private subnet.
    let private = subnet.prohibit_public_ip_on_vnic || subnet.prohibit_internet_ingress;
    (subnet.prohibit_public_ip_on_vnic, subnet.prohibit_internet_ingress) = (private, private);
    if let Some(label) = &subnet.dns_label {
        vcn::check_label(label)?;
        subnet.subnet_domain_name =
            vcn.vcn_domain_name.as_ref().map(|domain| format!("{label}.{domain}"));
    }
    Ok(())
}

fn release(world: &mut World, subnet: &Subnet) -> Result<(), Failure> {
    let id = &subnet.common.id;
    match world.vnics.values().find(|vnic| vnic.subnet_id == *id) {
        Some(vnic) => Err(Failure::referenced("Subnet", id, "VNIC", &vnic.common.id)),
        None => match world.private_ips.values().find(|ip| ip.subnet_id == *id) {
            Some(ip) => Err(Failure::referenced("Subnet", id, "PrivateIp", &ip.common.id)),
            None => Ok(()),
        },
    }
}

/// A locally administered unicast address in the vendor's `00:00:17` style.
pub(super) fn mac_address() -> String {
    let [a, b, c] = ids::bytes::<3>();
    format!("02:00:17:{a:02X}:{b:02X}:{c:02X}")
}
