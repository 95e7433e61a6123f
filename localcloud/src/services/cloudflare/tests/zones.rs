//! Tokens, zones, settings, ranges, limits and planned failures.

use http::{Method, Request};
use serde_json::{Value, json};

use super::{Api, code, opened};
use crate::faults::Fault;
use crate::model::zone::Ranges;

async fn with_authorization(api: &Api, path: &str, value: &str) -> (u16, Value) {
    let request = Request::get(format!("/client/v4{path}")).header("authorization", value);
    let (status, answer) = opened(&api.reply(request, "").await.response);
    (status, code(&answer))
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_a_malformed_one_is_a_bad_request() {
    let api = Api::new().await;
    let records = format!("/zones/{}/dns_records", api.zone);
    assert_eq!(with_authorization(&api, "/zones", "Bearer wrong").await, (403, json!(9109)));
    assert_eq!(with_authorization(&api, &records, "Bearer wrong").await, (403, json!(10000)));
    assert_eq!(
        with_authorization(&api, "/user/tokens/verify", "Bearer x").await,
        (401, json!(1000))
    );
    assert_eq!(with_authorization(&api, "/zones", "Bearer a b").await, (400, json!(6111)));
    assert_eq!(with_authorization(&api, "/zones", "good-token").await, (400, json!(6111)));
    assert_eq!(api.get("/user/tokens/verify").await["result"]["status"], "active");
}

#[tokio::test]
async fn a_seeded_zone_is_active_and_keeps_its_id() {
    let api = Api::new().await;
    let zone = api.get(&format!("/zones/{}", api.zone)).await;
    assert_eq!(zone["result"]["status"], "active");
    assert_eq!(zone["result"]["name_servers"].as_array().unwrap().len(), 2);
    assert_eq!(api.zone, Api::new().await.zone);
    assert_eq!(api.get("/zones?name=other.example").await["result"], json!([]));
    assert_eq!(api.get("/zones?name=starts_with:code").await["result_info"]["count"], 1);
}

#[tokio::test]
async fn a_zone_made_by_the_api_waits_for_its_delegation() {
    let api = Api::new().await;
    let body = json!({ "name": "New.Example", "account": { "id": "x" }, "type": "full" });
    let (status, made) = api.call(Method::POST, "/zones", &body).await;
    assert_eq!((status, &made["result"]["status"]), (200, &json!("pending")));
    assert_eq!(made["result"]["activated_on"], Value::Null);
    let (status, again) = api.call(Method::POST, "/zones", &body).await;
    assert_eq!((status, code(&again)), (400, json!(1061)));
    assert!(api.service.activate("new.example"));
    assert_eq!(api.get("/zones?name=new.example").await["result"][0]["status"], "active");
}

#[tokio::test]
async fn settings_start_with_the_vendors_defaults_and_can_be_changed() {
    let api = Api::new().await;
    let path = |name: &str| format!("/zones/{}/settings/{name}", api.zone);
    for (name, value) in [("ssl", "full"), ("min_tls_version", "1.0"), ("always_use_https", "off")]
    {
        assert_eq!(api.get(&path(name)).await["result"]["value"], value);
    }
    let (_, changed) = api.call(Method::PATCH, &path("ssl"), &json!({ "value": "strict" })).await;
    assert_eq!(changed["result"]["value"], "strict");
    assert!(changed["result"]["modified_on"].is_string());
    assert_eq!(api.get(&path("ssl")).await, changed);
    let zone = &api.cloud.zones.read().zones[&api.zone];
    assert_eq!(zone.setting("ssl"), Some("strict"));
}

#[tokio::test]
async fn settings_refuse_values_that_they_do_not_take() {
    let api = Api::new().await;
    let path = |name: &str| format!("/zones/{}/settings/{name}", api.zone);
    for (name, value, expected) in [
        ("ssl", json!("loose"), 1007),
        ("polish", json!("lossy"), 1005),
        ("unheard_of", json!("on"), 1003),
        ("security_header", json!({ "strict_transport_security": { "max_age": "x" } }), 1007),
    ] {
        let (status, answer) =
            api.call(Method::PATCH, &path(name), &json!({ "value": value })).await;
        assert_eq!((status, code(&answer)), (400, json!(expected)), "{name}");
    }
}

#[tokio::test]
async fn strict_transport_is_filled_up_with_defaults() {
    let api = Api::new().await;
    let path = format!("/zones/{}/settings/security_header", api.zone);
    let value = json!({ "strict_transport_security": { "enabled": true, "max_age": 300 } });
    let (_, answer) = api.call(Method::PATCH, &path, &json!({ "value": value })).await;
    let rule = &answer["result"]["value"]["strict_transport_security"];
    assert_eq!((&rule["max_age"], &rule["preload"]), (&json!(300), &json!(false)));
}

#[tokio::test]
async fn the_edges_certificate_is_active_with_its_zone() {
    let api = Api::new().await;
    let path = format!("/zones/{}/ssl/verification", api.zone);
    assert_eq!(api.get(&path).await["result"][0]["certificate_status"], "active");
    let switch = format!("/zones/{}/ssl/universal/settings", api.zone);
    api.call(Method::PATCH, &switch, &json!({ "enabled": false })).await;
    assert_eq!(api.get(&switch).await["result"]["enabled"], false);
    assert_eq!(api.get(&path).await["result"], json!([]));
}

#[tokio::test]
async fn ranges_are_public_and_their_tag_changes_with_them() {
    let api = Api::new().await;
    let ips = async || opened(&api.reply(Request::get("/client/v4/ips"), "").await.response).1;
    let before = ips().await;
    assert_eq!(before["result"]["ipv4_cidrs"].as_array().unwrap().len(), 15);
    assert_eq!(before["result"]["ipv6_cidrs"].as_array().unwrap().len(), 7);
    let mut ranges = Ranges::default();
    ranges.ipv4_cidrs.push("192.0.2.0/24".to_owned());
    api.service.publish_ranges(ranges);
    let after = ips().await;
    assert_eq!(after["result"]["ipv4_cidrs"].as_array().unwrap().len(), 16);
    assert_ne!(after["result"]["etag"], before["result"]["etag"]);
}

#[tokio::test]
async fn planned_failures_come_as_the_vendor_sends_them() {
    let api = Api::new().await;
    for status in [429, 500, 502] {
        api.cloud.faults.plan(Fault {
            operation: "ListZones".to_owned(),
            status,
            after: 0,
            times: 1,
            ..Fault::default()
        });
        let request = Request::get("/client/v4/zones").header("authorization", "Bearer good-token");
        let reply = api.reply(request, "").await;
        assert_eq!(reply.operation, "ListZones");
        assert_eq!(reply.response.status().as_u16(), status);
        assert_eq!(reply.response.headers().contains_key("retry-after"), status == 429);
        let html = reply.response.headers()["content-type"] == "text/html; charset=UTF-8";
        assert_eq!(html, status == 502);
    }
    assert_eq!(api.get("/zones").await["success"], true);
}

#[tokio::test]
async fn calls_are_counted_and_stopped_at_the_quota() {
    let api = Api::new().await;
    let call = async || {
        let request = Request::get("/client/v4/zones").header("authorization", "Bearer good-token");
        api.reply(request, "").await.response
    };
    let response = call().await;
    let left = response.headers()["ratelimit"].to_str().unwrap().to_owned();
    assert!(left.starts_with("\"default\";r=1198;t="), "{left}");
    for _ in 0..1198 {
        call().await;
    }
    assert_eq!(call().await.status().as_u16(), 429);
    api.cloud.clock.advance(std::time::Duration::from_secs(301));
    assert_eq!(call().await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_path_of_nobody_has_no_operation() {
    let api = Api::new().await;
    let reply = api.reply(Request::get("/client/v4/nowhere"), "").await;
    assert_eq!((reply.operation.as_str(), reply.response.status().as_u16()), ("", 404));
}

#[tokio::test]
async fn purging_takes_exactly_one_kind_and_only_what_is_in_the_zone() {
    let api = Api::new().await;
    let path = format!("/zones/{}/purge_cache", api.zone);
    let many: Vec<String> = (0..101).map(|i| format!("https://codeharmony.net/{i}.css")).collect();
    for (body, expected) in [
        (json!({ "purge_everything": true }), (200, Value::Null)),
        (json!({ "hosts": ["codeharmony.net"] }), (200, Value::Null)),
        (json!({ "prefixes": ["www.codeharmony.net/css"] }), (200, Value::Null)),
        (json!({ "tags": ["any"] }), (200, Value::Null)),
        (json!({ "files": ["https://codeharmony.net/a.css"] }), (200, Value::Null)),
        (json!({ "files": [{ "url": "http://codeharmony.net/a.css" }] }), (200, Value::Null)),
        (json!({}), (400, json!(1012))),
        (json!({ "purge_everything": false }), (400, json!(1012))),
        (json!({ "purge_everything": true, "tags": ["a"] }), (400, json!(1012))),
        (json!({ "files": [] }), (400, json!(1012))),
        (json!({ "files": many }), (400, json!(1012))),
        (json!({ "files": "https://codeharmony.net/a.css" }), (400, json!(1014))),
        (json!({ "files": ["https://other.example/a.css"] }), (400, json!(1016))),
        (json!({ "files": ["/a.css"] }), (400, json!(1016))),
        (json!({ "hosts": ["evilcodeharmony.net"] }), (400, json!(1016))),
    ] {
        let (status, answer) = api.call(Method::POST, &path, &body).await;
        assert_eq!((status, code(&answer)), expected, "{body}");
    }
}
