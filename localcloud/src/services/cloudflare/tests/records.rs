//! DNS records.

use http::Method;
use serde_json::{Value, json};

use super::{Api, a, code};

#[tokio::test]
async fn a_record_comes_back_in_the_form_in_which_it_is_kept() {
    let api = Api::new().await;
    let body = json!({ "type": "A", "name": "WwW", "content": "192.0.2.1", "ttl": 120, "proxied": true, "comment": "ours" });
    let (status, record) = api.create(body).await;
    assert_eq!(status, 200);
    assert_eq!(record["name"], "www.codeharmony.net");
    assert_eq!((&record["ttl"], &record["proxied"]), (&json!(1), &json!(true)));
    assert_eq!((&record["comment"], &record["tags"]), (&json!("ours"), &json!([])));
    assert!(record.get("zone_id").is_none());
    assert!(record["created_on"].as_str().unwrap().len() == "2026-01-01T00:00:00.000000Z".len());
}

#[tokio::test]
async fn names_are_completed_lowered_and_written_in_punycode() {
    let api = Api::new().await;
    for (sent, kept) in [
        ("@", "codeharmony.net"),
        ("mail.a.cf", "mail.a.cf.codeharmony.net"),
        ("X.CodeHarmony.net.", "x.codeharmony.net"),
        ("bücher", "xn--bcher-kva.codeharmony.net"),
        ("*.w", "*.w.codeharmony.net"),
        ("_acme-challenge", "_acme-challenge.codeharmony.net"),
    ] {
        assert_eq!(api.create(a(sent, "192.0.2.1")).await.1["name"], kept);
    }
}

#[tokio::test]
async fn records_that_break_a_rule_are_refused_with_the_vendors_code() {
    let api = Api::new().await;
    let with = |key: &str, value: Value| {
        let mut body = a("x", "192.0.2.1");
        body[key] = value;
        body
    };
    for (body, expected) in [
        (a("x", "not an address"), 9005),
        (a("a..b", "192.0.2.1"), 9000),
        (a("a.*.b", "192.0.2.1"), 9000),
        (with("ttl", json!(5)), 9021),
        (with("tags", json!(["a:b"])), 9300),
        (with("comment", json!("c".repeat(101))), 9313),
        (with("ttl", json!("soon")), 9207),
        (json!({ "type": "A", "name": "x", "content": "10.0.0.1", "proxied": true }), 9003),
        (json!({ "type": "TXT", "name": "x", "content": "t", "proxied": true }), 9004),
        (json!({ "type": "MX", "name": "x", "content": "mail.example.org" }), 9101),
        (json!({ "type": "CNAME", "name": "x", "content": "x.codeharmony.net" }), 9039),
    ] {
        assert_eq!(api.create(body.clone()).await, (400, json!(expected)), "{body}");
    }
}

#[tokio::test]
async fn records_that_cannot_stand_together_conflict() {
    let api = Api::new().await;
    let alias = |name: &str| json!({ "type": "CNAME", "name": name, "content": "t.example.org." });
    api.create(a("x", "192.0.2.1")).await;
    assert_eq!(api.create(alias("y")).await.1["content"], "t.example.org");
    let mut longer = a("x", "192.0.2.1");
    longer["ttl"] = json!(600);
    for (body, expected) in [
        (a("x", "192.0.2.1"), 81058),
        (longer, 81057),
        (alias("x"), 81053),
        (alias("y"), 81058),
        (a("y", "192.0.2.1"), 81054),
    ] {
        assert_eq!(api.create(body.clone()).await, (400, json!(expected)), "{body}");
    }
    assert_eq!(api.create(a("x", "192.0.2.2")).await.0, 200);
}

#[tokio::test]
async fn a_patch_keeps_what_it_does_not_name_and_a_put_does_not() {
    let api = Api::new().await;
    let mut body = a("x", "192.0.2.1");
    body["comment"] = json!("ours");
    let (_, record) = api.create(body).await;
    let path = format!("/{}", record["id"].as_str().unwrap());

    let sent = json!({ "content": "192.0.2.2" });
    let (_, patched) = api.records(Method::PATCH, &path, sent).await;
    assert_eq!(patched["result"]["comment"], "ours");
    assert_eq!(patched["result"]["content"], "192.0.2.2");

    let (_, put) = api.records(Method::PUT, &path, a("x", "192.0.2.3")).await;
    assert_eq!(put["result"]["comment"], Value::Null);
    assert_eq!(put["result"]["created_on"], record["created_on"]);
}

#[tokio::test]
async fn a_record_is_gone_after_its_deletion() {
    let api = Api::new().await;
    let (_, record) = api.create(a("x", "192.0.2.1")).await;
    let path = format!("/{}", record["id"].as_str().unwrap());
    let (status, answer) = api.records(Method::DELETE, &path, Value::Null).await;
    assert_eq!((status, &answer["result"]), (200, &json!({ "id": record["id"] })));
    let (status, answer) = api.records(Method::DELETE, &path, Value::Null).await;
    assert_eq!((status, code(&answer)), (404, json!(81044)));
    let (status, answer) = api.records(Method::GET, "/short", Value::Null).await;
    assert_eq!((status, code(&answer)), (404, json!(7003)));
}

#[tokio::test]
async fn filters_find_records_without_regard_to_letter_case() {
    let api = Api::new().await;
    for (name, comment) in [("a", "deployer/1 prod/web"), ("b", "deployer/1 test/web"), ("c", "")] {
        let mut body = a(name, "192.0.2.1");
        body["comment"] = json!(comment);
        api.create(body).await;
    }
    api.create(json!({ "type": "TXT", "name": "a", "content": "hello" })).await;
    for (query, expected) in [
        ("?type=TXT", "a"),
        ("?name=A.codeharmony.net", "aa"),
        ("?name.exact=b.codeharmony.net", "b"),
        ("?name.contains=c.code", "c"),
        ("?comment.startswith=DEPLOYER%2F1+prod/", "a"),
        ("?comment.absent", "ca"),
        ("?content.contains=ell", "a"),
        ("?type=TXT&name.exact=b.codeharmony.net", ""),
        ("?type=TXT&name.exact=b.codeharmony.net&match=any", "ba"),
        ("?unheard_of=1", "abca"),
        ("?order=name&direction=desc&type=A", "cba"),
    ] {
        let names = api.names(query).await;
        let letters: String = names.iter().filter_map(|n| n.chars().next()).collect();
        assert_eq!(letters, expected, "{query}");
    }
}

#[tokio::test]
async fn pages_end_with_an_empty_one() {
    let api = Api::new().await;
    for last in 1..=3 {
        api.create(a("x", &format!("192.0.2.{last}"))).await;
    }
    for (page, count) in [(1, 2), (2, 1), (3, 0)] {
        let query = format!("?per_page=2&page={page}");
        let (_, answer) = api.records(Method::GET, &query, Value::Null).await;
        let info = &answer["result_info"];
        assert_eq!(answer["result"].as_array().unwrap().len(), count);
        assert_eq!((&info["count"], &info["total_pages"]), (&json!(count), &json!(2)), "{page}");
    }
}

#[tokio::test]
async fn a_batch_deletes_before_it_creates() {
    let api = Api::new().await;
    let (_, old) = api.create(a("x", "192.0.2.1")).await;
    let alias = json!({ "type": "CNAME", "name": "x", "content": "t.example.org" });
    let body = json!({ "posts": [alias], "deletes": [{ "id": old["id"] }] });
    let (status, answer) = api.records(Method::POST, "/batch", body).await;
    assert_eq!(status, 200);
    assert_eq!(answer["result"]["posts"][0]["type"], "CNAME");
    assert_eq!(answer["result"]["deletes"][0]["id"], old["id"]);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_everything_as_it_was() {
    let api = Api::new().await;
    let (_, old) = api.create(a("x", "192.0.2.1")).await;
    let before = api.cloud.zones.read();
    let body = json!({ "posts": [a("new", "192.0.2.1"), a("new", "bad")], "deletes": [{ "id": old["id"] }] });
    let (status, answer) = api.records(Method::POST, "/batch", body).await;
    assert_eq!((status, code(&answer)), (400, json!(9005)));
    assert_eq!(*api.cloud.zones.read(), *before);
}

#[tokio::test]
async fn an_authorization_is_shown_as_data_and_as_content() {
    let api = Api::new().await;
    let data = json!({ "flags": 0, "tag": "issue", "value": "letsencrypt.org" });
    let (_, record) = api.create(json!({ "type": "CAA", "name": "@", "data": data })).await;
    assert_eq!(record["content"], "0 issue \"letsencrypt.org\"");
    let path = format!("/{}", record["id"].as_str().unwrap());
    let sent = json!({ "content": "0 issue \"pki.goog\"" });
    let (_, patched) = api.records(Method::PATCH, &path, sent).await;
    assert_eq!(patched["result"]["data"]["value"], "pki.goog");
}

#[tokio::test]
async fn a_zone_holds_two_hundred_records() {
    let api = Api::new().await;
    let posts: Vec<_> = (0..200).map(|i| a("x", &format!("192.0.2.{i}"))).collect();
    let (status, _) = api.records(Method::POST, "/batch", json!({ "posts": posts })).await;
    assert_eq!(status, 200);
    assert_eq!(api.create(a("y", "192.0.2.1")).await, (400, json!(81045)));
}
