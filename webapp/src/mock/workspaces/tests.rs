use std::env::VarError;

use super::*;

fn workspaces(domain: &str) -> Workspaces {
    let settings = Settings::read(|name| match name {
        "MOCK_DOMAIN" => Ok(domain.to_owned()),
        _ => Err(VarError::NotPresent),
    });
    Workspaces::open(&settings.unwrap())
}

fn visitor(number: u8) -> Option<IpAddr> {
    Some(IpAddr::from([203, 0, 113, number]))
}

#[test]
fn one_visitor_cannot_take_all_places() {
    let all = workspaces("");
    for _ in 0..MOST_OF_ONE {
        all.make(visitor(1)).unwrap();
    }
    let refused = all.make(visitor(1)).unwrap_err();
    assert_eq!(refused.title(), "Too Many Requests");
    all.make(visitor(2)).unwrap();
}

#[test]
fn when_all_places_are_in_use_nobody_loses_one() {
    let all = workspaces("");
    let first = all.make(None).unwrap();
    for _ in 1..MOST {
        all.make(None).unwrap();
    }
    assert_eq!(all.make(None).unwrap_err().title(), "Service Unavailable");
    assert!(all.get(&first.id).is_some());
}

#[test]
fn a_host_name_below_the_domain_means_a_workspace() {
    let all = workspaces("mock.example.org");
    for host in ["abc.mock.example.org:8443", "ABC.Mock.Example.org", "abc.mock.example.org."] {
        assert_eq!(all.named_by(host).as_deref(), Some("abc"), "{host}");
    }
    assert_eq!(all.named_by("mock.example.org"), None);
    assert_eq!(all.named_by("a.b.mock.example.org"), None);
    assert_eq!(all.named_by("abc.example.org"), None);
    assert_eq!(workspaces("").named_by("abc.mock.example.org"), None);
}

#[test]
fn the_address_is_a_host_where_there_is_a_domain_and_else_a_path() {
    let (named, by_path) = (workspaces("mock.example.org"), workspaces(""));
    let origin = "https://app.example.org:8443";
    assert_eq!(named.address("abc", origin, "/app"), "https://abc.mock.example.org:8443");
    assert_eq!(
        by_path.address("abc", origin, "/app"),
        "https://app.example.org:8443/app/mock/at/abc"
    );
}
