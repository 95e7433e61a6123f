//! The API as its clients see it.

mod records;
mod zones;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use super::CloudflareService;
use crate::services::Reply;
use crate::{Cloud, Options, Ports, RuntimeChoice, Seed, ids};

/// A service over a fresh cloud with the zone `codeharmony.net`.
struct Api {
    cloud: Arc<Cloud>,
    service: Arc<CloudflareService>,
    zone: String,
}

impl Drop for Api {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.cloud.options.state);
    }
}

impl Api {
    async fn new() -> Self {
        let zones = vec!["codeharmony.net".to_owned()];
        let cloud = Cloud::open(Options {
            state: std::env::temp_dir().join(format!("localcloud-cloudflare-{}", ids::hex::<8>())),
            ports: Ports::default(),
            runtime: RuntimeChoice::Process,
            seed: Seed { zones, ..Seed::default() },
            latency_ms: 0,
            conduct: crate::options::Conduct::default(),
        })
        .unwrap();
        let service = CloudflareService::open(cloud.clone(), "good-token".to_owned());
        let mut api = Self { cloud, service, zone: String::new() };
        let zones = api.get("/zones?name=codeharmony.net").await;
        api.zone = zones["result"][0]["id"].as_str().unwrap().to_owned();
        api
    }

    async fn reply(&self, request: http::request::Builder, body: &str) -> Reply {
        self.service.handle(request.body(Bytes::from(body.to_owned())).unwrap()).await
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/client/v4{path}"))
            .header("authorization", "Bearer good-token");
        opened(&self.reply(request, &body.to_string()).await.response)
    }

    async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, &Value::Null).await.1
    }

    async fn records(&self, method: Method, rest: &str, body: Value) -> (u16, Value) {
        self.call(method, &format!("/zones/{}/dns_records{rest}", self.zone), &body).await
    }

    /// Creates a record; returns its status and its id or the code of the refusal.
    async fn create(&self, body: Value) -> (u16, Value) {
        let (status, answer) = self.records(Method::POST, "", body).await;
        if status == 200 { (status, answer["result"].clone()) } else { (status, code(&answer)) }
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let (_, answer) = self.records(Method::GET, query, Value::Null).await;
        let records = answer["result"].as_array().unwrap().clone();
        records.iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn opened(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
}

/// The most telling code of a refusal.
fn code(answer: &Value) -> Value {
    let error = &answer["errors"][0];
    let below = &error["error_chain"][0]["code"];
    if below.is_null() { error["code"].clone() } else { below.clone() }
}

fn a(name: &str, content: &str) -> Value {
    json!({ "type": "A", "name": name, "content": content })
}
