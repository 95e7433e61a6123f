//! Private addresses of interfaces. The primary one goes with its interface and is kept only once it was changed;
//! secondary ones, and reserved ones that no interface has, are kept here.

use super::shelf::{Place, Shelf};
use super::{subnet, vnic};
use crate::model::network::{PrivateIp, Vnic, World};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, json};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;

pub(super) const SHELF: Shelf<PrivateIp> = Shelf {
    kind: "privateip",
    title: "private IP",
    items: |world| &world.private_ips,
    items_mut: |world| &mut world.private_ips,
    settle,
    release,
};

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let id = call.subject();
    let world = service.cloud.network.read();
    match call.name() {
        "get_private_ip" => find(&world, id).map(|ip| Answer::shows(&ip)),
        "list_private_ips" => list(&world, call),
        "update_private_ip" => {
            let ip = find(&world, id)?;
            call.if_match(&ip.common.etag)?;
            service.cloud.network.update(|world| {
                world.private_ips.get_or_insert_with(id, || ip);
            });
            SHELF.answer(service, call)
        }
        "delete_private_ip" if find(&world, id)?.is_primary => {
            let message = format!("Private IP {id} is the primary one of its VNIC");
            Err(Failure::invalid(message))
        }
        _ => SHELF.answer(service, call),
    }
}

/// OCID of the primary address of an interface.
pub(super) fn of_vnic(vnic: &str) -> String {
    vnic.replacen(".vnic.", ".privateip.", 1)
}

/// Whether an address of a subnet is somebody's secondary or reserved one.
pub(super) fn takes(world: &World, subnet: &str, address: &str) -> bool {
    world.private_ips.values().any(|ip| ip.subnet_id == subnet && ip.ip_address == address)
}

/// The addresses of interfaces that are about to go: reserved ones stay, without an interface.
pub(super) fn let_go(world: &mut World, vnics: &[String]) {
    let goes = |ip: &PrivateIp| ip.vnic_id.as_ref().is_some_and(|vnic| vnics.contains(vnic));
    world.private_ips.retain(|_, ip| !goes(ip) || ip.lifetime == "RESERVED");
    world.private_ips.change_where(goes, |ip| {
        ip.vnic_id = None;
        "AVAILABLE".clone_into(&mut ip.ip_state);
    });
}

fn primary(vnic: &Vnic) -> PrivateIp {
    let mut common = vnic.common.clone();
    common.id = of_vnic(&common.id);
    PrivateIp {
        common,
        availability_domain: Some(vnic.availability_domain.clone()),
        hostname_label: vnic.hostname_label.clone(),
        ip_address: vnic.private_ip.clone(),
        is_primary: true,
        subnet_id: vnic.subnet_id.clone(),
        vnic_id: Some(vnic.common.id.clone()),
        ip_state: "ASSIGNED".to_owned(),
        lifetime: "EPHEMERAL".to_owned(),
    }
}

fn find(world: &World, id: &str) -> Result<PrivateIp, Failure> {
    let own = || world.vnics.values().find(|vnic| of_vnic(&vnic.common.id) == id).map(primary);
    let found = world.private_ips.get(id).cloned().or_else(own);
    found.ok_or_else(|| Failure::not_found(format_args!("private IP {id}")))
}

fn list(world: &World, call: &Call) -> Result<Answer, Failure> {
    if call.query("vnicId").is_none() && call.query("subnetId").is_none() {
        return Err(Failure::missing("Missing query parameter: vnicId or subnetId"));
    }
    let primaries = world.vnics.values().map(primary);
    let unchanged = primaries.filter(|ip| !world.private_ips.contains_key(&ip.common.id));
    let all = unchanged.map(|ip| json(&ip)).chain(world.private_ips.values().map(json));
    listing::bare(call, all.collect())
}

fn settle(world: &mut World, ip: &mut PrivateIp, _place: &Place) -> Result<(), Failure> {
    if ip.lifetime.is_empty() {
        "EPHEMERAL".clone_into(&mut ip.lifetime);
    }
    match ip.vnic_id.clone().filter(|id| !id.is_empty()) {
        Some(id) => sit_on(world, ip, &id)?,
        None if ip.lifetime == "RESERVED" && !ip.subnet_id.is_empty() => {
            ip.vnic_id = None;
            "AVAILABLE".clone_into(&mut ip.ip_state);
        }
        None => return Err(Failure::missing("Missing field 'vnicId' of an EPHEMERAL private IP")),
    }
    let subnet = subnet::SHELF.find(world, &ip.subnet_id)?;
    if ip.common.compartment_id.is_empty() {
        ip.common.compartment_id.clone_from(&subnet.common.compartment_id);
    }
    if !world.private_ips.contains_key(&ip.common.id) {
        let wanted = Some(ip.ip_address.as_str()).filter(|address| !address.is_empty());
        ip.ip_address = vnic::address(world, &subnet, wanted)?;
    }
    Ok(())
}

/// An address belongs to the subnet of its interface, also when it moves to another.
fn sit_on(world: &World, ip: &mut PrivateIp, vnic: &str) -> Result<(), Failure> {
    let vnic = vnic::SHELF.find(world, vnic)?;
    if !ip.subnet_id.is_empty() && ip.subnet_id != vnic.subnet_id {
        let message = format!("VNIC {} is in another subnet than the private IP", vnic.common.id);
        return Err(Failure::invalid(message));
    }
    if ip.is_primary && of_vnic(&vnic.common.id) != ip.common.id {
        return Err(Failure::invalid("A primary private IP stays with its VNIC"));
    }
    ip.subnet_id = vnic.subnet_id;
    ip.availability_domain = Some(vnic.availability_domain);
    "ASSIGNED".clone_into(&mut ip.ip_state);
    Ok(())
}

fn release(_: &mut World, _: &PrivateIp) -> Result<(), Failure> {
    Ok(())
}
