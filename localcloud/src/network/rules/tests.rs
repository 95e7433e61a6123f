use std::net::IpAddr;

use super::*;
use crate::model::network::{Common, PortOptions, PortRange, RouteRule, RouteTable, SecurityList};

/// A load balancer (10.0.0.5, public 203.0.113.5) in group `edge` and an app (10.0.1.7) in group `app`; only
/// 173.245.48.0/20 may reach the first on 443, only group `edge` the second on 8080.
fn world() -> World {
    let mut world = World::default();
    for (id, public) in [("front", true), ("back", false)] {
        let subnet = Subnet {
            common: Common { id: id.to_owned(), ..Common::default() },
            vcn_id: "vcn".to_owned(),
            route_table_id: format!("{id}-routes"),
            security_list_ids: vec![format!("{id}-list")],
            prohibit_public_ip_on_vnic: !public,
            ..Subnet::default()
        };
        world.subnets.insert(id.to_owned(), subnet);
        world.security_lists.insert(format!("{id}-list"), SecurityList::default());
    }
    lead(&mut world, "front-routes", "igw");
    world.internet_gateways.insert("igw".to_owned(), gateway());
    vnic(&mut world, "front", "10.0.0.5", Some("203.0.113.5"), "edge");
    vnic(&mut world, "back", "10.0.1.7", None, "app");
    allow(&mut world, "edge", ingress("CIDR_BLOCK", "173.245.48.0/20", 443));
    allow(&mut world, "edge", egress("NETWORK_SECURITY_GROUP", "app", 8080));
    allow(&mut world, "app", ingress("NETWORK_SECURITY_GROUP", "edge", 8080));
    world
}

fn gateway() -> Gateway {
    Gateway { is_enabled: true, ..Gateway::default() }
}

fn lead(world: &mut World, table: &str, gateway: &str) {
    let rule = RouteRule {
        destination: "0.0.0.0/0".to_owned(),
        network_entity_id: gateway.to_owned(),
        ..RouteRule::default()
    };
    let table_of_one = RouteTable { route_rules: vec![rule], ..RouteTable::default() };
    world.route_tables.insert(table.to_owned(), table_of_one);
}

fn vnic(world: &mut World, subnet: &str, private: &str, public: Option<&str>, group: &str) {
    let vnic = Vnic {
        owner_id: format!("owner-{private}"),
        subnet_id: subnet.to_owned(),
        nsg_ids: vec![group.to_owned()],
        private_ip: private.to_owned(),
        public_ip: public.map(str::to_owned),
        ..Vnic::default()
    };
    world.vnics.insert(private.to_owned(), vnic);
    world.network_security_groups.get_or_insert_with(group, Default::default);
}

fn allow(world: &mut World, group: &str, rule: SecurityRule) {
    world.network_security_groups.get_mut(group).unwrap().security_rules.push(rule);
}

fn tcp(port: u16) -> SecurityRule {
    let range = PortRange { min: port, max: port };
    let options = PortOptions { destination_port_range: Some(range), source_port_range: None };
    SecurityRule { protocol: "6".to_owned(), tcp_options: Some(options), ..SecurityRule::default() }
}

fn ingress(kind: &str, source: &str, port: u16) -> SecurityRule {
    SecurityRule {
        direction: "INGRESS".to_owned(),
        source: Some(source.to_owned()),
        source_type: Some(kind.to_owned()),
        ..tcp(port)
    }
}

fn egress(kind: &str, destination: &str, port: u16) -> SecurityRule {
    SecurityRule {
        direction: "EGRESS".to_owned(),
        destination: Some(destination.to_owned()),
        destination_type: Some(kind.to_owned()),
        ..tcp(port)
    }
}

fn passes(world: &World, source: &str, destination: &str, port: u16) -> bool {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let flow = Flow { source: address(source), destination: address(destination), port };
    judge(world, flow) == Verdict::Allowed
}

#[test]
fn only_the_named_range_and_port_reach_the_public_address() {
    let world = world();
    for (source, port, expected) in [
        ("173.245.48.1", 443, true),
        ("173.245.63.255", 443, true),
        ("173.245.48.1", 80, false),
        ("198.51.100.1", 443, false),
        ("127.0.0.1", 443, false),
    ] {
        assert_eq!(passes(&world, source, "203.0.113.5", port), expected, "{source} {port}");
    }
}

#[test]
fn the_internet_cannot_reach_a_private_address() {
    let mut world = world();
    allow(&mut world, "edge", ingress("CIDR_BLOCK", "0.0.0.0/0", 443));
    assert!(!passes(&world, "198.51.100.1", "10.0.0.5", 443));
}

#[test]
fn a_group_may_be_the_source_of_a_rule() {
    let world = world();
    assert!(passes(&world, "10.0.0.5", "10.0.1.7", 8080));
    assert!(!passes(&world, "10.0.1.7", "10.0.0.5", 8080));
}

#[test]
fn egress_is_needed_as_well_as_ingress() {
    let mut world = world();
    world.network_security_groups.get_mut("edge").unwrap().security_rules.pop();
    assert!(!passes(&world, "10.0.0.5", "10.0.1.7", 8080));
}

#[test]
fn a_security_list_allows_what_no_group_allows() {
    let mut world = world();
    let list = world.security_lists.get_mut("front-list").unwrap();
    list.ingress_security_rules.push(ingress("CIDR_BLOCK", "0.0.0.0/0", 22));
    assert!(passes(&world, "198.51.100.1", "203.0.113.5", 22));
}

#[test]
fn a_public_address_needs_a_route_to_an_enabled_gateway() {
    let mut closed = world();
    closed.internet_gateways.get_mut("igw").unwrap().is_enabled = false;
    let mut unrouted = world();
    unrouted.route_tables.retain(|_, _| false);
    let mut prohibited = world();
    prohibited.subnets.get_mut("front").unwrap().prohibit_public_ip_on_vnic = true;
    for world in [closed, unrouted, prohibited] {
        assert!(!passes(&world, "173.245.48.1", "203.0.113.5", 443));
    }
}

#[test]
fn through_a_nat_gateway_the_source_is_the_gateways_address() {
    let mut world = world();
    lead(&mut world, "back-routes", "nat");
    let nat = Gateway { nat_ip: Some("173.245.50.9".to_owned()), ..Gateway::default() };
    world.nat_gateways.insert("nat".to_owned(), nat);
    assert!(!passes(&world, "10.0.1.7", "203.0.113.5", 443), "no egress rule yet");
    allow(&mut world, "app", egress("CIDR_BLOCK", "0.0.0.0/0", 443));
    assert!(passes(&world, "10.0.1.7", "203.0.113.5", 443));
    world.nat_gateways.get_mut("nat").unwrap().block_traffic = true;
    assert!(!passes(&world, "10.0.1.7", "203.0.113.5", 443));
}

#[test]
fn vcns_are_apart() {
    let mut world = world();
    world.subnets.get_mut("back").unwrap().vcn_id = "other".to_owned();
    assert!(!passes(&world, "10.0.0.5", "10.0.1.7", 8080));
}

#[test]
fn a_terminated_interface_has_no_address() {
    let mut world = world();
    world.vnics.get_mut("10.0.0.5").unwrap().common.lifecycle_state = "TERMINATED".to_owned();
    assert!(!passes(&world, "173.245.48.1", "203.0.113.5", 443));
}

#[test]
fn all_protocols_include_tcp_and_udp_does_not() {
    for (protocol, expected) in [("all", true), ("6", true), ("17", false), ("1", false)] {
        let mut world = world();
        let rule = SecurityRule {
            protocol: protocol.to_owned(),
            tcp_options: None,
            ..ingress("CIDR_BLOCK", "198.51.100.0/24", 0)
        };
        allow(&mut world, "edge", rule);
        assert_eq!(passes(&world, "198.51.100.1", "203.0.113.5", 9), expected, "{protocol}");
    }
}

#[test]
fn a_denial_names_what_blocks() {
    let flow = Flow {
        source: "198.51.100.1".parse().unwrap(),
        destination: "203.0.113.5".parse().unwrap(),
        port: 443,
    };
    let Verdict::Denied { why } = judge(&world(), flow) else { panic!("allowed") };
    assert_eq!(
        why,
        "no INGRESS rule of edge, front-list allows tcp 443 from 198.51.100.1 at 10.0.0.5"
    );
}
