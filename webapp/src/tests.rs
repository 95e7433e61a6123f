//! The site as its visitors meet it: requests through the whole router, without a network.

mod fractal;
mod pages;
mod serving;
mod tools;

use std::env::VarError;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::App;
use crate::settings::Settings;

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn site() -> Router {
    let settings = Settings::read(|name| match name {
        "APP_NAME" => Ok("files".to_owned()),
        "APP_TITLE" => Ok("Files & folders".to_owned()),
        "BUILD_ID" => Ok("build-7".to_owned()),
        _ => Err(VarError::NotPresent),
    });
    App::new(settings.unwrap(), "webapp".into(), Arc::default()).router()
}

async fn ask(method: Method, target: &str, headers: &[(&str, &str)], body: Body) -> Answer {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = site().oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

async fn get(target: &str) -> Answer {
    ask(Method::GET, target, &[("host", "files.example.org")], Body::empty()).await
}
