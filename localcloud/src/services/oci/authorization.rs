//! Whether the tenancy's policies let the user do what a call asks for.
//!
//! A call needs permissions where its object is, and some on objects that it begins or ceases to use. What does not
//! exist is not looked into here: the operation itself answers with the same 404.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Call, json as to_json};
use super::contract::NOT_IMPLEMENTED;
use super::failure::Failure;
use super::{OciService, holdings, identity, logging, permission};
use crate::policy::Request;

/// What a call is about.
#[derive(Debug, Default)]
struct Target {
    compartment: String,
    /// The object as it is kept; null when it is yet to be made.
    kept: Value,
    variables: BTreeMap<&'static str, String>,
}

/// One permission that is needed, or one of several, on what.
#[derive(Debug)]
struct Need<'a> {
    permissions: &'a str,
    compartment: String,
}

/// # Errors
/// The vendor's 404, which does not say what is missing.
pub(super) fn check(service: &OciService, call: &Call) -> Result<(), Failure> {
    if service.cloud.policies.are_silent() || NOT_IMPLEMENTED.contains(&call.name()) {
        return Ok(());
    }
    let Some(target) = Target::of(service, call) else { return Ok(()) };
    let Some(needed) = needed(call, &target) else {
        return Err(refused(service, call, "a permission that is not known here"));
    };
    for need in needs(service, call, &target, &needed) {
        if !is_allowed(service, call, &target, &need) {
            let Need { permissions, compartment } = need;
            return Err(refused(service, call, &format!("{permissions} in {compartment}")));
        }
    }
    Ok(())
}

fn needed(call: &Call, target: &Target) -> Option<String> {
    if call.name() == "put_object" {
        let exists = target.kept["objects"].get(call.parameter("objectName")).is_some();
        return Some(if exists { "OBJECT_OVERWRITE" } else { "OBJECT_CREATE" }.to_owned());
    }
    permission::needed(&call.operation.service, call.name())
}

fn needs<'a>(service: &OciService, call: &Call, target: &Target, needed: &'a str) -> Vec<Need<'a>> {
    if call.name() == "search_logs" {
        let compartments = logging::search::compartments(call).into_iter();
        return compartments.map(|compartment| Need { permissions: needed, compartment }).collect();
    }
    let mut needs = Vec::new();
    for need in needed.split_whitespace() {
        let mut parts = need.splitn(3, ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(moment), Some(kind), Some(permissions)) => {
                let (named, kept) = (ocids(&call.body, kind), target.ocids(call, kind));
                let ids = if moment == "new" { &named - &kept } else { &kept - &named };
                needs.extend(ids.iter().filter_map(|id| {
                    let (compartment, _) = find(service, id)?;
                    Some(Need { permissions, compartment })
                }));
            }
            _ => {
                needs.push(Need { permissions: need, compartment: target.compartment.clone() });
            }
        }
    }
    needs
}

fn is_allowed(service: &OciService, call: &Call, target: &Target, need: &Need<'_>) -> bool {
    let compartments = identity::around(service, &need.compartment);
    let operation = call.operation.title();
    need.permissions.split('|').any(|permission| {
        service.cloud.policies.allow(&Request {
            permission,
            operation: &operation,
            compartments: &compartments,
            variables: &target.variables,
        })
    })
}

fn refused(service: &OciService, call: &Call, lacks: &str) -> Failure {
    service.cloud.policies.remember(format!("{} needs {lacks}", call.operation.title()));
    let bucket = call.parameter("bucketName");
    if bucket.is_empty() {
        return Failure::not_found(call.operation.title());
    }
    let message = format!("'{bucket}' does not exist, or is not for this caller");
    Failure::new(StatusCode::NOT_FOUND, "BucketNotFound", message)
}

impl Target {
    /// `None` when there is no such thing.
    fn of(service: &OciService, call: &Call) -> Option<Self> {
        let tenancy = &service.credentials.tenancy;
        if call.operation.service == "object_storage" {
            return Self::in_object_storage(service, call);
        }
        let subject = call.subject();
        let about_nothing = subject.is_empty() || call.operation.service == "limits";
        let (compartment, kept) = if about_nothing {
            (call.compartment().unwrap_or(tenancy).to_owned(), Value::Null)
        } else {
            find(service, subject)?
        };
        let mut variables = BTreeMap::new();
        // Lists have no single repository that they are about, whatever they are filtered by.
        let name = kept["repositoryName"].as_str().or_else(|| {
            (call.name() == "create_container_repository").then(|| call.text("displayName"))?
        });
        variables.extend(name.map(|name| ("target.repo.name", name.to_owned())));
        Some(Self { compartment, kept, variables })
    }

    fn in_object_storage(service: &OciService, call: &Call) -> Option<Self> {
        let name = match call.parameter("bucketName") {
            "" => call.text("name").unwrap_or_default(),
            name => name,
        };
        let buckets = holdings::all(service).into_iter().filter(|held| held.kind == "bucket");
        let kept = buckets.map(|held| held.value).find(|bucket| bucket["name"] == name);
        let is_new = call.parameter("bucketName").is_empty();
        let compartment = match &kept {
            Some(bucket) if !is_new => bucket["compartmentId"].as_str()?.to_owned(),
            None if !is_new => return None,
            _ => call.compartment().unwrap_or(&service.credentials.tenancy).to_owned(),
        };
        let named = (!name.is_empty()).then(|| ("target.bucket.name", name.to_owned()));
        let variables = named.into_iter().collect();
        Some(Self { compartment, kept: kept.unwrap_or_default(), variables })
    }

    /// What the object uses of a kind, as far as the call is about that: an update leaves alone what it does not name.
    fn ocids(&self, call: &Call, kind: &str) -> BTreeSet<String> {
        match (&self.kept, &call.body) {
            (Value::Object(kept), Value::Object(body)) => {
                let touched = kept.iter().filter(|(field, _)| body.contains_key(*field));
                touched.flat_map(|(_, value)| ocids(value, kind)).collect()
            }
            (kept, _) => ocids(kept, kind),
        }
    }
}

/// The OCIDs of a kind that are anywhere in a document.
fn ocids(value: &Value, kind: &str) -> BTreeSet<String> {
    match value {
        Value::String(text) => {
            let is_one = text.strip_prefix("ocid1.").and_then(|rest| rest.strip_prefix(kind));
            is_one.filter(|rest| rest.starts_with('.')).map(|_| text.clone()).into_iter().collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| ocids(item, kind)).collect(),
        Value::Object(fields) => fields.values().flat_map(|field| ocids(field, kind)).collect(),
        _ => BTreeSet::new(),
    }
}

/// The compartment of an object, and the object; a repository and its images with the repository's name.
fn find(service: &OciService, id: &str) -> Option<(String, Value)> {
    if identity::has_compartment(service, id) || id == service.credentials.user {
        return Some((id.to_owned(), Value::Null));
    }
    if let Ok(work) = service.work.get(id) {
        return Some((work.compartment, Value::Null));
    }
    let repositories = service.cloud.repositories.read();
    let owner = repositories.images.get(id).map_or(id, |image| image.repository_id.as_str());
    if let Some(repository) = repositories.repositories.get(owner) {
        let mut kept = to_json(repository);
        kept["repositoryName"] = json!(repository.display_name);
        return Some((repository.compartment_id.clone(), kept));
    }
    let is_it = |value: &Value| {
        value["id"] == id
            || value["containers"].as_array().is_some_and(|own| own.iter().any(|c| c["id"] == id))
    };
    let kept = holdings::all(service).into_iter().map(|held| held.value).find(is_it)?;
    Some((kept["compartmentId"].as_str()?.to_owned(), kept))
}
