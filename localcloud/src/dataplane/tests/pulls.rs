//! From visitor to backend through the edge, with a listener that wants to know that it is the edge that calls.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::BOTH;
use super::site::Site;
use crate::Ports;
use crate::edge::Edge;
use crate::edge::pull::Shared;
use crate::model::zone::{Record, Zone};
use crate::services::cloudflare::CloudflareService;

const ZONE: &str = "0123456789abcdef0123456789abcdef";

/// The zone `a.example` in front of the load balancer, `ssl = strict`.
async fn edge(site: &Site) -> Edge {
    let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
    site.cloud.zones.update(|world| {
        let (name, status) = ("a.example".to_owned(), "active".to_owned());
        let mut zone = Zone { id: ZONE.to_owned(), name, status, ..Zone::default() };
        zone.settings.insert("ssl".to_owned(), "strict".into());
        let (kind, content) = ("A".to_owned(), "203.0.113.5".to_owned());
        let name = "a.example".to_owned();
        let record = Record { name, kind, content, proxied: true, ..Record::default() };
        zone.records.insert("r".to_owned(), record);
        world.zones.insert(ZONE.to_owned(), zone);
        world.ranges.ipv4_cidrs = vec!["173.245.48.0/20".to_owned()];
    });
    Edge::start(site.cloud.clone(), &Ports::default()).await.unwrap()
}

/// Status of a page that a visitor asks for.
async fn visit(site: &Site, edge: &Edge) -> u16 {
    let root = reqwest::Certificate::from_pem(site.cloud.authority.root_pem().as_bytes());
    let client = reqwest::Client::builder()
        .tls_certs_only([root.unwrap()])
        .no_proxy()
        .resolve("a.example", edge.https);
    let url = format!("https://a.example:{}/who", edge.https.port());
    client.build().unwrap().get(url).send().await.unwrap().status().as_u16()
}

fn demand(site: &Site, authority: &str) {
    site.merge(&json!({
        "certificates": {"a": {"caCertificate": authority}},
        "listeners": {"a": {"sslConfiguration": {"verifyPeerCertificate": true, "verifyDepth": 1}}}
    }));
}

async fn call(site: &Site, method: &str, path: &str, body: Value) -> (u16, Value) {
    let service = CloudflareService::open(site.cloud.clone(), "token".to_owned());
    let request = Request::builder()
        .method(method)
        .uri(format!("/client/v4/zones/{ZONE}/{path}"))
        .header("authorization", "Bearer token")
        .body(Bytes::from(body.to_string()));
    let response = service.handle(request.unwrap()).await.response;
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// Waits until the load balancer has what it was given last.
async fn settled(site: &Site, edge: &Edge, expected: bool) {
    super::poll(async || (visit(site, edge).await == 200) == expected).await;
}

#[tokio::test]
async fn only_the_edge_gets_in_when_origin_pulls_are_authenticated() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let edge = edge(&site).await;
    // Connections that are kept stay as they were agreed on, so nobody visits before.
    demand(&site, edge.origin_pull_authority());
    settled(&site, &edge, false).await;
    let (_, on) = call(&site, "PATCH", "settings/tls_client_auth", json!({"value": "on"})).await;
    assert_eq!(on["result"]["value"], "on");
    settled(&site, &edge, true).await;
    call(&site, "PATCH", "settings/tls_client_auth", json!({"value": "off"})).await;
    settled(&site, &edge, false).await;
}

#[tokio::test]
async fn a_zone_can_show_a_certificate_of_its_own() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let edge = edge(&site).await;
    let folder = std::env::temp_dir().join(format!("pulls-{}", crate::ids::hex::<8>()));
    std::fs::create_dir_all(&folder).unwrap();
    let own = Shared::open(&folder, site.cloud.clock.now()).unwrap();
    let again = Shared::open(&folder, site.cloud.clock.now()).unwrap();
    assert_eq!(own.authority_pem, again.authority_pem);
    std::fs::remove_dir_all(&folder).unwrap();
    demand(&site, &own.authority_pem);
    call(&site, "PATCH", "settings/tls_client_auth", json!({"value": "on"})).await;
    settled(&site, &edge, false).await;
    let path = "origin_tls_client_auth";
    let body =
        json!({"certificate": &*own.identity.certificate, "private_key": &*own.identity.key});
    let (status, made) = call(&site, "POST", path, body).await;
    assert_eq!((status, &made["result"]["status"]), (200, &json!("pending_deployment")));
    assert!(made["result"]["expires_on"].is_string() && !made.to_string().contains("PRIVATE"));
    assert_ne!(visit(&site, &edge).await, 200);
    call(&site, "PUT", &format!("{path}/settings"), json!({"enabled": true})).await;
    settled(&site, &edge, true).await;
    let id = made["result"]["id"].as_str().unwrap();
    let (_, shown) = call(&site, "GET", &format!("{path}/{id}"), Value::Null).await;
    assert_eq!(
        (&shown["result"]["status"], &shown["result"]["enabled"]),
        (&json!("active"), &json!(true))
    );
    assert_eq!(call(&site, "DELETE", &format!("{path}/{id}"), Value::Null).await.0, 200);
    assert_eq!(call(&site, "GET", &format!("{path}/{id}"), Value::Null).await.0, 404);
    settled(&site, &edge, false).await;
}

#[tokio::test]
async fn a_certificate_without_its_key_is_refused() {
    let site = Site::start(json!({})).await;
    let _edge = edge(&site).await;
    let one = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["b".to_owned()]).unwrap();
    for (certificate, key) in [
        (one.cert.pem(), other.signing_key.serialize_pem()),
        (one.cert.pem(), "none".to_owned()),
        ("none".to_owned(), one.signing_key.serialize_pem()),
    ] {
        let body = json!({"certificate": certificate, "private_key": key});
        let (status, answer) = call(&site, "POST", "origin_tls_client_auth", body).await;
        assert_eq!(status, 400);
        assert!(!answer.to_string().contains("PRIVATE"));
    }
}
