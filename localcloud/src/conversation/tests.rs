//! What is refused, and the kit with which the edge and the load balancers are attacked.

pub(crate) mod recorder;
pub(crate) mod smuggling;
mod time_limits;

use http::Request;

use super::objection;

fn objects(build: impl FnOnce(http::request::Builder) -> http::request::Builder) -> bool {
    let request = build(Request::get("/a")).body(()).unwrap();
    objection(&request.into_parts().0).is_some()
}

#[test]
fn only_a_request_with_one_meaning_is_passed_on() {
    assert!(!objects(|r| r.header("host", "a.example:80")));
    assert!(!objects(|r| r.header("host", "[::1]:80")));
    assert!(!objects(|r| r.header("host", "")));
    assert!(!objects(|r| r.header("host", "a").header("transfer-encoding", "CHUNKED")));
    assert!(!objects(|r| r.version(http::Version::HTTP_10)));
    for hosts in [vec![], vec!["a", "a"], vec!["a", "b"], vec!["a/b"], vec!["u@a"], vec!["a b"]] {
        assert!(objects(|r| hosts.iter().fold(r, |r, host| r.header("host", *host))), "{hosts:?}");
    }
    assert!(objects(|r| r.header("host", "a").header("transfer-encoding", "gzip, chunked")));
    assert!(objects(|r| r.uri("http://user@a.example/").header("host", "a")));
}

#[test]
fn a_change_to_another_version_of_http_is_no_upgrade() {
    for (protocol, passes) in [
        ("websocket", true),
        ("h2c", false),
        ("H2C", false),
        ("HTTP/2.0", false),
        ("x, h2c", false),
    ] {
        let request = Request::get("/").header("connection", "Upgrade, x");
        let request = request.header("upgrade", protocol).body(()).unwrap();
        assert_eq!(super::upgrade(request.headers()).is_some(), passes, "{protocol}");
    }
}
