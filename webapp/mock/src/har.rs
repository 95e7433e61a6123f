//! Stubs from a HAR file, as browsers record them.

use crate::json::{Json, Object, object};
use crate::refusal::Refusal;

/// The most entries of a recording.
pub const MAX_ENTRIES: usize = 1_000;

/// Headers that belong to the connection of then, not to the answer.
const DROPPED: [&str; 6] =
    ["content-length", "content-encoding", "transfer-encoding", "connection", "date", "keep-alive"];

/// Mappings for the entries of a recording; of entries with the same request the last one stays.
///
/// # Errors
/// Names the field of the recording that is missing.
pub fn mappings(har: &Json) -> Result<Vec<Json>, Refusal> {
    let entries = har.pointer("/log/entries").and_then(Json::as_array);
    let entries = entries.ok_or_else(|| Refusal::new("/log/entries", "expected an array"))?;
    let mut made: indexmap::IndexMap<String, Json> = indexmap::IndexMap::new();
    if entries.len() > MAX_ENTRIES {
        let most = format!("has {} entries, and {MAX_ENTRIES} are the most", entries.len());
        return Err(Refusal::new("/log/entries", most));
    }
    for (i, entry) in entries.iter().enumerate().filter(|(_, entry)| was_answered(entry)) {
        let mapping =
            mapping(entry).map_err(|refusal| refusal.below(&format!("/log/entries/{i}")))?;
        made.insert(mapping.get("request").map(Json::to_string).unwrap_or_default(), mapping);
    }
    Ok(made.into_values().collect())
}

/// Whether an entry is an exchange over HTTP that came to its end: neither aborted nor a WebSocket nor inline data.
fn was_answered(entry: &Json) -> bool {
    let status = entry.pointer("/response/status").and_then(Json::as_u64);
    let url = entry.pointer("/request/url").and_then(Json::as_str);
    status != Some(0)
        && status != Some(101)
        && url.is_none_or(|url| !url.starts_with("data:") && !url.starts_with("blob:"))
}

fn mapping(entry: &Json) -> Result<Json, Refusal> {
    let text = |pointer: &str| {
        let found = entry.pointer(pointer).and_then(Json::as_str);
        found.ok_or_else(|| Refusal::new(pointer, "expected a string"))
    };
    let (method, url) = (text("/request/method")?, path(text("/request/url")?));
    let status =
        entry.pointer("/response/status").and_then(Json::as_u64).filter(|status| *status >= 100);
    let mut request = object([("method", method.into()), ("url", url.into())]);
    let body = text("/request/postData/text").unwrap_or_default();
    if let (Some(fields), false) = (request.as_object_mut(), body.is_empty()) {
        let matcher = if Json::parse(body.as_bytes()).is_ok() { "equalToJson" } else { "equalTo" };
        fields.insert("bodyPatterns".into(), Json::Array(vec![object([(matcher, body.into())])]));
    }
    let mut response = Object::new();
    response.insert("status".into(), status.unwrap_or(200).into());
    let headers = headers(entry.pointer("/response/headers"));
    if !headers.is_empty() {
        response.insert("headers".into(), Json::Object(headers));
    }
    if let Ok(body) = text("/response/content/text") {
        let is_binary =
            text("/response/content/encoding").is_ok_and(|encoding| encoding == "base64");
        response.insert(if is_binary { "base64Body" } else { "body" }.into(), body.into());
    }
    let name = format!("{method} {url}");
    Ok(object([("name", name.into()), ("request", request), ("response", Json::Object(response))]))
}

fn path(url: &str) -> &str {
    match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |start| &rest[start..]),
        None => url,
    }
}

fn headers(list: Option<&Json>) -> Object {
    let mut headers = Object::new();
    for header in list.and_then(Json::as_array).unwrap_or_default() {
        let (Some(name), Some(value)) =
            (header.get("name").and_then(Json::as_str), header.get("value"))
        else {
            continue;
        };
        if name.starts_with(':') || DROPPED.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        match headers.get_mut(name) {
            Some(Json::Array(values)) => values.push(value.clone()),
            Some(first) => *first = Json::Array(vec![first.clone(), value.clone()]),
            None => {
                headers.insert(name.to_owned(), value.clone());
            }
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_exchange_becomes_a_stub_without_what_belongs_to_its_connection() {
        let har =
            br#"{"log":{"entries":[{"request":{"method":"POST","url":"https://a.example/x?y=1",
            "postData":{"text":"{\"a\":1}"}},
            "response":{"status":201,"headers":[{"name":"Content-Type","value":"text/plain"},
            {"name":"Content-Length","value":"2"}],
            "content":{"text":"aGk=","encoding":"base64"}}}]}}"#;
        let made = mappings(&Json::parse(har).unwrap()).unwrap();
        let expected = br#"{"name":"POST /x?y=1","request":{"method":"POST","url":"/x?y=1",
            "bodyPatterns":[{"equalToJson":"{\"a\":1}"}]},
            "response":{"status":201,"headers":{"Content-Type":"text/plain"},"base64Body":"aGk="}}"#;
        assert_eq!(made[0], Json::parse(expected).unwrap());
        assert_eq!(mappings(&Json::Null).unwrap_err().at, "/log/entries");
    }

    #[test]
    fn what_was_never_answered_becomes_no_stub_and_too_long_a_recording_is_refused() {
        let entry = |url: &str, status: u32| {
            format!(
                r#"{{"request":{{"method":"GET","url":"{url}"}},"response":{{"status":{status}}}}}"#
            )
        };
        let recording = |entries: &[String]| {
            Json::parse(format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(",")).as_bytes())
        };
        let entries = [
            entry("https://a/x", 0),
            entry("wss://a/y", 101),
            entry("data:,z", 200),
            entry("https://a/k", 204),
        ];
        assert_eq!(mappings(&recording(&entries).unwrap()).unwrap().len(), 1);
        let long = vec![entry("https://a/x", 200); MAX_ENTRIES + 1];
        assert_eq!(mappings(&recording(&long).unwrap()).unwrap_err().at, "/log/entries");
    }
}
