use std::net::Ipv4Addr;

use http::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::dataplane::table::Table;

/// Port 80 with listeners `shop` (shop.example) and `rest` (any other host), changed by `extra`.
fn table(extra: &Value) -> Table {
    let mut balancer = json!({
        "listeners": {
            "shop": {"port": 80, "protocol": "HTTP", "defaultBackendSetName": "shop", "hostnameNames": ["h"]},
            "rest": {"port": 80, "protocol": "HTTP", "defaultBackendSetName": "rest"}
        },
        "hostnames": {"h": {"name": "h", "hostname": "shop.example"}}
    });
    merge(&mut balancer, extra);
    Table::compile(&serde_json::from_value(balancer).unwrap(), None).unwrap()
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// The decision as text: `-> set`, `301 location`, `403`, `405 GET`.
fn ask(table: &Table, method: &str, url: &str) -> String {
    let uri: http::Uri = url.parse().unwrap();
    let head = Head {
        host: uri.authority().unwrap().as_str(),
        method: &method.parse().unwrap(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        headers: &HeaderMap::new(),
        from: Origin {
            source: Ipv4Addr::new(198, 51, 100, 7).into(),
            vcn: None,
            port: 80,
            secure: false,
        },
    };
    let Some(listener) = listener(&table.ports[&80], head.host) else { return "none".to_owned() };
    match decide(listener, head) {
        Decision::Forward { backend_set } => format!("-> {backend_set}"),
        Decision::Redirect { status, location } => format!("{} {location}", status.as_u16()),
        Decision::Deny { status } => status.as_u16().to_string(),
        Decision::DenyMethod { status, allow } => format!("{} {allow}", status.as_u16()),
    }
}

fn rules(items: &Value) -> Table {
    table(&json!({
        "listeners": {"rest": {"ruleSetNames": ["r"]}},
        "ruleSets": {"r": {"name": "r", "items": items}}
    }))
}

#[test]
fn the_host_chooses_the_listener() {
    let table = table(&json!({}));
    assert_eq!(ask(&table, "GET", "http://shop.example/"), "-> shop");
    assert_eq!(ask(&table, "GET", "http://SHOP.example:80/"), "-> shop");
    assert_eq!(ask(&table, "GET", "http://other.example/"), "-> rest");
}

#[test]
fn a_path_route_set_comes_before_the_default_set() {
    let route = |path, kind, set| json!({"path": path, "pathMatchType": {"matchType": kind}, "backendSetName": set});
    let table = table(&json!({
        "listeners": {"rest": {"pathRouteSetName": "p"}},
        "pathRouteSets": {"p": {"name": "p", "pathRoutes": [
            route("/api", "PREFIX_MATCH", "api"),
            route("/api/v2", "FORCE_LONGEST_PREFIX_MATCH", "two"),
            route("/api/v2/me", "EXACT_MATCH", "me"),
            route(".png", "SUFFIX_MATCH", "images"),
        ]}}
    }));
    for (path, expected) in [
        ("/api/v1", "-> api"),
        ("/api/v2/x", "-> two"),
        ("/API/v2/ME", "-> me"),
        ("/x.png", "-> images"),
        ("/x", "-> rest"),
    ] {
        assert_eq!(ask(&table, "GET", &format!("http://a.example{path}")), expected, "{path}");
    }
    assert_eq!(ask(&table, "GET", "http://shop.example/api/v1"), "-> shop", "another listener");
}

#[test]
fn the_first_rule_of_a_policy_that_holds_wins() {
    let rule = |name, condition, set| {
        json!({"name": name, "condition": condition,
            "actions": [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": set}]})
    };
    let table = table(&json!({
        "listeners": {"rest": {"routingPolicyName": "p"}},
        "routingPolicies": {"p": {"name": "p", "conditionLanguageVersion": "V1", "rules": [
            rule("a", "any(http.request.url.path sw '/api')", "api"),
            rule("b", "all(http.request.url.path sw '/api', http.request.url.query['x'] exists)", "never"),
            rule("c", "http.request.url.query['x'] eq '1'", "one"),
        ]}}
    }));
    assert_eq!(ask(&table, "GET", "http://a.example/api?x=1"), "-> api");
    assert_eq!(ask(&table, "GET", "http://a.example/?x=1"), "-> one");
    assert_eq!(ask(&table, "GET", "http://a.example/?x=2"), "-> rest");
}

#[test]
fn http_is_sent_to_https_with_path_and_query() {
    let table = rules(&json!([{
        "action": "REDIRECT",
        "responseCode": 301,
        "conditions": [{"attributeName": "PATH", "attributeValue": "/", "operator": "FORCE_LONGEST_PREFIX_MATCH"}],
        "redirectUri": {"protocol": "HTTPS", "port": 443, "host": "{host}", "path": "{path}", "query": "{query}"}
    }]));
    let expected = "301 https://a.example/x?y=1";
    assert_eq!(ask(&table, "GET", "http://a.example:80/x?y=1"), expected);
}

#[test]
fn one_allow_rule_denies_everybody_else() {
    let allow = |range| {
        json!({"action": "ALLOW",
            "conditions": [{"attributeName": "SOURCE_IP_ADDRESS", "attributeValue": range}]})
    };
    let elsewhere = rules(&json!([allow("192.0.2.0/24")]));
    assert_eq!(ask(&elsewhere, "GET", "http://a.example/"), "403");
    let here = rules(&json!([allow("192.0.2.0/24"), allow("198.51.100.0/24")]));
    assert_eq!(ask(&here, "GET", "http://a.example/"), "-> rest");
}

#[test]
fn a_method_that_is_not_listed_is_denied_with_the_list() {
    let table = rules(&json!([
        {"action": "CONTROL_ACCESS_USING_HTTP_METHODS", "allowedMethods": ["GET", "HEAD"]}
    ]));
    assert_eq!(ask(&table, "POST", "http://a.example/"), "405 GET, HEAD");
    assert_eq!(ask(&table, "GET", "http://a.example/"), "-> rest");
}

#[test]
fn header_rules_add_extend_and_remove() {
    let table = rules(&json!([
        {"action": "ADD_HTTP_REQUEST_HEADER", "header": "x-added", "value": "new"},
        {"action": "EXTEND_HTTP_REQUEST_HEADER_VALUE", "header": "x-long", "prefix": "<", "suffix": ">"},
        {"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "x-gone"},
        {"action": "HTTP_HEADER", "httpLargeHeaderSizeInKB": 32, "areInvalidCharactersAllowed": true}
    ]));
    let rules = &listener(&table.ports[&80], "a").unwrap().rules;
    let mut headers = HeaderMap::new();
    for (name, value) in [("x-added", "old"), ("x-long", "v"), ("x-gone", "v")] {
        headers.insert(name, value.parse().unwrap());
    }
    for change in &rules.request_headers {
        change.apply(&mut headers);
    }
    let expected = [("x-added", "new"), ("x-long", "<v>")];
    assert_eq!(headers.len(), expected.len());
    for (name, value) in expected {
        assert_eq!(headers[name], value);
    }
    assert_eq!(rules.longest_header, 32 * 1024);
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    for (extra, expected) in [
        (
            json!({"listeners": {"rest": {"protocol": "UDP"}}}),
            "listener rest: protocol UDP is not carried here",
        ),
        (
            json!({"listeners": {"rest": {"hostnameNames": ["x"]}}}),
            "listener rest: no such hostname",
        ),
        (
            json!({"listeners": {"rest": {"ruleSetNames": ["x"]}}}),
            "listener rest: no rule set named `x`",
        ),
        (
            json!({"listeners": {"rest": {"sslConfiguration": {"certificateName": "c"}}}}),
            "listener rest: no certificate named `c`",
        ),
    ] {
        let mut balancer = json!({"listeners":
            {"rest": {"port": 80, "protocol": "HTTP", "defaultBackendSetName": "rest"}}});
        merge(&mut balancer, &extra);
        let error = Table::compile(&serde_json::from_value(balancer).unwrap(), None).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
