//! From a name to an origin, as a pure function.

use std::net::IpAddr;

use crate::edge::broken::Broken;
use crate::edge::route;
use crate::model::zone::{Record, World, Zone};

fn origin(records: &[(&str, &str, &str)], host: &str, seed: u64) -> Result<IpAddr, Broken> {
    let (name, status) = ("example.org".to_owned(), "active".to_owned());
    let mut zone = Zone { name, status, ..Zone::default() };
    for (index, (name, kind, content)) in records.iter().enumerate() {
        let (kind, proxied) = kind.strip_suffix('!').map_or((*kind, false), |k| (k, true));
        let (name, kind, content) = ((*name).to_owned(), kind.to_owned(), (*content).to_owned());
        let record = Record { name, kind, content, proxied, ..Record::default() };
        zone.records.insert(index.to_string(), record);
    }
    let mut world = World::default();
    world.zones.insert("z".to_owned(), zone.clone());
    route::origin(&world, &zone, host, seed)
}

#[test]
fn several_addresses_are_shared_among_visitors() {
    let records = [("example.org", "A!", "192.0.2.1"), ("example.org", "A!", "192.0.2.2")];
    let at = |seed| origin(&records, "example.org", seed).unwrap().to_string();
    assert_eq!((at(0), at(1), at(2)), ("192.0.2.1".into(), "192.0.2.2".into(), "192.0.2.1".into()));
}

#[test]
fn an_ipv6_address_is_used_when_there_is_no_other() {
    let both = [("example.org", "AAAA!", "2001:db8::1"), ("example.org", "A!", "192.0.2.2")];
    assert!(origin(&both, "example.org", 7).unwrap().is_ipv4());
    assert!(origin(&both[..1], "example.org", 7).unwrap().is_ipv6());
}

#[test]
fn a_proxied_wildcard_covers_unknown_hosts() {
    let records = [("*.example.org", "A!", "192.0.2.1"), ("known.example.org", "A", "192.0.2.2")];
    assert_eq!(origin(&records, "any.example.org", 0).unwrap().to_string(), "192.0.2.1");
    assert!(matches!(origin(&records, "known.example.org", 0), Err(Broken::NoHost { .. })));
}

#[test]
fn a_circle_of_aliases_ends() {
    let records = [
        ("a.example.org", "CNAME!", "b.example.org"),
        ("b.example.org", "CNAME!", "a.example.org"),
    ];
    assert!(matches!(origin(&records, "a.example.org", 0), Err(Broken::Unresolved { .. })));
}
