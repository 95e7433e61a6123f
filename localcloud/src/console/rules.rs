//! Whom the rules of the network let in to a load balancer.

use std::collections::{BTreeMap, BTreeSet};

use super::Sight;
use crate::model::load_balancer::LoadBalancer;
use crate::model::network::SecurityRule;

/// A line for each set of ports: what is let in, and from where.
pub(super) fn admitted(sight: &Sight<'_>, balancer: &LoadBalancer) -> Vec<String> {
    let mut sources: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for rule in ingress(sight, balancer) {
        sources.entry(ports(rule)).or_default().insert(rule.source.as_deref().unwrap_or("nobody"));
    }
    sources
        .iter()
        .map(|(ports, sources)| format!("{ports} from {}", from(sight, sources)))
        .collect()
}

fn ingress<'a>(
    sight: &Sight<'a>,
    balancer: &'a LoadBalancer,
) -> impl Iterator<Item = &'a SecurityRule> {
    let world = sight.network;
    let groups = balancer.network_security_group_ids.iter();
    let of_groups = groups
        .filter_map(|id| world.network_security_groups.get(id))
        .flat_map(|group| &group.security_rules)
        .filter(|rule| rule.direction == "INGRESS");
    let subnets = balancer.subnet_ids.iter().filter_map(|id| world.subnets.get(id));
    let of_lists = subnets
        .flat_map(|subnet| &subnet.security_list_ids)
        .filter_map(|id| world.security_lists.get(id))
        .flat_map(|list| &list.ingress_security_rules);
    of_groups.chain(of_lists)
}

fn ports(rule: &SecurityRule) -> String {
    let protocol = match rule.protocol.as_str() {
        "6" => "TCP",
        "17" => "UDP",
        "1" | "58" => "ICMP",
        "all" => "everything",
        other => other,
    };
    let options = rule.tcp_options.as_ref().or(rule.udp_options.as_ref());
    match options.and_then(|options| options.destination_port_range) {
        Some(range) if range.min == range.max => format!("{protocol} {}", range.min),
        Some(range) => format!("{protocol} {}–{}", range.min, range.max),
        None => protocol.to_owned(),
    }
}

/// The ranges of the edge are said in one word, and so are many others.
fn from(sight: &Sight<'_>, sources: &BTreeSet<&str>) -> String {
    let ranges = &sight.zones.ranges;
    let is_edge = |source: &&&str| {
        let mut known = ranges.ipv4_cidrs.iter().chain(&ranges.ipv6_cidrs);
        known.any(|range| range == **source)
    };
    let edge = sources.iter().filter(is_edge).count();
    let others: Vec<&str> = sources.iter().filter(|source| !is_edge(source)).copied().collect();
    let mut words = Vec::new();
    if edge > 0 {
        words.push(format!("the edge ({edge} ranges)"));
    }
    match others.as_slice() {
        [] => {}
        [source] => words.push(group(sight, source)),
        several => words.push(format!("{} other sources", several.len())),
    }
    words.join(" and ")
}

/// A group by its name, a range as it is.
fn group(sight: &Sight<'_>, source: &str) -> String {
    let found = sight.network.network_security_groups.get(source);
    match (source, found) {
        ("0.0.0.0/0" | "::/0", _) => "everywhere".to_owned(),
        (_, Some(group)) => group.common.display_name.clone(),
        _ => source.to_owned(),
    }
}
