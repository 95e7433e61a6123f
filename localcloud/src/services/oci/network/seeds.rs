//! What exists before the first call: the subnets and groups of [`crate::Seed`] with the VCN they need around them.

use super::cidr::Cidr;
use super::shelf::Place;
use super::{gateway, route_table, security_group, subnet, vcn};
use crate::model::network::{
    Common, Gateway, NetworkSecurityGroup, RouteRule, RouteTable, Subnet, Vcn, World,
};
use crate::options::SeedSubnet;
use crate::services::oci::OciService;
use crate::services::oci::failure::Failure;

/// Where groups go when there is no subnet to go with.
const LONELY: &str = "10.0.0.0/16";

/// Makes the seeds that are not there yet.
///
/// # Errors
/// When a seed is not possible, for example overlaps another.
pub(in crate::services::oci) fn seed(service: &OciService) -> Result<(), Failure> {
    let place = Place::of(service);
    let seeds = &service.cloud.options.seed;
    let compartment = seeds.compartments.first().unwrap_or(&service.credentials.tenancy);
    let sower = Sower { place: &place, compartment };
    let seeded = service.cloud.network.try_update(|world| {
        let before: Vec<String> = everything(world).collect();
        for seed in &seeds.subnets {
            sower.subnet(world, seed)?;
        }
        for id in &seeds.network_security_groups {
            sower.group(world, id, seeds.subnets.first())?;
        }
        Ok::<Vec<String>, Failure>(everything(world).filter(|id| !before.contains(id)).collect())
    })?;
    if !seeded.is_empty() {
        service.tenancy.update(|world| world.seeded.extend(seeded));
    }
    Ok(())
}

fn everything(world: &World) -> impl Iterator<Item = String> {
    let gateways = world.internet_gateways.keys().chain(world.nat_gateways.keys());
    let tables = world.route_tables.keys().chain(world.security_lists.keys());
    let rest =
        world.vcns.keys().chain(world.subnets.keys()).chain(world.network_security_groups.keys());
    gateways.chain(tables).chain(rest).map(str::to_owned)
}

struct Sower<'a> {
    place: &'a Place,
    compartment: &'a str,
}

impl Sower<'_> {
    fn common(&self, kind: &str, name: &str) -> Common {
        self.place.common(kind, name, self.compartment)
    }

    fn subnet(&self, world: &mut World, seed: &SeedSubnet) -> Result<(), Failure> {
        if world.subnets.contains_key(&seed.id) {
            return Ok(());
        }
        let vcn = self.vcn(world, &Cidr::parse(&seed.cidr)?.widest())?;
        let name = if seed.public { "public" } else { "private" };
        let table =
            world.route_tables.values().find(|t| t.vcn_id == vcn && t.common.display_name == name);
        let subnet = Subnet {
            common: Common { id: seed.id.clone(), ..self.common("subnet", name) },
            route_table_id: table.map(|t| t.common.id.clone()).unwrap_or_default(),
            vcn_id: vcn,
            cidr_block: seed.cidr.clone(),
            prohibit_public_ip_on_vnic: !seed.public,
            ..Subnet::default()
        };
        subnet::SHELF.put(world, subnet, self.place).map(drop)
    }

    fn group(
        &self,
        world: &mut World,
        id: &str,
        beside: Option<&SeedSubnet>,
    ) -> Result<(), Failure> {
        if world.network_security_groups.contains_key(id) {
            return Ok(());
        }
        let block =
            beside.map_or(Ok(LONELY.to_owned()), |s| Cidr::parse(&s.cidr).map(Cidr::widest))?;
        let group = NetworkSecurityGroup {
            vcn_id: self.vcn(world, &block)?,
            common: Common { id: id.to_owned(), ..self.common("networksecuritygroup", "group") },
            security_rules: Vec::new(),
        };
        security_group::SHELF.put(world, group, self.place).map(drop)
    }

    /// The VCN of a block, with a route table to the internet and one behind a NAT gateway.
    fn vcn(&self, world: &mut World, block: &str) -> Result<String, Failure> {
        if let Some(present) = world.vcns.values().find(|vcn| vcn.cidr_block == block) {
            return Ok(present.common.id.clone());
        }
        let vcn = Vcn {
            common: self.common("vcn", "seed"),
            cidr_blocks: vec![block.to_owned()],
            ..Vcn::default()
        };
        let vcn = vcn::SHELF.put(world, vcn, self.place)?.common.id;
        let made = |kind: &str, name: &str| Gateway {
            common: self.common(kind, name),
            vcn_id: vcn.clone(),
            is_enabled: true,
            ..Gateway::default()
        };
        let internet =
            gateway::INTERNET.put(world, made("internetgateway", "internet"), self.place)?;
        let nat = gateway::NAT.put(world, made("natgateway", "nat"), self.place)?;
        for (name, target) in [("public", internet), ("private", nat)] {
            let rule = RouteRule {
                destination: "0.0.0.0/0".to_owned(),
                network_entity_id: target.common.id,
                ..RouteRule::default()
            };
            let table = RouteTable {
                common: self.common("routetable", name),
                vcn_id: vcn.clone(),
                route_rules: vec![rule],
            };
            route_table::SHELF.put(world, table, self.place)?;
        }
        Ok(vcn)
    }
}
