//! DNS records: single calls, and the batch that is carried out whole or not at all.

mod conflict;
mod draft;
mod filter;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::CloudflareService;
use super::call::Call;
use super::envelope::{Failure, Success};
use super::page::{self, Size};
use crate::ids;
use crate::model::zone::{Record, Zone};

const SIZE: Size = Size { default: 100, most: 5_000_000 };
/// Free zones made since 2024-09 hold this many records and take this many changes in a batch.
const QUOTA: usize = 200;

type Fields = Map<String, Value>;

pub(crate) fn list(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let zone = call.zone(&world)?;
    let mut records: Vec<&Record> =
        zone.records.values().filter(|record| filter::matches(record, &call.query)).collect();
    filter::sort(&mut records, call);
    let (records, info) = page::cut(records, call, SIZE)?;
    Ok(Success::page(records.into_iter().map(view).collect(), info))
}

pub(crate) fn get(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let record = call.zone(&world)?.records.get(call.record_id()?);
    record.map(|record| Success::one(view(record))).ok_or_else(Failure::no_record)
}

pub(crate) fn create(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let fields = call.json()?;
    service.change(call, |zone, now| insert(zone, &fields, now)).map(Success::one)
}

pub(crate) fn patch(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let (id, fields) = (call.record_id()?, call.json()?);
    service.change(call, |zone, now| merge(zone, id, fields, now)).map(Success::one)
}

pub(crate) fn overwrite(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let (id, fields) = (call.record_id()?, call.json()?);
    service.change(call, |zone, now| replace(zone, id, &fields, now)).map(Success::one)
}

pub(crate) fn delete(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let id = call.record_id()?;
    service.change(call, |zone, _now| remove(zone, id))?;
    Ok(Success::one(json!({ "id": id })))
}

/// What a batch asks; every part may be absent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Batch {
    deletes: Vec<Fields>,
    patches: Vec<Fields>,
    puts: Vec<Fields>,
    posts: Vec<Fields>,
}

/// Deletes, patches, puts, posts in this order; the first that fails undoes all of them.
pub(crate) fn batch(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let Batch { deletes, patches, puts, posts } = call.json()?;
    let count = deletes.len() + patches.len() + puts.len() + posts.len();
    if count > QUOTA {
        let text = format!("a batch of {count} changes exceeds the quota of {QUOTA}");
        return Err(Failure::validation(9207, text));
    }
    service.change(call, |zone, now| {
        let deletes = each(deletes, |fields| remove(zone, &identifier(&fields)?))?;
        let patches = each(patches, |fields| merge(zone, &identifier(&fields)?, fields, now))?;
        let puts = each(puts, |fields| replace(zone, &identifier(&fields)?, &fields, now))?;
        let posts = each(posts, |fields| insert(zone, &fields, now))?;
        Ok(Success::one(json!({
            "deletes": deletes, "patches": patches, "puts": puts, "posts": posts,
        })))
    })
}

fn each(
    all: Vec<Fields>,
    change: impl FnMut(Fields) -> Result<Value, Failure>,
) -> Result<Vec<Value>, Failure> {
    all.into_iter().map(change).collect()
}

fn identifier(fields: &Fields) -> Result<String, Failure> {
    let id = fields.get("id").and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| Failure::body(&"`id` is missing"))
}

fn insert(zone: &mut Zone, fields: &Fields, now: &str) -> Result<Value, Failure> {
    if zone.records.len() >= QUOTA {
        return Err(Failure::bad_request(81045, "Record quota exceeded."));
    }
    let mut record = draft::record(fields, &zone.name)?;
    record.id = ids::hex::<16>();
    now.clone_into(&mut record.created_on);
    store(zone, record, now)
}

/// Fields that were sent change, others stay.
fn merge(zone: &mut Zone, id: &str, sent: Fields, now: &str) -> Result<Value, Failure> {
    let record = zone.records.get(id).ok_or_else(Failure::no_record)?;
    let Value::Object(mut fields) = view(record) else { return Err(Failure::no_record()) };
    // Content and data say the same thing twice; the one that was not sent must not contradict the other.
    for (one, other) in [("content", "data"), ("data", "content")] {
        if sent.contains_key(one) && !sent.contains_key(other) {
            fields.remove(other);
        }
    }
    fields.extend(sent);
    replace(zone, id, &fields, now)
}

/// Fields that were not sent go back to their defaults, the comment among them.
fn replace(zone: &mut Zone, id: &str, fields: &Fields, now: &str) -> Result<Value, Failure> {
    let old = zone.records.get(id).ok_or_else(Failure::no_record)?;
    let mut record = draft::record(fields, &zone.name)?;
    id.clone_into(&mut record.id);
    record.created_on.clone_from(&old.created_on);
    store(zone, record, now)
}

fn store(zone: &mut Zone, mut record: Record, now: &str) -> Result<Value, Failure> {
    conflict::check(zone, &record)?;
    now.clone_into(&mut record.modified_on);
    let shown = view(&record);
    zone.records.insert(record.id.clone(), record);
    Ok(shown)
}

fn remove(zone: &mut Zone, id: &str) -> Result<Value, Failure> {
    zone.records.remove(id).map(|record| view(&record)).ok_or_else(Failure::no_record)
}

/// A record as the API shows it.
fn view(record: &Record) -> Value {
    let mut shown = json!({
        "id": record.id,
        "name": record.name,
        "type": record.kind,
        "content": record.content,
        "proxiable": record.proxiable,
        "proxied": record.proxied,
        "ttl": record.ttl,
        "settings": record.settings,
        "meta": {},
        "comment": record.comment,
        "tags": record.tags,
        "created_on": record.created_on,
        "modified_on": record.modified_on,
    });
    if let Some(priority) = record.priority {
        shown["priority"] = priority.into();
    }
    if let Some(data) = &record.data {
        shown["data"] = data.clone();
    }
    shown
}
