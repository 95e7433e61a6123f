//! Security lists: the rules that hold for every VNIC of a subnet.

use serde_json::json;

use super::security_group::check_rule;
use super::shelf::{Place, Shelf};
use super::vcn;
use crate::model::network::{
    Common, PortOptions, PortRange, SecurityList, SecurityRule, Vcn, World,
};
use crate::services::oci::failure::Failure;

pub(super) const SHELF: Shelf<SecurityList> = Shelf {
    kind: "securitylist",
    title: "security list",
    items: |world| &world.security_lists,
    items_mut: |world| &mut world.security_lists,
    settle,
    release,
};

const MOST_RULES: usize = 200;

fn settle(world: &mut World, list: &mut SecurityList, _place: &Place) -> Result<(), Failure> {
    vcn::SHELF.find(world, &list.vcn_id)?;
    for (direction, rules) in
        [("INGRESS", &mut list.ingress_security_rules), ("EGRESS", &mut list.egress_security_rules)]
    {
        if rules.len() > MOST_RULES {
            return Err(Failure::limit(format!(
                "A security list has at most {MOST_RULES} rules each way"
            )));
        }
        for rule in rules {
            check_rule(world, rule, direction)?;
            // A list's rules have no direction of their own: it is the list they are in.
            rule.direction.clear();
        }
    }
    Ok(())
}

fn release(world: &mut World, list: &SecurityList) -> Result<(), Failure> {
    let id = &list.common.id;
    if let Some(vcn) = world.vcns.values().find(|vcn| vcn.default_security_list_id == *id) {
        return Err(Failure::referenced("SecurityList", id, "VCN", &vcn.common.id));
    }
    match world.subnets.values().find(|subnet| subnet.security_list_ids.contains(id)) {
        Some(subnet) => Err(Failure::referenced("SecurityList", id, "Subnet", &subnet.common.id)),
        None => Ok(()),
    }
}

/// What the vendor puts in every VCN: SSH from anywhere, path MTU discovery, everything out.
pub(super) fn default(common: Common, vcn: &Vcn) -> SecurityList {
    let ingress = |protocol: &str, source: &str| SecurityRule {
        protocol: protocol.to_owned(),
        source: Some(source.to_owned()),
        source_type: Some("CIDR_BLOCK".to_owned()),
        is_stateless: Some(false),
        ..SecurityRule::default()
    };
    let ssh = PortOptions {
        destination_port_range: Some(PortRange { min: 22, max: 22 }),
        source_port_range: None,
    };
    let mut rules = vec![
        SecurityRule { tcp_options: Some(ssh), ..ingress("6", "0.0.0.0/0") },
        SecurityRule {
            icmp_options: Some(json!({"type": 3, "code": 4})),
            ..ingress("1", "0.0.0.0/0")
        },
    ];
    let inside = vcn.cidr_blocks.iter();
    rules.extend(inside.map(|block| SecurityRule {
        icmp_options: Some(json!({"type": 3})),
        ..ingress("1", block)
    }));
    let egress = SecurityRule {
        protocol: "all".to_owned(),
        destination: Some("0.0.0.0/0".to_owned()),
        destination_type: Some("CIDR_BLOCK".to_owned()),
        is_stateless: Some(false),
        ..SecurityRule::default()
    };
    SecurityList {
        common,
        vcn_id: vcn.common.id.clone(),
        ingress_security_rules: rules,
        egress_security_rules: vec![egress],
    }
}
