//! Proofs in a zone, against a handful of Cloudflare's API.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::super::Dns01 as _;
use super::super::cloudflare::CloudflareDns;
use crate::cloudflare::Cloudflare;
use crate::http::{HttpTransport, client, loopback};
use crate::secret::Secret;

const NAME: &str = "_acme-challenge.example.com";

/// The records of `example.com`, the only zone.
#[derive(Default)]
struct Zone {
    records: Mutex<Vec<Value>>,
}

impl Zone {
    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut records = self.records.lock().unwrap();
        let query = request.uri().query().unwrap_or_default();
        let result = match (request.method(), request.uri().path()) {
            (&Method::GET, "/zones") if query.starts_with("name=example.com&") => {
                json!([{ "id": "z", "name": "example.com", "status": "active" }])
            }
            (&Method::GET, "/zones") => json!([]),
            (&Method::GET, _) => {
                let wanted = query.split('&').find_map(|pair| pair.strip_prefix("name.exact="));
                records
                    .iter()
                    .filter(|each| wanted.is_none_or(|name| each["name"] == name))
                    .cloned()
                    .collect()
            }
            (&Method::POST, _) => {
                let mut record: Value = serde_json::from_slice(request.body()).unwrap();
                record["id"] = json!(format!("r{}", records.len()));
                records.push(record.clone());
                record
            }
            (_, path) => {
                let id = path.rsplit('/').next().unwrap().to_owned();
                records.retain(|record| record["id"] != id.as_str());
                json!({ "id": id })
            }
        };
        let body = json!({ "success": true, "errors": [], "messages": [], "result": result });
        Response::new(body.to_string().into())
    }

    fn add(&self, kind: &str, content: &str, comment: &str) {
        let mut records = self.records.lock().unwrap();
        let id = format!("f{}", records.len());
        records.push(
            json!({ "id": id, "type": kind, "name": NAME, "content": content, "comment": comment }),
        );
    }

    fn contents(&self) -> Vec<String> {
        let records = self.records.lock().unwrap();
        records.iter().map(|record| record["content"].as_str().unwrap().to_owned()).collect()
    }
}

async fn zone() -> (Arc<Zone>, Cloudflare) {
    let zone = Arc::new(Zone::default());
    let served = Arc::clone(&zone);
    let address =
        loopback::serve(None, move |request| std::future::ready(served.answer(&request))).await;
    let token = Secret::from("token".to_owned());
    let cloudflare = Cloudflare::new(
        HttpTransport::new(client(&[], &[]).unwrap()),
        &format!("http://{address}"),
        &token,
    );
    (zone, cloudflare.unwrap())
}

fn proofs(cloudflare: &Cloudflare) -> CloudflareDns<'_> {
    CloudflareDns::new(cloudflare, "9f3c21ab", OffsetDateTime::UNIX_EPOCH)
}

#[tokio::test]
async fn two_values_stand_at_one_name_marked_and_quoted() {
    let (zone, cloudflare) = zone().await;
    let dns = proofs(&cloudflare);
    dns.publish(NAME, "one").await.unwrap();
    dns.publish(NAME, "two").await.unwrap();
    dns.publish(NAME, "two").await.unwrap();
    assert_eq!(zone.contents(), ["\"one\"", "\"two\""]);
    let comment = zone.records.lock().unwrap()[0]["comment"].clone();
    assert_eq!(comment, "deployer/1 9f3c21ab acme x=3600");
}

#[tokio::test]
async fn only_what_was_published_is_withdrawn() {
    let (zone, cloudflare) = zone().await;
    zone.add("TXT", "one", "of somebody else");
    let dns = proofs(&cloudflare);
    dns.publish(NAME, "one").await.unwrap();
    dns.publish(NAME, "two").await.unwrap();
    for value in ["one", "two", "three"] {
        dns.withdraw(NAME, value).await.unwrap();
    }
    assert_eq!(zone.contents(), ["one"]);
}

#[tokio::test]
async fn an_alias_is_followed_within_the_zones_of_the_token() {
    let (zone, cloudflare) = zone().await;
    zone.add("CNAME", "proofs.example.com", "");
    assert_eq!(proofs(&cloudflare).publish(NAME, "one").await.unwrap(), "proofs.example.com");
}

#[tokio::test]
async fn an_alias_out_of_reach_names_its_target() {
    let (zone, cloudflare) = zone().await;
    zone.add("CNAME", "proofs.elsewhere.example", "");
    let error = proofs(&cloudflare).publish(NAME, "one").await.unwrap_err();
    assert!(error.to_string().contains("proofs.elsewhere.example"), "{error}");
}
