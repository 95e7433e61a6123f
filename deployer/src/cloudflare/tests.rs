//! The client against answers as the vendor gives them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use super::record::{quoted, unquoted};
use super::{Cloudflare, CloudflareError, Filter, Kind, NewRecord, Patience};
use crate::http::{HttpTransport, client, loopback};
use crate::secret::Secret;

fn answer(status: u16, body: &Value) -> Response<Bytes> {
    let builder =
        Response::builder().status(status).header("cf-ray", "8ray").header("retry-after", "0");
    builder.body(body.to_string().into()).unwrap()
}

fn success(result: &Value) -> Response<Bytes> {
    answer(200, &json!({ "success": true, "errors": [], "messages": [], "result": result }))
}

fn failure(status: u16, code: u32, message: &str) -> Response<Bytes> {
    let errors = json!([{ "code": code, "message": message }]);
    answer(status, &json!({ "success": false, "errors": errors, "messages": [], "result": null }))
}

async fn cloudflare(
    handle: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
) -> Cloudflare {
    let handle = Arc::new(handle);
    let address = loopback::serve(None, move |request| std::future::ready(handle(&request))).await;
    let (base, token) = (format!("http://{address}/client/v4/"), Secret::from("token".to_owned()));
    let patience = Patience { trouble: vec![Duration::ZERO; 3], ..Patience::default() };
    Cloudflare::new(HttpTransport::new(client(&[], &[]).unwrap()), &base, &token)
        .unwrap()
        .with_patience(patience)
}

fn record() -> NewRecord {
    NewRecord {
        kind: "A".into(),
        name: "www.example.com".into(),
        content: "192.0.2.1".into(),
        ttl: 1,
        proxied: true,
        comment: None,
    }
}

#[tokio::test]
async fn the_token_goes_into_the_header_and_nowhere_else() {
    let api = cloudflare(|request| {
        assert_eq!(request.headers()["authorization"], "Bearer token");
        assert_eq!(request.uri().path(), "/client/v4/user/tokens/verify");
        success(&json!({ "id": "x", "status": "active" }))
    })
    .await;
    api.verify_token(None).await.unwrap();
    assert!(!format!("{api:?}").contains("\"token\""));
}

#[test]
fn a_token_with_a_blank_inside_is_refused_and_not_shown() {
    let token = Secret::from("to ken\n".to_owned());
    let error = Cloudflare::new(
        HttpTransport::new(client(&[], &[]).unwrap()),
        "http://127.0.0.1:1",
        &token,
    )
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(!error.to_string().contains("ken\n"));
}

#[tokio::test]
async fn codes_beyond_sixteen_bits_and_causes_are_kept() {
    let api = cloudflare(|_| failure(400, 81058, "An identical record already exists.")).await;
    let error = api.create_record("zone", &record()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.has_code(81058));
    assert!(error.to_string().contains("An identical record already exists. (81058)"), "{error}");
    assert!(error.to_string().contains("cf-ray 8ray"), "{error}");
}

#[tokio::test]
async fn a_cause_is_shown_behind_the_code_that_says_nothing() {
    let api = cloudflare(|_| {
        let chain = json!([{ "code": 9005, "message": "Content for A record must be a valid IPv4 address." }]);
        let errors = json!([{ "code": 1004, "message": "DNS Validation Error", "error_chain": chain }]);
        answer(400, &json!({ "success": false, "errors": errors, "result": null }))
    })
    .await;
    let error = api.create_record("zone", &record()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.to_string().contains("valid IPv4 address. (9005)"), "{error}");
}

#[tokio::test]
async fn success_false_at_200_is_a_failure() {
    let api = cloudflare(|_| failure(200, 10000, "Authentication error")).await;
    assert_eq!(api.find_zone("example.com").await.unwrap_err().kind(), Kind::Denied);
}

#[tokio::test]
async fn a_gateways_page_is_kept_in_part() {
    let api = cloudflare(|_| {
        Response::builder().status(502).body(format!("<html>{}", "x".repeat(4096)).into()).unwrap()
    })
    .await;
    let error = api.setting("zone", "ssl").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!((500..800).contains(&error.to_string().len()), "{error}");
}

#[tokio::test]
async fn reading_is_tried_again_after_trouble_and_creating_is_not() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let api = cloudflare(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        failure(500, 0, "trouble")
    })
    .await;
    let reading = api.setting("zone", "ssl").await;
    assert_eq!(reading.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(calls.swap(0, Ordering::Relaxed), 4);
    let creating = api.create_record("zone", &record()).await;
    assert_eq!(creating.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn rate_limits_are_sat_out_twice() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let api = cloudflare(move |_| match counted.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => failure(429, 971, "slow down"),
        _ => success(&json!({ "id": "ssl", "value": "strict", "editable": true })),
    })
    .await;
    assert_eq!(api.setting("zone", "ssl").await.unwrap().value, "strict");
    calls.store(0, Ordering::Relaxed);
}

fn page(request: &Request<Bytes>, size: usize, total: usize) -> Response<Bytes> {
    let query = request.uri().query().unwrap();
    let number = query.split('&').find_map(|pair| pair.strip_prefix("page=")).unwrap();
    let number: usize = number.parse().unwrap();
    let ids = (number - 1) * size..total.min(number * size);
    let records: Vec<Value> = ids
        .map(|id| json!({ "id": id.to_string(), "type": "CAA", "name": "example.com", "content": "", "data": {} }))
        .collect();
    let pages = total.div_ceil(size);
    let info =
        json!({ "page": number, "per_page": size, "total_count": total, "total_pages": pages });
    answer(200, &json!({ "success": true, "errors": [], "result": records, "result_info": info }))
}

#[tokio::test]
async fn every_page_is_read() {
    let api = cloudflare(|request| page(request, 2, 5)).await;
    assert_eq!(api.records("zone", &Filter::default()).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_list_that_shrinks_while_it_is_read_is_an_error() {
    let api = cloudflare(|request| {
        let first = request.uri().query().unwrap().contains("page=1&");
        // A record of the first page was deleted: the second page begins one too late.
        let ids: &[&str] = if first { &["1", "2"] } else { &["4"] };
        let records: Vec<Value> =
            ids.iter().map(|id| json!({ "id": id, "type": "A", "name": "a" })).collect();
        let info = json!({ "per_page": 2, "total_count": 4, "total_pages": 2 });
        answer(200, &json!({ "success": true, "result": records, "result_info": info }))
    })
    .await;
    let error = api.records("zone", &Filter::default()).await.unwrap_err();
    assert!(matches!(error, CloudflareError::Incomplete { got: 3, total: 4, .. }), "{error}");
}

#[tokio::test]
async fn a_filter_goes_into_the_query_escaped() {
    let seen = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&seen);
    let api = cloudflare(move |request| {
        request.uri().to_string().clone_into(&mut kept.lock().unwrap());
        success(&json!([]))
    })
    .await;
    let filter = Filter { comment_prefix: Some("deployer/1 a&b".into()), ..Filter::default() };
    api.records("zone", &filter).await.unwrap();
    assert!(seen.lock().unwrap().ends_with("&comment.startswith=deployer%2F1%20a%26b"));
}

#[tokio::test]
async fn the_zone_of_a_name_is_its_nearest_ancestor() {
    let api = cloudflare(|request| {
        let found = request.uri().query().unwrap().starts_with("name=example.com&");
        let zone =
            json!({ "id": "z", "name": "example.com", "status": "pending", "activated_on": null });
        success(&if found { json!([zone]) } else { json!([]) })
    })
    .await;
    assert_eq!(api.find_zone("*.a.b.example.com").await.unwrap().status, "pending");
    let error = api.find_zone("example.org").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn deleting_what_is_gone_succeeds() {
    let api = cloudflare(|request| {
        assert_eq!(request.method(), Method::DELETE);
        failure(404, 81044, "Record does not exist.")
    })
    .await;
    api.delete_record("zone", "id").await.unwrap();
}

#[tokio::test]
async fn a_record_made_under_another_name_is_an_error() {
    let api = cloudflare(|_| {
        success(&json!({ "id": "r", "type": "A", "name": "www.example.com.other.zone", "content": "192.0.2.1" }))
    })
    .await;
    let error = api.create_record("zone", &record()).await.unwrap_err();
    assert!(matches!(error, CloudflareError::Renamed { .. }), "{error}");
}

#[test]
fn txt_contents_compare_by_what_they_say() {
    for content in ["value", "\"value\"", "\"val\" \"ue\"", " \"value\" "] {
        assert_eq!(unquoted(content), "value", "{content}");
    }
    assert_eq!(unquoted(&quoted(r#"a "b" \c"#)), r#"a "b" \c"#);
}
