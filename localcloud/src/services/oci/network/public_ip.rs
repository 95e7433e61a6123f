//! Reserved public addresses: made for themselves, given to a load balancer, kept when it goes.

use super::shelf::{Place, Shelf};
use super::{private_ip, vnic};
use crate::ids;
use crate::model::network::{PublicIp, Vnic, World};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::failure::Failure;

pub(super) const SHELF: Shelf<PublicIp> = Shelf {
    kind: "publicip",
    title: "public IP",
    items: |world| &world.public_ips,
    items_mut: |world| &mut world.public_ips,
    settle,
    release,
};

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    match call.name() {
        "create_public_ip" if call.text("lifetime") == Some("EPHEMERAL") => {
            Err(Failure::not_implemented("CreatePublicIp with lifetime EPHEMERAL"))
        }
        "get_public_ip_by_ip_address" => {
            let address = call.text("ipAddress").unwrap_or_default();
            let world = service.cloud.network.read();
            let found = world.public_ips.values().find(|ip| ip.ip_address == address);
            let missing = || Failure::not_found(format_args!("public IP {address}"));
            found.map(Answer::shows).ok_or_else(missing)
        }
        _ => SHELF.answer(service, call),
    }
}

fn settle(world: &mut World, ip: &mut PublicIp, _place: &Place) -> Result<(), Failure> {
    if ip.ip_address.is_empty() {
        ip.ip_address = vnic::public_address(world)?;
        "REGION".clone_into(&mut ip.scope);
    }
    Ok(())
}

fn release(_: &mut World, ip: &PublicIp) -> Result<(), Failure> {
    match &ip.assigned_entity_id {
        Some(entity) => Err(Failure::referenced("PublicIp", &ip.common.id, "PrivateIp", entity)),
        None => Ok(()),
    }
}

/// A reserved address that nobody else has.
///
/// # Errors
/// 404 when there is none, 409 when it is another's.
pub(super) fn available(world: &World, id: &str, owner: &str) -> Result<PublicIp, Failure> {
    let ip = SHELF.find(world, id)?;
    if ip.assigned_entity_id.is_some() && ip.owner_id != owner {
        let message = format!("Reserved public IP {id} is assigned to another resource");
        return Err(Failure::conflict(message));
    }
    Ok(ip)
}

/// Gives an address to an interface.
pub(super) fn assign(world: &mut World, id: &str, vnic: &Vnic) {
    let entity = private_ip::of_vnic(&vnic.common.id);
    if let Some(ip) = world.public_ips.get_mut(id) {
        "ASSIGNED".clone_into(&mut ip.common.lifecycle_state);
        ip.common.etag = ids::hex::<16>();
        ip.owner_id.clone_from(&vnic.owner_id);
        ip.assigned_entity_type = Some("PRIVATE_IP".to_owned());
        ip.assigned_entity_id = Some(entity.clone());
        ip.private_ip_id = Some(entity);
    }
}

/// Takes all addresses of an owner back.
pub(super) fn unassign(world: &mut World, owner: &str) {
    world.public_ips.change_where(
        |ip| ip.owner_id == owner,
        |ip| {
            "AVAILABLE".clone_into(&mut ip.common.lifecycle_state);
            ip.common.etag = ids::hex::<16>();
            ip.owner_id.clear();
            (ip.assigned_entity_type, ip.assigned_entity_id) = (None, None);
            ip.private_ip_id = None;
        },
    );
}
