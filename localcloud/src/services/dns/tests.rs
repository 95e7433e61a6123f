//! Answers as data, and as octets over both protocols.

mod wire;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;

use super::resolve::{Answer, resolve};
use crate::model::zone::{Record, World, Zone};

pub(super) fn world(records: &[(&str, &str, &str)]) -> World {
    let mut zone = Zone {
        id: "z".to_owned(),
        name: "codeharmony.net".to_owned(),
        status: "active".to_owned(),
        name_servers: vec!["ada.ns.cloudflare.com".to_owned(), "bob.ns.cloudflare.com".to_owned()],
        modified_on: "2026-11-22T10:00:00.000000Z".to_owned(),
        ..Zone::default()
    };
    for (index, (name, kind, content)) in records.iter().enumerate() {
        let (kind, proxied) = kind.strip_suffix('!').map_or((*kind, false), |k| (k, true));
        let record = Record {
            id: index.to_string(),
            name: name.replace('@', "codeharmony.net"),
            kind: kind.to_owned(),
            content: (*content).to_owned(),
            ttl: 1,
            proxied,
            ..Record::default()
        };
        zone.records.insert(record.id.clone(), record);
    }
    let mut world = World::default();
    world.zones.insert(zone.id.clone(), zone);
    world
}

fn ask(world: &World, name: &str, kind: RecordType) -> Answer {
    resolve(world, &super::data::name(name).unwrap(), kind)
}

fn rows(answer: &Answer) -> Vec<String> {
    answer.answers.iter().map(|r| format!("{} {} {}", r.name, r.record_type(), r.data)).collect()
}

#[test]
fn an_unproxied_name_answers_with_its_own_address() {
    let answer = ask(&world(&[("www.@", "A", "192.0.2.1")]), "www.codeharmony.net", RecordType::A);
    assert_eq!(rows(&answer), ["www.codeharmony.net. A 192.0.2.1"]);
    assert!(answer.authoritative);
    assert_eq!(answer.answers[0].ttl, 300);
}

#[test]
fn a_proxied_name_answers_with_the_edge() {
    let world = world(&[("www.@", "A!", "192.0.2.1"), ("www.@", "TXT", "hello")]);
    for (kind, count) in [(RecordType::A, 2), (RecordType::AAAA, 2), (RecordType::TXT, 1)] {
        assert_eq!(ask(&world, "www.codeharmony.net", kind).answers.len(), count, "{kind}");
    }
    let answer = ask(&world, "www.codeharmony.net", RecordType::A);
    let ips: Vec<_> = answer.answers.iter().filter_map(|r| r.data.ip_addr()).collect();
    assert!(ips.iter().all(|ip| world.ranges.contains(*ip)), "{ips:?}");
}

#[test]
fn a_zone_that_is_not_active_gives_out_its_origin() {
    let mut world = world(&[("www.@", "A!", "192.0.2.1")]);
    world.zones.get_mut("z").unwrap().status = "pending".to_owned();
    let answer = ask(&world, "www.codeharmony.net", RecordType::A);
    assert_eq!(rows(&answer), ["www.codeharmony.net. A 192.0.2.1"]);
}

#[test]
fn a_name_without_the_type_is_not_a_missing_name() {
    let world = world(&[("www.@", "A", "192.0.2.1"), ("a.b.@", "A", "192.0.2.1")]);
    for (name, code) in [
        ("www", ResponseCode::NoError),
        ("b", ResponseCode::NoError),
        ("x", ResponseCode::NXDomain),
        ("x.www", ResponseCode::NXDomain),
    ] {
        let answer = ask(&world, &format!("{name}.codeharmony.net"), RecordType::TXT);
        assert_eq!(answer.code, code, "{name}");
        assert!(answer.answers.is_empty());
        assert_eq!(answer.authorities[0].record_type(), RecordType::SOA, "{name}");
    }
}

#[test]
fn a_wildcard_covers_names_that_do_not_exist() {
    let world =
        world(&[("*.w.@", "A", "192.0.2.1"), ("own.w.@", "TXT", "x"), ("*.@", "A", "192.0.2.9")]);
    let ask = |name: &str, kind| ask(&world, &format!("{name}.codeharmony.net"), kind);
    assert_eq!(rows(&ask("a.w", RecordType::A)), ["a.w.codeharmony.net. A 192.0.2.1"]);
    assert_eq!(rows(&ask("a.b.w", RecordType::A)), ["a.b.w.codeharmony.net. A 192.0.2.1"]);
    assert_eq!(ask("a.w", RecordType::CAA).code, ResponseCode::NoError);
    // A name that exists is not covered, nor is anything below it.
    assert!(rows(&ask("own.w", RecordType::A)).is_empty());
    assert_eq!(ask("a.own.w", RecordType::A).code, ResponseCode::NXDomain);
}

#[test]
fn aliases_are_followed_as_long_as_they_stay_here() {
    let world = world(&[
        ("a.@", "CNAME", "b.codeharmony.net"),
        ("b.@", "CNAME", "c.codeharmony.net"),
        ("c.@", "A", "192.0.2.1"),
        ("out.@", "CNAME", "elsewhere.example"),
        ("gone.@", "CNAME", "nowhere.codeharmony.net"),
        ("one.@", "CNAME", "two.codeharmony.net"),
        ("two.@", "CNAME", "one.codeharmony.net"),
    ]);
    let ask = |name: &str, kind| ask(&world, &format!("{name}.codeharmony.net"), kind);
    assert_eq!(ask("a", RecordType::A).answers.len(), 3);
    assert_eq!(ask("a", RecordType::CNAME).answers.len(), 1);
    assert_eq!(rows(&ask("out", RecordType::A)), ["out.codeharmony.net. CNAME elsewhere.example."]);
    assert_eq!(ask("gone", RecordType::A).code, ResponseCode::NXDomain);
    assert!(ask("one", RecordType::A).answers.len() <= 8);
}

#[test]
fn an_alias_at_the_apex_is_flattened() {
    let world = world(&[
        ("@", "CNAME", "www.codeharmony.net"),
        ("@", "TXT", "v=spf1 -all"),
        ("www.@", "A", "192.0.2.1"),
    ]);
    let ask = |kind| ask(&world, "codeharmony.net", kind);
    assert_eq!(rows(&ask(RecordType::A)), ["codeharmony.net. A 192.0.2.1"]);
    assert_eq!(rows(&ask(RecordType::TXT)), ["codeharmony.net. TXT v=spf1 -all"]);
    assert_eq!(ask(RecordType::NS).answers.len(), 2);
}

#[test]
fn names_of_other_zones_are_refused() {
    let answer = ask(&world(&[]), "example.org", RecordType::A);
    assert_eq!((answer.code, answer.authoritative), (ResponseCode::Refused, false));
    assert_eq!(ask(&world(&[]), "xcodeharmony.net", RecordType::A).code, ResponseCode::Refused);
}

#[test]
fn a_delegated_name_is_referred() {
    let world = world(&[("sub.@", "NS", "ns1.example.org")]);
    let answer = ask(&world, "deep.sub.codeharmony.net", RecordType::A);
    assert!(!answer.authoritative);
    assert_eq!(answer.authorities[0].record_type(), RecordType::NS);
}

#[test]
fn a_text_loses_one_pair_of_quotes_and_is_cut_into_strings() {
    let long = "x".repeat(300);
    let world = world(&[
        ("q.@", "TXT", "\"token\""),
        ("l.@", "TXT", &long),
        ("two.@", "TXT", "\"one \" \"text\""),
    ]);
    let answer = ask(&world, "two.codeharmony.net", RecordType::TXT);
    assert_eq!(rows(&answer), ["two.codeharmony.net. TXT one text"]);
    let answer = ask(&world, "q.codeharmony.net", RecordType::TXT);
    assert_eq!(rows(&answer), ["q.codeharmony.net. TXT token"]);
    let answer = ask(&world, "l.codeharmony.net", RecordType::TXT);
    let hickory_proto::rr::RData::TXT(text) = &answer.answers[0].data else { panic!("a text") };
    assert_eq!(text.txt_data.iter().map(|s| s.len()).collect::<Vec<_>>(), [255, 45]);
}

#[test]
fn an_authorization_keeps_its_issuer_without_a_final_dot() {
    let world = world(&[("@", "CAA", "0 issue \"letsencrypt.org\"")]);
    let answer = ask(&world, "codeharmony.net", RecordType::CAA);
    let hickory_proto::rr::RData::CAA(caa) = &answer.answers[0].data else { panic!("a CAA") };
    assert_eq!((caa.tag.as_str(), caa.value.as_slice()), ("issue", b"letsencrypt.org".as_slice()));
}
