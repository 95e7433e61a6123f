//! A request told back to its sender as JSON: what the chain of proxies made of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::{Extension, Json};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;

use crate::arrival::{Arrival, Claim, claims};
use crate::problem::Problem;
use crate::site::Site;

/// The most of a body that is read.
const LARGEST_BODY: usize = 1024 * 1024;

/// What arrived.
#[derive(Debug, Serialize)]
pub(crate) struct Echo {
    app: String,
    build: String,
    method: String,
    path: String,
    query: Option<String>,
    /// Every value of every header, in the order of arrival.
    headers: BTreeMap<String, Vec<String>>,
    body: Body,
    visitor: Vec<Claim>,
}

/// A body as text when it is UTF-8, in hexadecimal when not.
#[derive(Debug, Serialize)]
struct Body {
    bytes: usize,
    #[serde(flatten)]
    content: Content,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    Hex(String),
    Text(String),
}

/// The limit that [`echo`] reports as 413.
pub(crate) const fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_BODY)
}

pub(crate) async fn echo(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Echo>, Problem> {
    let body = body.map_err(|refused| match refused.status() {
        status @ StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, format!("a body may have at most {LARGEST_BODY} bytes"))
        }
        status => Problem::new(status, "the body could not be read to its end"),
    })?;
    Ok(Json(Echo {
        app: site.settings.app_name.clone(),
        build: site.settings.build_id.clone(),
        method: method.to_string(),
        path: arrival.uri.path().to_owned(),
        query: arrival.uri.query().map(str::to_owned),
        visitor: claims(&headers),
        headers: by_name(&headers),
        body: Body { bytes: body.len(), content: content(&body) },
    }))
}

fn by_name(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    let mut by_name = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in headers {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        by_name.entry(name.to_string()).or_default().push(text);
    }
    by_name
}

fn content(body: &[u8]) -> Content {
    match std::str::from_utf8(body) {
        Ok(text) => Content::Text(text.to_owned()),
        Err(_) => Content::Hex(hexadecimal(body)),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
