//! Object Storage (`/n`): buckets, and objects that can be created once and exchanged against their etag.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::OciService;
use super::call::{Answer, Call, json as to_json};
use super::failure::Failure;
use super::listing;
use crate::credentials::md5::md5;
use crate::ids;
use crate::table::Table;

/// All buckets by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct World {
    buckets: Table<Bucket>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Bucket {
    id: String,
    name: String,
    namespace: String,
    compartment_id: String,
    created_by: String,
    time_created: String,
    etag: String,
    public_access_type: String,
    storage_tier: String,
    versioning: String,
    metadata: BTreeMap<String, String>,
    freeform_tags: BTreeMap<String, String>,
    defined_tags: BTreeMap<String, Value>,
    /// By name; not part of the vendor's answer.
    objects: Table<Object>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Object {
    etag: String,
    time_modified: String,
    content_type: String,
    /// Base64.
    content: String,
    md5: String,
    size: usize,
}

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    if call.name() != "get_namespace" && call.subject() != service.credentials.namespace {
        return Err(gone("NamespaceNotFound", call.subject()));
    }
    match call.name() {
        "get_namespace" => Ok(Answer::shows(&service.credentials.namespace)),
        "create_bucket" => create(service, call),
        "get_bucket" => {
            let bucket = find(service, call)?;
            call.if_match(&bucket.etag)?;
            Ok(Answer::shows(&bucket))
        }
        "list_buckets" => {
            listing::bare(call, service.buckets.read().buckets.values().map(to_json).collect())
        }
        "delete_bucket" => delete(service, call),
        "put_object" => put(service, call),
        "get_object" | "head_object" => get(service, call),
        "delete_object" => remove(service, call),
        "list_objects" => list(service, call),
        _ => Err(Failure::not_implemented(&call.operation.title())),
    }
}

pub(super) fn inventory(service: &OciService) -> BTreeMap<String, usize> {
    let world = service.buckets.read();
    BTreeMap::from([
        ("buckets".to_owned(), world.buckets.len()),
        ("objects".to_owned(), world.buckets.values().map(|bucket| bucket.objects.len()).sum()),
    ])
}

/// Buckets with the names and sizes of what is in them.
pub(super) fn holdings(service: &OciService) -> Vec<Value> {
    let world = service.buckets.read();
    let shown = world.buckets.values().map(|bucket| {
        let mut value = to_json(bucket);
        value["objects"] =
            bucket.objects.iter().map(|(name, object)| (name.to_owned(), object.size)).collect();
        value
    });
    shown.collect()
}

fn create(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let or = |field: &str, otherwise: &str| call.text(field).unwrap_or(otherwise).to_owned();
    if call.text("versioning") == Some("Enabled") {
        return Err(Failure::not_implemented("CreateBucket with versioning"));
    }
    let bucket = Bucket {
        id: ids::ocid("bucket", service.region()),
        name: call.field("name")?,
        namespace: service.credentials.namespace.clone(),
        compartment_id: call.field("compartmentId")?,
        created_by: service.credentials.user.clone(),
        time_created: service.cloud.clock.stamp(),
        etag: ids::hex::<16>(),
        public_access_type: or("publicAccessType", "NoPublicAccess"),
        storage_tier: or("storageTier", "Standard"),
        versioning: or("versioning", "Disabled"),
        metadata: call.field("metadata")?,
        freeform_tags: call.field("freeformTags")?,
        defined_tags: call.field("definedTags")?,
        objects: Table::default(),
    };
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if !(1..=256).contains(&bucket.name.len()) || !bucket.name.bytes().all(letter) {
        let message = format!("Invalid bucket name '{}'", bucket.name);
        return Err(Failure::new(StatusCode::BAD_REQUEST, "InvalidBucketName", message));
    }
    service.buckets.try_update(|world| {
        if world.buckets.contains_key(&bucket.name) {
            let message = format!("Bucket '{}' exists already", bucket.name);
            return Err(Failure::new(StatusCode::CONFLICT, "BucketAlreadyExists", message));
        }
        world.buckets.insert(bucket.name.clone(), bucket.clone());
        Ok(Answer::shows(&bucket))
    })
}

fn find(service: &OciService, call: &Call) -> Result<Bucket, Failure> {
    let name = call.parameter("bucketName");
    service.buckets.read().buckets.get(name).cloned().ok_or_else(|| gone("BucketNotFound", name))
}

fn delete(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let name = call.parameter("bucketName");
    service.buckets.try_update(|world| {
        let bucket = world.buckets.get(name).ok_or_else(|| gone("BucketNotFound", name))?;
        call.if_match(&bucket.etag)?;
        if !bucket.objects.is_empty() {
            let message = format!("Bucket '{name}' is not empty");
            return Err(Failure::new(StatusCode::CONFLICT, "BucketNotEmpty", message));
        }
        world.buckets.remove(name);
        Ok(Answer::empty())
    })
}

/// `If-None-Match: *` makes this a lock, `If-Match` an exchange.
fn put(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let sum = STANDARD.encode(md5(&call.bytes));
    if call.header("content-md5").is_some_and(|sent| sent != sum) {
        let message = "Content-MD5 does not match the content";
        return Err(Failure::new(StatusCode::BAD_REQUEST, "UnmatchedContentMD5", message));
    }
    let object = Object {
        etag: ids::hex::<16>(),
        time_modified: service.cloud.clock.stamp(),
        content_type: call.header("content-type").unwrap_or("application/octet-stream").to_owned(),
        content: STANDARD.encode(&call.bytes),
        md5: sum.clone(),
        size: call.bytes.len(),
    };
    let etag = object.etag.clone();
    in_bucket(service, call, |objects| {
        let name = call.parameter("objectName");
        check(call, objects.get(name))?;
        objects.insert(name.to_owned(), object);
        Ok(())
    })?;
    Ok(Answer::raw("application/json", Bytes::new())
        .with("etag", etag)
        .with("opc-content-md5", sum))
}

fn get(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let bucket = find(service, call)?;
    let name = call.parameter("objectName");
    let object = bucket.objects.get(name).ok_or_else(|| gone("ObjectNotFound", name))?;
    check(call, Some(object))?;
    let content = STANDARD.decode(&object.content).unwrap_or_default();
    Ok(Answer::raw(&object.content_type, Bytes::from(content))
        .with("etag", &object.etag)
        .with("content-md5", &object.md5)
        .with("last-modified", http_date(&object.time_modified)))
}

fn remove(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    in_bucket(service, call, |objects| {
        let name = call.parameter("objectName");
        check(call, Some(objects.get(name).ok_or_else(|| gone("ObjectNotFound", name))?))?;
        objects.remove(name);
        Ok(())
    })?;
    Ok(Answer::empty())
}

fn list(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    if call.query("delimiter").is_some() {
        return Err(Failure::not_implemented("ListObjects with delimiter"));
    }
    let bucket = find(service, call)?;
    let prefix = call.query("prefix").unwrap_or_default();
    let limit = call.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(1000);
    let inside = |name: &&str| {
        name.starts_with(prefix)
            && call.query("start").is_none_or(|start| *name >= start)
            && call.query("startAfter").is_none_or(|after| *name > after)
            && call.query("end").is_none_or(|end| *name < end)
    };
    let mut names = bucket.objects.keys().filter(inside);
    let shown: Vec<Value> =
        names.by_ref().take(limit).map(|name| summary(name, &bucket.objects[name])).collect();
    Ok(Answer::shows(&json!({"objects": shown, "prefixes": [], "nextStartWith": names.next()})))
}

fn summary(name: &str, object: &Object) -> Value {
    json!({"name": name, "size": object.size, "md5": object.md5, "etag": object.etag,
        "timeCreated": object.time_modified, "timeModified": object.time_modified, "storageTier": "Standard"})
}

fn in_bucket(
    service: &OciService,
    call: &Call,
    change: impl FnOnce(&mut Table<Object>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let name = call.parameter("bucketName");
    service.buckets.try_update(|world| {
        let bucket = world.buckets.get_mut(name).ok_or_else(|| gone("BucketNotFound", name))?;
        change(&mut bucket.objects)
    })
}

/// The conditions of RFC 9110 section 13.1 that this API has, and the codes that it refuses with.
fn check(call: &Call, object: Option<&Object>) -> Result<(), Failure> {
    let is =
        |wanted: &str| object.is_some_and(|o| wanted == "*" || wanted.trim_matches('"') == o.etag);
    let refused =
        |code, message: &str| Err(Failure::new(StatusCode::PRECONDITION_FAILED, code, message));
    if call.header("if-none-match").is_some_and(is) {
        return refused("IfNoneMatchFailed", "The If-None-Match header matches the object");
    }
    if call.header("if-match").is_some_and(|wanted| !is(wanted)) {
        return refused("IfMatchFailed", "The If-Match header does not match the object");
    }
    Ok(())
}

fn gone(code: &'static str, what: &str) -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        code,
        format!("'{what}' does not exist, or is not for this caller"),
    )
}

/// RFC 9110 section 5.6.7.
fn http_date(stamp: &str) -> String {
    use time::format_description::well_known::{Rfc2822, Rfc3339};
    let moment = time::OffsetDateTime::parse(stamp, &Rfc3339).ok();
    let text = moment.and_then(|moment| moment.format(&Rfc2822).ok()).unwrap_or_default();
    text.replace("+0000", "GMT")
}
