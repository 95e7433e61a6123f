use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

/// A request for `/API/users?department=HR&empty` at host `A.example`.
fn holds(condition: &str) -> bool {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "A.example"),
        ("x-tag", "one"),
        ("x-tag", "two"),
        ("cookie", "sid=42; theme=Dark"),
    ] {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let subject = Subject { path: "/API/users", query: "department=HR&empty", headers: &headers };
    condition.parse::<Condition>().unwrap().holds(subject)
}

#[test]
fn conditions_hold_as_the_guide_says() {
    for (condition, expected) in [
        ("any(http.request.url.path eq (i '/api/users'))", true),
        ("any(http.request.url.path eq '/api/users')", false),
        ("http.request.url.path = '/API/users'", true),
        ("http.request.url.path sw (i '/api')", true),
        ("http.request.url.path ew '/users'", true),
        ("http.request.url.path ct 'I/u'", true),
        ("http.request.url.path not sw '/API'", false),
        (
            "all(http.request.headers[(i 'HOST')] eq (i 'a.example'), http.request.url.path sw '/API')",
            true,
        ),
        ("http.request.headers['x-tag'] eq 'two'", true),
        ("http.request.headers['x-tag'][0] eq 'two'", false),
        ("http.request.headers[(i 'x-tag')][1] ew 'wo'", true),
        ("http.request.headers['x-none'] exists", false),
        ("http.request.headers['x-none'] not exists", true),
        ("http.request.cookies['theme'] eq (i 'dark')", true),
        ("http.request.cookies['theme'] not eq 'Dark'", false),
        ("http.request.url.query['department'] eq 'HR'", true),
        ("http.request.url.query['empty'] exists", true),
        ("http.request.url.query['Department'] exists", false),
        ("http.request.url.query[(i 'Department')] exists", true),
        ("not(http.request.url.path sw '/admin')", true),
        (
            "all(any(http.request.url.path eq '/x', http.request.url.path sw '/API'), http.request.cookies['sid'] exists)",
            true,
        ),
        ("any(all(http.request.url.path eq '/x'), http.request.url.path eq '/y')", false),
    ] {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

#[test]
fn what_is_not_a_condition_is_refused() {
    for condition in [
        "",
        "any()",
        "any(http.request.url.path eq '/a'",
        "http.request.url.path",
        "http.request.url.path eq",
        "http.request.url.path eq '/a",
        "http.request.url.path like '/a'",
        "http.request.method eq 'GET'",
        "some(http.request.url.path eq '/a')",
        "http.request.headers['host'] sw 'a'",
        "http.request.headers[host] eq 'a'",
        "http.request.url.path eq '/a' http.request.url.path eq '/b'",
        "http.request.url.path eq $",
    ] {
        assert!(condition.parse::<Condition>().is_err(), "{condition}");
    }
    let deep = format!("{}http.request.url.path eq '/a'{}", "any(".repeat(50), ")".repeat(50));
    assert!(deep.parse::<Condition>().is_err());
}
