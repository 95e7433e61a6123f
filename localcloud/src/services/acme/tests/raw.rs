//! Requests that no client would send, and the error that each must meet.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use super::{BASE, World};

/// A P-256 key and what goes into a request.
struct Sender {
    world: World,
    key: EcdsaKeyPair,
}

impl Sender {
    fn new() -> Self {
        let world = World::new("127.0.0.1:9".parse().unwrap());
        Self { world, key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    fn jwk(&self) -> Value {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "x": BASE64.encode(x), "y": BASE64.encode(y) })
    }

    fn header(&self, path: &str) -> Value {
        let nonce = self.world.service.nonces.issue(self.world.service.cloud.clock.now());
        json!({ "alg": "ES256", "jwk": self.jwk(), "nonce": nonce, "url": format!("{BASE}{path}") })
    }

    fn sign(&self, header: &Value, payload: &Value) -> Value {
        let (protected, payload) =
            (BASE64.encode(header.to_string()), BASE64.encode(payload.to_string()));
        let signed = format!("{protected}.{payload}");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        json!({ "protected": protected, "payload": payload, "signature": BASE64.encode(signature) })
    }

    async fn post(&self, path: &str, media: &str, body: String) -> (u16, String) {
        let request =
            Request::post(path).header("content-type", media).body(Bytes::from(body)).unwrap();
        let reply = self.world.service.handle(request, BASE).await;
        assert!(reply.response.headers().contains_key("replay-nonce"));
        let body: Value = serde_json::from_slice(reply.response.body()).unwrap_or_default();
        let kind = body["type"]
            .as_str()
            .unwrap_or_default()
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        (reply.response.status().as_u16(), kind)
    }

    async fn new_account(&self, header: &Value) -> (u16, String) {
        let body = self.sign(header, &json!({ "termsOfServiceAgreed": true, "contact": null }));
        self.post("/acme/new-account", "application/jose+json", body.to_string()).await
    }
}

fn problem(status: u16, kind: &str) -> (u16, String) {
    (status, kind.to_owned())
}

#[tokio::test]
async fn an_account_is_made_once_per_key() {
    let sender = Sender::new();
    assert_eq!(sender.new_account(&sender.header("/acme/new-account")).await, problem(201, ""));
    assert_eq!(sender.new_account(&sender.header("/acme/new-account")).await, problem(200, ""));
}

#[tokio::test]
async fn a_nonce_is_not_taken_twice() {
    let sender = Sender::new();
    let header = sender.header("/acme/new-account");
    sender.new_account(&header).await;
    assert_eq!(sender.new_account(&header).await, problem(400, "badNonce"));
}

#[tokio::test]
async fn a_request_meant_for_another_url_is_refused() {
    let sender = Sender::new();
    assert_eq!(
        sender.new_account(&sender.header("/acme/new-order")).await,
        problem(403, "unauthorized")
    );
}

#[tokio::test]
async fn only_signatures_in_use_are_taken() {
    let sender = Sender::new();
    for alg in ["none", "HS256", "ES512"] {
        let mut header = sender.header("/acme/new-account");
        header["alg"] = json!(alg);
        assert_eq!(
            sender.new_account(&header).await,
            problem(400, "badSignatureAlgorithm"),
            "{alg}"
        );
    }
}

#[tokio::test]
async fn a_key_and_an_account_exclude_each_other() {
    let sender = Sender::new();
    let mut header = sender.header("/acme/new-account");
    header["kid"] = json!(format!("{BASE}/acme/account/x"));
    assert_eq!(sender.new_account(&header).await, problem(400, "malformed"));
}

#[tokio::test]
async fn an_unknown_account_is_told_so() {
    let sender = Sender::new();
    let mut header = sender.header("/acme/new-order");
    header.as_object_mut().unwrap().remove("jwk");
    header["kid"] = json!(format!("{BASE}/acme/account/nobody"));
    let body = sender.sign(&header, &json!({}));
    let outcome = sender.post("/acme/new-order", "application/jose+json", body.to_string()).await;
    assert_eq!(outcome, problem(400, "accountDoesNotExist"));
}

#[tokio::test]
async fn a_changed_payload_breaks_the_signature() {
    let sender = Sender::new();
    let mut body =
        sender.sign(&sender.header("/acme/new-account"), &json!({ "termsOfServiceAgreed": true }));
    body["payload"] = json!(BASE64.encode("{}"));
    let outcome = sender.post("/acme/new-account", "application/jose+json", body.to_string()).await;
    assert_eq!(outcome, problem(400, "malformed"));
}

#[tokio::test]
async fn other_media_types_and_large_bodies_are_refused() {
    let sender = Sender::new();
    let outcome = sender.post("/acme/new-account", "application/json", "{}".to_owned()).await;
    assert_eq!(outcome, problem(415, "malformed"));
    let large = " ".repeat(64 * 1024 + 1);
    let outcome = sender.post("/acme/new-account", "application/jose+json", large).await;
    assert_eq!(outcome, problem(413, "malformed"));
}

#[tokio::test]
async fn nonces_come_by_head_and_get_and_resources_do_not() {
    let world = World::new("127.0.0.1:9".parse().unwrap());
    for (method, path, status) in [
        (Method::HEAD, "/acme/new-nonce", 200),
        (Method::GET, "/acme/new-nonce", 204),
        (Method::GET, "/directory", 200),
        (Method::GET, "/acme/order/x", 405),
        (Method::GET, "/elsewhere", 404),
    ] {
        let request = Request::builder().method(&method).uri(path).body(Bytes::new()).unwrap();
        let reply = world.service.handle(request, BASE).await;
        assert_eq!(reply.response.status(), status, "{method} {path}");
        assert_eq!(
            reply.response.headers().contains_key("replay-nonce"),
            path == "/acme/new-nonce" || status == 404
        );
    }
}
