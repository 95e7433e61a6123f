use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::*;

fn backend(number: u8) -> Backend {
    let address = SocketAddr::from((Ipv4Addr::new(10, 0, 0, number), 80));
    let state = State::default();
    state.set_healthy(true);
    Backend {
        name: format!("b{number}"),
        address,
        weight: 1,
        drain: false,
        backup: false,
        offline: false,
        most: 0,
        state: Arc::new(state),
        pool: Arc::default(),
    }
}

fn set(policy: Policy, backends: Vec<Backend>) -> Set {
    Set {
        name: "set".to_owned(),
        policy,
        backends,
        persistence: None,
        ssl: None,
        tls: None,
        turn: AtomicUsize::new(0),
    }
}

fn ask(last: u8) -> Asker<'static> {
    Asker { source: Ipv4Addr::new(198, 51, 100, last).into(), tried: &[] }
}

fn counts(set: &Set, requests: usize) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for _ in 0..requests {
        *counts.entry(set.pick(ask(1)).unwrap().name.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn round_robin_follows_the_weights() {
    let heavy = Backend { weight: 3, ..backend(1) };
    let set = set(Policy::RoundRobin, vec![heavy, backend(2)]);
    assert_eq!(counts(&set, 40), BTreeMap::from([("b1", 30), ("b2", 10)]));
}

#[test]
fn draining_offline_unhealthy_and_weightless_backends_get_nothing() {
    let sick = backend(4);
    sick.state.set_healthy(false);
    let backends = vec![
        backend(1),
        Backend { drain: true, ..backend(2) },
        Backend { offline: true, ..backend(3) },
        sick,
        Backend { weight: 0, ..backend(5) },
    ];
    assert_eq!(counts(&set(Policy::RoundRobin, backends), 10), BTreeMap::from([("b1", 10)]));
}

#[test]
fn a_backup_serves_only_when_no_primary_can() {
    let set = set(Policy::RoundRobin, vec![backend(1), Backend { backup: true, ..backend(2) }]);
    assert_eq!(counts(&set, 5), BTreeMap::from([("b1", 5)]));
    set.backends[0].state.set_healthy(false);
    assert_eq!(counts(&set, 5), BTreeMap::from([("b2", 5)]));
    set.backends[1].state.set_healthy(false);
    assert!(set.pick(ask(1)).is_none());
}

#[test]
fn least_connections_takes_the_idlest() {
    let set = set(Policy::LeastConnections, vec![backend(1), backend(2)]);
    let first = set.pick(ask(1)).unwrap().lease();
    assert_eq!(set.pick(ask(1)).unwrap().name, "b2");
    let second = set.backends[1].lease();
    drop(first);
    assert_eq!(set.pick(ask(1)).unwrap().name, "b1");
    drop(second);
}

#[test]
fn one_source_keeps_its_backend_and_sources_spread() {
    let set = set(Policy::IpHash, (1..=3).map(backend).collect());
    let name = |last| set.pick(ask(last)).unwrap().name.clone();
    for last in 0..20 {
        assert_eq!(name(last), name(last));
    }
    let used: std::collections::BTreeSet<_> = (0..100).map(name).collect();
    assert_eq!(used.len(), 3);
}

#[test]
fn a_full_backend_is_passed_over() {
    let set = set(Policy::RoundRobin, vec![Backend { most: 1, ..backend(1) }, backend(2)]);
    let _busy = set.backends[0].lease();
    assert_eq!(counts(&set, 4), BTreeMap::from([("b2", 4)]));
}

#[test]
fn a_session_stays_at_a_draining_backend_until_it_fails() {
    let set = set(Policy::RoundRobin, vec![Backend { drain: true, ..backend(1) }, backend(2)]);
    assert!(set.pick_named("b1", ask(1)).is_some());
    set.backends[0].state.set_healthy(false);
    assert!(set.pick_named("b1", ask(1)).is_none());
}
