//! `POST purge_cache`: what the edge keeps of a zone is forgotten, all of it or what the call names.

use serde_json::{Map, Value, json};

use super::CloudflareService;
use super::call::Call;
use super::envelope::{Failure, Success};
use crate::edge::cache::purge::{Address, Purge};
use crate::model::zone::Zone;

/// Things that one call may name.
const MOST: usize = 100;
const KINDS: [&str; 4] = ["files", "tags", "hosts", "prefixes"];

pub(crate) fn purge(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let body: Map<String, Value> = call.json()?;
    let world = service.world();
    let zone = call.zone(&world)?;
    service.cloud.cache.purge(&zone.id, &read(zone, &body)?);
    Ok(Success::one(json!({ "id": zone.id })))
}

fn read(zone: &Zone, body: &Map<String, Value>) -> Result<Purge, Failure> {
    let everything = body.get("purge_everything") == Some(&Value::Bool(true));
    let listed: Vec<_> = KINDS.iter().filter_map(|kind| Some((*kind, body.get(*kind)?))).collect();
    match listed.as_slice() {
        [] if everything => Ok(Purge::Everything),
        [(kind, list)] if !everything => {
            let list = list.as_array().ok_or_else(no_array)?;
            if list.len() > MOST {
                let text = format!("You may only purge up to {MOST} {kind} in one request");
                return Err(Failure::bad_request(1012, text));
            }
            if list.is_empty() {
                return Err(no_kind());
            }
            kind_of(zone, kind, list)
        }
        _ => Err(no_kind()),
    }
}

fn kind_of(zone: &Zone, kind: &str, list: &[Value]) -> Result<Purge, Failure> {
    if kind == "files" {
        return list
            .iter()
            .map(|file| address(zone, file))
            .collect::<Result<_, _>>()
            .map(Purge::Files);
    }
    let texts = list.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<_>>();
    let texts: Vec<String> = texts.ok_or_else(no_kind)?;
    if kind == "tags" {
        return Ok(Purge::Tags(texts));
    }
    for text in &texts {
        let host = text.split('/').next().unwrap_or_default();
        if !is_in(zone, host) {
            return Err(foreign(zone, text));
        }
    }
    Ok(if kind == "hosts" { Purge::Hosts(texts) } else { Purge::Prefixes(texts) })
}

/// A URL, alone or as `url` of an object with the headers of a cache key.
fn address(zone: &Zone, file: &Value) -> Result<Address, Failure> {
    let url = file.as_str().or_else(|| file.get("url")?.as_str()).ok_or_else(no_kind)?;
    let address = Address::parse(url).filter(|address| is_in(zone, &address.host));
    address.ok_or_else(|| foreign(zone, url))
}

fn is_in(zone: &Zone, host: &str) -> bool {
    let below = host.to_ascii_lowercase();
    below
        .strip_suffix(zone.name.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn no_kind() -> Failure {
    let text = "Request must contain one of \"purge_everything\", \"files\", \"tags\", \"hosts\" or \"prefixes\"";
    Failure::bad_request(1012, text)
}

fn no_array() -> Failure {
    Failure::bad_request(1014, "\"files\", \"tags\", \"hosts\" or \"prefixes\" must be an array")
}

fn foreign(zone: &Zone, what: &str) -> Failure {
    let text = format!("Unable to purge {what}: it is not in the zone {}", zone.name);
    Failure::bad_request(1016, text)
}
