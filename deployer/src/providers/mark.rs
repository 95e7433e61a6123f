//! The mark that makes a resource ours, and what a marked resource looks like to the planner.
//!
//! Three freeform tags: version of the mark, uid of the environment, address. No state file knows more.

use std::future::Future;

use deployer_core::address::{Address, Kind};
use deployer_core::diff;
use deployer_core::digest;
use deployer_core::observed::Found;
use deployer_core::value::Outputs;
use oci::{LifecycleState, Mutation, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Clouds, Listed, oci_failure};
use crate::failure::{self, Failure};

/// Version of the mark; a resource with a higher one was made by a newer deployer.
const VERSION: u64 = 1;
const VERSION_TAG: &str = "deployer";
const ENVIRONMENT_TAG: &str = "deployer-environment";
const ADDRESS_TAG: &str = "deployer-address";

/// How often a retry token is exchanged for the next because the thing it once made is gone.
const EPOCHS: u32 = 64;

/// The tags of a resource.
pub(super) fn tags(clouds: &Clouds, address: &Address) -> Value {
    json!({
        VERSION_TAG: VERSION.to_string(),
        ENVIRONMENT_TAG: clouds.environment.uid,
        ADDRESS_TAG: address.to_string(),
    })
}

/// The vendor's create details for a spec: with compartment and mark. A field of the spec that the details do not know
/// would be lost without a word; that is a mistake of ours, and said before anything is made.
pub(super) fn details<T: DeserializeOwned + Serialize>(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<T, Failure> {
    let mut spec = spec.clone();
    spec["compartmentId"] = json!(clouds.compartment);
    spec["freeformTags"] = tags(clouds, address);
    let details: T = typed(address, spec.clone())?;
    let bug = |error| Failure::because(failure::Kind::Bug, address, &error);
    let taken = serde_json::to_value(&details).map_err(bug)?;
    match diff::fields(&spec, &taken).first() {
        None => Ok(details),
        Some(lost) => {
            let message = format!("{address}: the API has no field {}", lost.field);
            Err(Failure::new(failure::Kind::Bug, message))
        }
    }
}

/// The vendor's form of a spec.
pub(super) fn typed<T: DeserializeOwned>(address: &Address, spec: Value) -> Result<T, Failure> {
    serde_json::from_value(spec)
        .map_err(|error| Failure::because(failure::Kind::Bug, address, &error))
}

/// Carries out a create exactly once, whatever gets lost on the way.
///
/// The token is derived from what is made, so a second try makes no twin. A token outlives what it made by a day:
/// when the service says so, the next epoch's token is used.
pub(super) async fn once<T, F>(
    clouds: &Clouds,
    address: &Address,
    body: &impl Serialize,
    create: impl Fn(Mutation) -> F,
) -> Result<Response<T>, Failure>
where
    F: Future<Output = oci::Result<Response<T>>>,
{
    let body = serde_json::to_string(body)
        .map_err(|error| Failure::because(failure::Kind::Bug, address, &error))?;
    for epoch in 0..EPOCHS {
        let made_of = format!(
            "{VERSION} {} {} {address} {body} {epoch}",
            clouds.environment.uid, clouds.compartment
        );
        let mutation = Mutation::once(digest::short(made_of.as_bytes(), 52));
        match create(mutation).await {
            Err(error) if error.kind() == oci::Kind::InvalidatedRetryToken => {}
            outcome => return outcome.map_err(|error| oci_failure(&address.to_string(), &error)),
        }
    }
    Err(Failure::new(failure::Kind::Provider, format!("{address}: every retry token is used up"))
        .hint("retry tokens are forgotten after 24 hours"))
}

/// Those of a list that carry this environment's mark and still exist.
pub(super) fn ours<T: Serialize>(clouds: &Clouds, kind: Kind, list: oci::Result<Vec<T>>) -> Listed {
    let list = list.map_err(|error| oci_failure(&format!("list every {kind}"), &error))?;
    let mut marked = Vec::new();
    for item in list {
        let spec = serde_json::to_value(item)
            .map_err(|error| Failure::because(failure::Kind::Bug, kind, &error))?;
        if let Some(address) = owner(clouds, &spec)?
            && address.kind == kind
            && !state(&spec).is_ending()
        {
            marked.push((address, found(spec)));
        }
    }
    Ok(marked)
}

/// The address that a resource is marked with, when it is ours.
fn owner(clouds: &Clouds, spec: &Value) -> Result<Option<Address>, Failure> {
    let tag = |name: &str| spec["freeformTags"][name].as_str();
    if tag(ENVIRONMENT_TAG) != Some(&clouds.environment.uid) {
        return Ok(None);
    }
    let version = tag(VERSION_TAG).and_then(|version| version.parse().ok()).unwrap_or(u64::MAX);
    if version > VERSION {
        return Err(Failure::new(
            failure::Kind::Refused,
            format!("{} was made by a newer deployer", spec["id"]),
        )
        .hint("use that version for this environment"));
    }
    Ok(tag(ADDRESS_TAG).and_then(|address| address.parse().ok()))
}

fn state(spec: &Value) -> LifecycleState {
    serde_json::from_value(spec["lifecycleState"].clone()).unwrap_or_default()
}

/// What the planner sees of a resource that OCI shows as `spec`.
pub(super) fn found(spec: Value) -> Found {
    let text = |field: &str| spec[field].as_str().unwrap_or_default().to_owned();
    let broken = (state(&spec) == LifecycleState::Failed).then(|| "has failed".to_owned());
    let outputs = Outputs::from([
        ("id".to_owned(), text("id")),
        ("displayName".to_owned(), text("displayName")),
    ]);
    Found { id: text("id"), state: text("lifecycleState"), outputs, broken, spec }
}

/// As [`found`], for the answer of a create or an update.
pub(super) fn answered<T: Serialize>(
    address: &Address,
    response: Response<T>,
) -> Result<Found, Failure> {
    let spec = serde_json::to_value(response.value);
    let spec = spec.map_err(|error| Failure::because(failure::Kind::Bug, address, &error))?;
    Ok(found(spec))
}

/// The guard of a change: it is only made to the version that was just seen, so that nobody else's is overwritten.
pub(super) fn seen<T>(response: oci::Result<Response<T>>) -> oci::Result<Mutation> {
    Ok(response?.etag.map(Mutation::matching).unwrap_or_default())
}

/// A delete: what is gone already is as it should be, and what is still in use a moment longer is waited for. Gives the
/// work request that carries it out, when there is one.
pub(super) async fn delete<F>(
    clouds: &Clouds,
    what: &str,
    call: impl Fn() -> F,
) -> Result<Option<String>, Failure>
where
    F: Future<Output = oci::Result<Response<()>>>,
{
    use oci::work_request::{Look, Poll};
    // Interfaces of what was just deleted linger for minutes, and keep subnets and groups from going.
    let patience = Poll {
        deadline: std::time::Duration::from_mins(10),
        settle: std::time::Duration::ZERO,
        ..Poll::default()
    };
    let gone = patience
        .until(&clouds.oci, what.to_owned(), || async {
            match call().await {
                Ok(response) => Ok(Look::Done(response.work_request_id)),
                Err(error) if error.kind() == oci::Kind::NotFound => Ok(Look::Done(None)),
                Err(error)
                    if matches!(error.kind(), oci::Kind::Conflict | oci::Kind::IncorrectState) =>
                {
                    Ok(Look::NotYet(error.to_string()))
                }
                Err(error) => Err(error),
            }
        })
        .await;
    gone.map_err(|error| oci_failure(what, &error))
}
