//! Against a responder on loopback.

use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hickory_proto::rr::rdata::{A, CNAME, NS};
use hickory_proto::rr::{Name, RData, RecordType};

use super::{DnsError, alias, authorities, lookup, resolvers, responder, wait_for_text};

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

#[tokio::test]
async fn every_text_of_a_name_is_read() {
    let (server, zone) = responder::serve().await;
    zone.add("a.example", responder::text("one"));
    zone.add("a.example", responder::text("two"));
    let answer = lookup(server, "a.example", RecordType::TXT).await.unwrap();
    assert_eq!(answer.texts(), ["one", "two"]);
    assert!(answer.authoritative);
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_again_over_tcp() {
    let (server, zone) = responder::serve().await;
    zone.truncates.store(true, Ordering::Relaxed);
    zone.add("a.example", responder::text("long"));
    let answer = lookup(server, "a.example", RecordType::TXT).await.unwrap();
    assert_eq!(answer.texts(), ["long"]);
}

#[tokio::test]
async fn a_value_that_never_comes_is_reported_with_what_is_there() {
    let (server, zone) = responder::serve().await;
    zone.add("a.example", responder::text("old"));
    let waited = wait_for_text(&[server], "a.example", "new", Duration::from_millis(600)).await;
    let error = waited.unwrap_err();
    assert!(
        matches!(&error, DnsError::NotPropagated { found, .. } if found == "it has old"),
        "{error}"
    );
}

#[tokio::test]
async fn a_value_that_comes_late_is_waited_for() {
    let (server, zone) = responder::serve().await;
    let servers = [server];
    let waiting = wait_for_text(&servers, "a.example", "new", Duration::from_secs(10));
    let publishing = async {
        tokio::task::yield_now().await;
        zone.add("a.example", responder::text("new"));
    };
    let (waited, ()) = tokio::join!(waiting, publishing);
    assert!(waited.is_ok());
}

#[tokio::test]
async fn name_servers_are_found_at_the_nearest_ancestor() {
    let (server, zone) = responder::serve().await;
    zone.add("example.com", RData::NS(NS(name("ns1.example.net."))));
    zone.add("ns1.example.net", RData::A(A(Ipv4Addr::new(192, 0, 2, 1))));
    let found = authorities(&[server], "_acme-challenge.www.example.com").await.unwrap();
    assert_eq!(found, ["192.0.2.1:53".parse().unwrap()]);
    assert!(matches!(
        authorities(&[server], "other.example").await,
        Err(DnsError::NoAuthority { .. })
    ));
}

#[tokio::test]
async fn aliases_are_followed_to_their_end() {
    let (server, zone) = responder::serve().await;
    zone.add("a.example", RData::CNAME(CNAME(name("b.example."))));
    zone.add("b.example", RData::CNAME(CNAME(name("c.example."))));
    assert_eq!(alias(&[server], "a.example").await.unwrap(), "c.example");
}

#[test]
fn resolv_conf_names_the_resolvers() {
    let text = "# comment\nsearch example\nnameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver fe80::1%eth0\n";
    let found = resolvers(text);
    assert_eq!(found, ["192.0.2.1:53".parse().unwrap(), "[2001:db8::1]:53".parse().unwrap()]);
}
