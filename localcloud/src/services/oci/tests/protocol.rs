//! What holds for every operation: signatures, pages, etags, retry tokens, planned faults.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use super::client::{COMPARTMENT, Client, private_key, small};
use crate::credentials::Credentials;
use crate::faults::Fault;
use crate::services::oci::OciService;

const VCNS: &str = "/20160918/vcns";

fn vcn(name: &str) -> Value {
    json!({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.9.0.0/16"], "displayName": name})
}

fn unsigned(body: &str) -> Request<Bytes> {
    Request::builder().method(Method::POST).uri(VCNS).body(Bytes::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn a_request_without_signature_is_refused() {
    let client = Client::new().await;
    let got = client.raw(unsigned(&vcn("a").to_string())).await;
    let (status, code, _) = got.refusal();
    assert_eq!((status, code.as_str()), (401, "NotAuthenticated"));
}

#[tokio::test]
async fn a_signature_of_another_key_is_refused() {
    let mut client = Client::new().await;
    let other = client.state.join("other");
    client.key = private_key(&Credentials::open(&other, &client.cloud.options.seed).unwrap());
    let got = client.post(VCNS, &vcn("a")).await;
    assert_eq!(got.refusal().1, "NotAuthenticated");
    assert_eq!(client.service.inventory().get("vcns"), None);
}

#[tokio::test]
async fn a_body_that_was_changed_after_signing_is_refused() {
    let client = Client::new().await;
    let mut request = client.sign(unsigned(&vcn("a").to_string()));
    *request.body_mut() = Bytes::from(vcn("b").to_string());
    let (status, _, message) = client.raw(request).await.refusal();
    assert_eq!(status, 401);
    assert!(message.contains("x-content-sha256"), "{message}");
}

#[tokio::test]
async fn a_signature_of_six_minutes_ago_is_refused() {
    let client = Client::new().await;
    let request = client.sign_at(-time::Duration::minutes(6), unsigned(&vcn("a").to_string()));
    let (status, _, message) = client.raw(request).await.refusal();
    assert_eq!(status, 401);
    assert!(message.contains("five minutes"), "{message}");
}

#[tokio::test]
async fn what_is_not_implemented_says_so_by_name() {
    let client = Client::new().await;
    let got = client.get("/20160918/drgRouteTables?drgId=a").await;
    let (status, code, message) = got.refusal();
    assert_eq!((status, code.as_str()), (501, "NotImplemented"));
    assert!(message.contains("ListDrgRouteTables"), "{message}");
}

#[tokio::test]
async fn a_missing_query_parameter_and_an_unknown_path_are_told_apart() {
    let client = Client::new().await;
    assert_eq!(client.get(VCNS).await.refusal().1, "MissingParameter");
    assert_eq!(client.get("/20160918/nothing").await.refusal().1, "NotAuthorizedOrNotFound");
    let got = client.get(&format!("{VCNS}?compartmentId=ocid1.compartment.oc1..foreign")).await;
    assert_eq!(got.refusal().1, "NotAuthorizedOrNotFound");
}

#[tokio::test]
async fn pages_hold_every_item_once() {
    let client = Client::new().await;
    for name in ["a", "b", "c", "d", "e"] {
        client.post(VCNS, &vcn(name)).await.expect(200);
    }
    let mut names = Vec::new();
    let mut page = String::new();
    loop {
        let path = format!("{VCNS}?compartmentId={COMPARTMENT}&limit=2&sortBy=DISPLAYNAME{page}");
        let got = client.get(&path).await.expect(200);
        names.extend(
            got.json()
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v["displayName"].as_str().unwrap().to_owned()),
        );
        match got.header("opc-next-page") {
            "" => break,
            next => page = format!("&page={next}"),
        }
    }
    assert_eq!(names, ["a", "b", "c", "d", "e", "seed"]);
}

#[tokio::test]
async fn an_update_against_an_old_etag_is_refused() {
    let client = Client::new().await;
    let made = client.post(VCNS, &vcn("a")).await.expect(200);
    let path = format!("{VCNS}/{}", made.json()["id"].as_str().unwrap());
    let headers = [("if-match", made.header("etag"))];
    let rename = json!({"displayName": "b"});
    client.send(Method::PUT, &path, Some(&rename), &headers).await.expect(200);
    let got = client.send(Method::PUT, &path, Some(&rename), &headers).await;
    assert_eq!((got.status, got.refusal().1.as_str()), (412, "NoEtagMatch"));
}

#[tokio::test]
async fn the_clients_request_id_begins_the_answers() {
    let client = Client::new().await;
    let got =
        client.send(Method::GET, "/20160918/regions", None, &[("opc-request-id", "ABC")]).await;
    let parts: Vec<&str> = got.header("opc-request-id").split('/').collect();
    assert_eq!((parts[0], parts.len()), ("ABC", 3));
}

#[tokio::test]
async fn a_retry_token_makes_one_thing_however_often_it_is_sent() {
    let client = Client::new().await;
    let token = [("opc-retry-token", "one")];
    let first = client.send(Method::POST, VCNS, Some(&vcn("a")), &token).await.expect(200).json();
    let second = client.send(Method::POST, VCNS, Some(&vcn("a")), &token).await.expect(200).json();
    assert_eq!(first, second);
    assert_eq!(client.service.inventory()["vcns"], 1);
}

#[tokio::test]
async fn a_retry_token_is_no_good_for_another_body_nor_after_a_delete() {
    let client = Client::new().await;
    let token = [("opc-retry-token", "one")];
    let made = client.send(Method::POST, VCNS, Some(&vcn("a")), &token).await.expect(200).json();
    let other = client.send(Method::POST, VCNS, Some(&vcn("b")), &token).await;
    assert_eq!((other.status, other.refusal().1.as_str()), (409, "InvalidatedRetryToken"));
    client.delete(&format!("{VCNS}/{}", made["id"].as_str().unwrap())).await.expect(204);
    let again = client.send(Method::POST, VCNS, Some(&vcn("a")), &token).await;
    assert_eq!((again.status, again.refusal().1.as_str()), (409, "InvalidatedRetryToken"));
}

#[tokio::test]
async fn the_token_of_a_deleted_load_balancer_child_is_no_good() {
    let client = Client::new().await;
    let id = client.load_balancer(&small("web")).await;
    let sets = format!("/20170115/loadBalancers/{id}/backendSets");
    let mut body = super::client::set(json!([]));
    body["name"] = json!("api");
    let token = [("opc-retry-token", "api")];
    let accepted = client.send(Method::POST, &sets, Some(&body), &token).await.expect(204);
    client.finished(&accepted).await;
    client.change(Method::DELETE, &format!("{sets}/api"), None).await;
    let again = client.send(Method::POST, &sets, Some(&body), &token).await;
    assert_eq!(again.refusal().1, "InvalidatedRetryToken");
}

#[tokio::test]
async fn a_planned_fault_strikes_as_often_as_planned() {
    let client = Client::new().await;
    client.cloud.faults.plan(Fault {
        operation: "ListVcns".to_owned(),
        status: 429,
        after: 0,
        times: 1,
        ..Fault::default()
    });
    let path = format!("{VCNS}?compartmentId={COMPARTMENT}");
    let got = client.get(&path).await;
    assert_eq!((got.status, got.refusal().1.as_str()), (429, "TooManyRequests"));
    client.get(&path).await.expect(200);
}

#[test]
fn only_the_vendors_paths_are_served() {
    for path in ["/20170115/loadBalancers", "/n", "/n/ns/b", "/20160918/vcns"] {
        assert!(OciService::serves(path), "{path}");
    }
    for path in ["/", "/client/v4/zones", "/v2/", "/nothing", "20170115"] {
        assert!(!OciService::serves(path), "{path}");
    }
}
