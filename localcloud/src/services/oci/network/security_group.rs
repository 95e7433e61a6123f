//! Network security groups: rules for the VNICs that are in them.

use serde_json::{Value, json};

use super::cidr::Cidr;
use super::shelf::{Place, Shelf};
use super::vcn;
use crate::ids;
use crate::model::network::{NetworkSecurityGroup, SecurityRule, World};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, json as to_json};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;

pub(super) const SHELF: Shelf<NetworkSecurityGroup> = Shelf {
    kind: "networksecuritygroup",
    title: "network security group",
    items: |world| &world.network_security_groups,
    items_mut: |world| &mut world.network_security_groups,
    settle: |world, group, _: &Place| vcn::SHELF.find(world, &group.vcn_id).map(drop),
    release,
};

const MOST_RULES_PER_CALL: usize = 25;
const MOST_RULES: usize = 120;

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    match call.name() {
        "add_network_security_group_security_rules" => add(service, call),
        "update_network_security_group_security_rules" => update(service, call),
        "remove_network_security_group_security_rules" => remove(service, call),
        "list_network_security_group_security_rules" => {
            let group = SHELF.find(&service.cloud.network.read(), call.subject())?;
            listing::bare(call, group.security_rules.iter().map(to_json).collect())
        }
        "list_network_security_group_vnics" => vnics(service, call),
        _ => Err(Failure::not_implemented(&call.operation.title())),
    }
}

fn add(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let mut added: Vec<SecurityRule> = rules(call)?;
    let now = service.cloud.clock.stamp();
    change(service, call, |world, group| {
        if group.security_rules.len() + added.len() > MOST_RULES {
            return Err(Failure::limit(format!(
                "A network security group has at most {MOST_RULES} rules"
            )));
        }
        for rule in &mut added {
            check_rule(world, rule, "")?;
            rule.id = Some(ids::hex::<3>().to_ascii_uppercase());
            rule.is_valid = Some(true);
            rule.time_created = Some(now.clone());
            group.security_rules.push(rule.clone());
        }
        Ok(())
    })?;
    Ok(Answer::shows(&json!({"securityRules": added})))
}

fn update(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let mut updated: Vec<SecurityRule> = rules(call)?;
    change(service, call, |world, group| {
        for rule in &mut updated {
            check_rule(world, rule, "")?;
            let id = rule.id.clone().unwrap_or_default();
            let present = group.security_rules.iter_mut().find(|present| present.id == rule.id);
            let present =
                present.ok_or_else(|| Failure::not_found(format_args!("security rule {id}")))?;
            rule.is_valid = Some(true);
            rule.time_created = present.time_created.take();
            *present = rule.clone();
        }
        Ok(())
    })?;
    Ok(Answer::shows(&json!({"securityRules": updated})))
}

fn remove(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let ids = call.texts("securityRuleIds");
    change(service, call, |_, group| {
        let present =
            |id: &String| group.security_rules.iter().any(|rule| rule.id.as_ref() == Some(id));
        if let Some(absent) = ids.iter().find(|id| !present(id)) {
            return Err(Failure::not_found(format_args!("security rule {absent}")));
        }
        group.security_rules.retain(|rule| !rule.id.as_ref().is_some_and(|id| ids.contains(id)));
        Ok(())
    })?;
    Ok(Answer::empty())
}

fn rules(call: &Call) -> Result<Vec<SecurityRule>, Failure> {
    let rules: Vec<SecurityRule> = call.field("securityRules")?;
    if rules.len() > MOST_RULES_PER_CALL {
        return Err(Failure::invalid(format!(
            "securityRules: at most {MOST_RULES_PER_CALL} rules in one call"
        )));
    }
    Ok(rules)
}

/// Changes one group; the etag of a group does not change with its rules.
fn change(
    service: &OciService,
    call: &Call,
    change: impl FnOnce(&World, &mut NetworkSecurityGroup) -> Result<(), Failure>,
) -> Result<(), Failure> {
    service.cloud.network.try_update(|world| {
        let mut group = SHELF.find(world, call.subject())?;
        change(world, &mut group)?;
        world.network_security_groups.insert(group.common.id.clone(), group);
        Ok(())
    })
}

/// Checks a rule and fills the vendor's defaults; `direction` is that of the list it is in, empty for a group's rule.
///
/// # Errors
/// A 400 that says what the rule lacks.
pub(super) fn check_rule(
    world: &World,
    rule: &mut SecurityRule,
    direction: &str,
) -> Result<(), Failure> {
    let ingress =
        if direction.is_empty() { rule.direction == "INGRESS" } else { direction == "INGRESS" };
    let (name, end, kind) = if ingress {
        ("source", &rule.source, &mut rule.source_type)
    } else {
        ("destination", &rule.destination, &mut rule.destination_type)
    };
    let end = end
        .as_deref()
        .ok_or_else(|| Failure::missing(format!("Missing required field '{name}' of a rule")))?;
    match kind.get_or_insert_with(|| "CIDR_BLOCK".to_owned()).as_str() {
        // IPv6 prefixes are accepted as text: Cloudflare publishes some, and no address here matches them.
        "CIDR_BLOCK" if !end.contains(':') => drop(Cidr::parse(end)?),
        "NETWORK_SECURITY_GROUP" => drop(SHELF.find(world, end)?),
        _ => {}
    }
    if rule.protocol != "all" && rule.protocol.parse::<u8>().is_err() {
        return Err(Failure::invalid(format!(
            "protocol '{}' is neither 'all' nor a number",
            rule.protocol
        )));
    }
    let options = [(&rule.tcp_options, "6", "tcpOptions"), (&rule.udp_options, "17", "udpOptions")];
    for (options, protocol, name) in options {
        let Some(options) = options else { continue };
        if rule.protocol != protocol {
            return Err(Failure::invalid(format!("{name} is for protocol {protocol} only")));
        }
        let ranges = [options.destination_port_range, options.source_port_range];
        if ranges.into_iter().flatten().any(|range| range.min > range.max) {
            return Err(Failure::invalid(format!("{name}: min is greater than max")));
        }
    }
    rule.is_stateless.get_or_insert(false);
    Ok(())
}

fn vnics(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let world = service.cloud.network.read();
    SHELF.find(&world, call.subject())?;
    let inside =
        world.vnics.values().filter(|vnic| vnic.nsg_ids.iter().any(|id| id == call.subject()));
    let shown: Vec<Value> = inside
        .map(|vnic| {
            json!({"vnicId": vnic.common.id, "resourceId": vnic.owner_id, "timeAssociated": vnic.common.time_created})
        })
        .collect();
    listing::bare(call, shown)
}

fn release(world: &mut World, group: &NetworkSecurityGroup) -> Result<(), Failure> {
    let id = &group.common.id;
    match world.vnics.values().find(|vnic| vnic.nsg_ids.contains(id)) {
        Some(vnic) => Err(Failure::referenced("NetworkSecurityGroup", id, "VNIC", &vnic.common.id)),
        None => Ok(()),
    }
}
