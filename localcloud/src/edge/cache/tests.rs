//! The shelves: bounded, purged, and never filled with what was asked for before a purge.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use time::OffsetDateTime;

use super::purge::{Address, Purge};
use super::stored::Stored;
use super::{Cache, Key};

fn key(path: &str) -> Key {
    Key {
        zone: "z".to_owned(),
        scheme: "https",
        host: "a.example".to_owned(),
        path: path.to_owned(),
        query: None,
        codings: String::new(),
    }
}

fn stored(bytes: usize) -> Arc<Stored> {
    let mut headers = HeaderMap::new();
    headers.insert("cache-tag", "one, two".parse().unwrap());
    let now = OffsetDateTime::UNIX_EPOCH;
    let body = Bytes::from(vec![0; bytes]);
    Arc::new(Stored { status: StatusCode::OK, headers, body, since: now, until: now })
}

fn has(cache: &Cache, path: &str) -> bool {
    cache.find(&key(path)).0.is_some()
}

#[test]
fn what_was_asked_for_longest_ago_makes_room() {
    let cache = Cache::with_room(10_000);
    let epoch = cache.find(&key("/a")).1;
    for path in ["/a", "/b", "/c"] {
        cache.keep(key(path), stored(2500), epoch);
    }
    assert!(has(&cache, "/a"));
    cache.keep(key("/d"), stored(2500), epoch);
    let left = ["/a", "/b", "/c", "/d"].map(|path| has(&cache, path));
    assert_eq!(left, [true, false, true, true]);
    assert!(cache.shelves().bytes <= 10_000);
    cache.keep(key("/whale"), stored(20_000), epoch);
    assert!(!has(&cache, "/whale") && has(&cache, "/d"));
}

#[test]
fn what_was_asked_for_before_a_purge_is_not_kept_after_it() {
    let cache = Cache::default();
    let epoch = cache.find(&key("/a")).1;
    cache.purge("z", &Purge::Everything);
    cache.keep(key("/a"), stored(1), epoch);
    assert!(!has(&cache, "/a"));
}

#[test]
fn a_purge_takes_what_it_names_and_nothing_else() {
    let file = |url: &str| Purge::Files(vec![Address::parse(url).unwrap()]);
    let list = |text: &str| vec![text.to_owned()];
    for (purge, goes) in [
        (Purge::Everything, true),
        (file("https://A.example/css/x"), true),
        (file("http://a.example/css/x"), false),
        (file("https://a.example/css/x?q"), false),
        (Purge::Prefixes(list("a.example/css")), true),
        (Purge::Prefixes(list("a.example")), true),
        (Purge::Prefixes(list("a.example/cs")), false),
        (Purge::Hosts(list("a.example")), true),
        (Purge::Hosts(list("b.example")), false),
        (Purge::Tags(list("TWO")), true),
        (Purge::Tags(list("three")), false),
    ] {
        let cache = Cache::default();
        cache.keep(key("/css/x"), stored(1), cache.find(&key("/css/x")).1);
        cache.purge("other", &purge);
        assert!(has(&cache, "/css/x"), "of another zone: {purge:?}");
        cache.purge("z", &purge);
        assert_eq!(!has(&cache, "/css/x"), goes, "{purge:?}");
        assert_eq!(cache.shelves().by_turn.is_empty(), goes, "{purge:?}");
    }
}
