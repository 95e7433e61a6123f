//! Network interfaces: made and removed with the load balancer or container instance that they belong to.

use std::net::Ipv4Addr;

use super::cidr::Cidr;
use super::shelf::{Place, Shelf};
use super::{private_ip, public_ip, security_group, subnet};
use crate::model::network::{Common, Subnet, Vnic, World};
use crate::services::oci::OciService;
use crate::services::oci::failure::Failure;

pub(super) const SHELF: Shelf<Vnic> = Shelf {
    kind: "vnic",
    title: "VNIC",
    items: |world| &world.vnics,
    items_mut: |world| &mut world.vnics,
    settle: |world, vnic, _: &Place| check_groups(world, &vnic.nsg_ids, &vnic.subnet_id),
    release: |_, _| Ok(()),
};

const MOST_GROUPS: usize = 5;

/// An interface that is wanted.
#[derive(Debug, Clone, Default)]
pub(in crate::services::oci) struct Wanted {
    pub(in crate::services::oci) owner: String,
    pub(in crate::services::oci) name: String,
    pub(in crate::services::oci) compartment: String,
    pub(in crate::services::oci) subnet: String,
    pub(in crate::services::oci) groups: Vec<String>,
    pub(in crate::services::oci) public: bool,
    /// OCID of the reserved address that is to be the public one.
    pub(in crate::services::oci) reserved: Option<String>,
    pub(in crate::services::oci) private_ip: Option<String>,
    pub(in crate::services::oci) hostname: Option<String>,
    /// The first when nothing is said.
    pub(in crate::services::oci) availability_domain: Option<String>,
}

/// Checks that subnet and groups exist and allow what is wanted, without making anything.
///
/// # Errors
/// 404 for what does not exist, 400 for what cannot be.
pub(in crate::services::oci) fn check(
    service: &OciService,
    wanted: &Wanted,
) -> Result<(), Failure> {
    allowed(&service.cloud.network.read(), wanted).map(drop)
}

/// Makes an interface with an address of its subnet, and a public one when wanted.
///
/// # Errors
/// As [`check`]; also when no address is left.
pub(in crate::services::oci) fn attach(
    service: &OciService,
    wanted: Wanted,
) -> Result<Vnic, Failure> {
    let place = Place::of(service);
    let availability_domain =
        wanted.availability_domain.clone().unwrap_or_else(|| service.availability_domain());
    service.cloud.network.try_update(|world| {
        let subnet = allowed(world, &wanted)?;
        let public_ip = public(world, &wanted)?;
        let vnic = Vnic {
            private_ip: address(world, &subnet, wanted.private_ip.as_deref())?,
            public_ip,
            common: Common { ..place.common("vnic", &wanted.name, &wanted.compartment) },
            owner_id: wanted.owner,
            availability_domain,
            subnet_id: wanted.subnet,
            nsg_ids: wanted.groups,
            mac_address: subnet::mac_address(),
            hostname_label: wanted.hostname,
            is_primary: true,
        };
        let vnic = SHELF.put(world, vnic, &place)?;
        if let Some(reserved) = &wanted.reserved {
            public_ip::assign(world, reserved, &vnic);
        }
        Ok(vnic)
    })
}

/// Removes all interfaces of an owner, with their addresses; reserved ones are free again.
pub(in crate::services::oci) fn detach(service: &OciService, owner: &str) {
    service.cloud.network.update(|world| {
        let own = world.vnics.values().filter(|vnic| vnic.owner_id == owner);
        let gone: Vec<String> = own.map(|vnic| vnic.common.id.clone()).collect();
        private_ip::let_go(world, &gone);
        public_ip::unassign(world, owner);
        world.vnics.retain(|_, vnic| vnic.owner_id != owner);
    });
}

/// Puts all interfaces of an owner into other groups.
pub(in crate::services::oci) fn regroup(service: &OciService, owner: &str, groups: &[String]) {
    service.cloud.network.update(|world| {
        world
            .vnics
            .change_where(|vnic| vnic.owner_id == owner, |vnic| vnic.nsg_ids = groups.to_vec());
    });
}

fn allowed(world: &World, wanted: &Wanted) -> Result<Subnet, Failure> {
    let subnet = subnet::SHELF.find(world, &wanted.subnet)?;
    if wanted.public && subnet.prohibit_public_ip_on_vnic {
        let message = format!("Subnet {} does not allow public IP addresses", wanted.subnet);
        return Err(Failure::invalid(message));
    }
    if let Some(reserved) = &wanted.reserved {
        public_ip::available(world, reserved, &wanted.owner)?;
    }
    check_groups(world, &wanted.groups, &wanted.subnet)?;
    Ok(subnet)
}

fn check_groups(world: &World, groups: &[String], subnet: &str) -> Result<(), Failure> {
    let subnet = subnet::SHELF.find(world, subnet)?;
    if groups.len() > MOST_GROUPS {
        return Err(Failure::limit(format!(
            "A VNIC is in at most {MOST_GROUPS} network security groups"
        )));
    }
    for id in groups {
        if security_group::SHELF.find(world, id)?.vcn_id != subnet.vcn_id {
            return Err(Failure::invalid(format!("Network security group {id} is in another VCN")));
        }
    }
    Ok(())
}

/// An address of the subnet that nobody has: the wanted one, or the first.
///
/// # Errors
/// 400 when it is not free, or none is.
pub(super) fn address(
    world: &World,
    subnet: &Subnet,
    wanted: Option<&str>,
) -> Result<String, Failure> {
    let cidr = Cidr::parse(&subnet.cidr_block)?;
    let taken = |ip: &str| {
        world.vnics.values().any(|v| v.subnet_id == subnet.common.id && v.private_ip == ip)
            || private_ip::takes(world, &subnet.common.id, ip)
    };
    let block = &subnet.cidr_block;
    if let Some(wanted) = wanted {
        let possible = cidr.hosts().any(|host| host.to_string() == wanted);
        return match possible && !taken(wanted) {
            true => Ok(wanted.to_owned()),
            false => {
                Err(Failure::invalid(format!("privateIp {wanted} is not free in CIDR {block}")))
            }
        };
    }
    let free = cidr.hosts().map(|host| host.to_string()).find(|host| !taken(host));
    free.ok_or_else(|| {
        let all = cidr.hosts().count();
        Failure::invalid(format!(
            "All {all} non-reserved IP addresses of CIDR {block} have already been allocated"
        ))
    })
}

fn public(world: &World, wanted: &Wanted) -> Result<Option<String>, Failure> {
    match &wanted.reserved {
        Some(id) => public_ip::available(world, id, &wanted.owner).map(|ip| Some(ip.ip_address)),
        None => wanted.public.then(|| public_address(world)).transpose(),
    }
}

/// TEST-NET-3 (RFC 5737): nobody's address, so that traffic cannot stray.
pub(super) fn public_address(world: &World) -> Result<String, Failure> {
    let taken = |ip: &String| {
        world.vnics.values().any(|vnic| vnic.public_ip.as_ref() == Some(ip))
            || world.public_ips.values().any(|reserved| reserved.ip_address == *ip)
    };
    let mut all = (1..=254).map(|n| Ipv4Addr::new(203, 0, 113, n).to_string());
    all.find(|ip| !taken(ip)).ok_or_else(|| Failure::limit("All public addresses are taken"))
}
