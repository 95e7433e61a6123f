//! What a template sees: the request, and the parameters of its stub.

use serde_json::{Map, Value, json};

use crate::json::Json;
use crate::request::{Request, decode_percent, encode_base64, gathered};

/// The model for one request; `variables` are those of the stub's path template.
#[must_use]
pub fn model(
    request: &Request,
    id: &str,
    variables: &[(String, String)],
    parameters: &Json,
) -> Value {
    let path = request.path();
    let segments: Vec<String> = path.split('/').skip(1).map(decode_percent).collect();
    let mut by_place: Map<String, Value> = segments
        .iter()
        .enumerate()
        .map(|(i, segment)| (i.to_string(), segment.as_str().into()))
        .collect();
    by_place.extend(variables.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    json!({
        "request": {
            "id": id,
            "url": request.url,
            "pathText": path,
            "path": by_place,
            "pathSegments": segments,
            "query": lists(&request.query()),
            "method": request.method,
            "host": request.host,
            "port": request.port,
            "scheme": request.scheme,
            "baseUrl": request.base_url(),
            "clientIp": request.client_ip,
            "headers": lists(&headers),
            "cookies": lists(&request.cookies()),
            "body": request.text(),
            "bodyAsBase64": encode_base64(&request.body),
            "isMultipart": request.media_type().starts_with("multipart/"),
        },
        "parameters": Value::from(parameters),
    })
}

fn lists(pairs: &[(String, String)]) -> Value {
    let named = gathered(pairs).into_iter();
    Value::Object(named.map(|(name, values)| (name, Value::from(values))).collect())
}
