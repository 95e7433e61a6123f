//! The load balancer is changed call by call, each to the version that the one before left.
//!
//! The first call is made to what the plan saw. After each, the load balancer is read back: it must look as it was
//! predicted, or somebody else was there. The version that was compared guards the next call, so the chain has no gap.

use std::collections::BTreeSet;
use std::time::Duration;

use deployer_core::address::Address;
use deployer_core::balancer::{CHILDREN, Call, Child, applied, divergent_child};
use deployer_core::digest;
use deployer_core::observed::Found;
use oci::load_balancer as api;
use oci::work_request::{self, Poll, Status};
use oci::{Mutation, Response};
use serde_json::{Value, json};

use super::super::change::{self, Target};
use super::super::{Clouds, listing, oci_failure};
use super::{complete, health, send};
use crate::execute::World;
use crate::failure::Failure;

/// A version of the load balancer: its content, and the guard of a change of just this content.
struct Version {
    spec: Value,
    guard: Mutation,
    /// How many changes of the load balancer are known to have failed.
    failed: usize,
}

/// Carries out `calls`, one after another.
pub(in super::super) async fn update(
    target: &Target<'_>,
    calls: &[Call],
    world: &World,
) -> Result<Found, Failure> {
    let Target { clouds, address, id, .. } = *target;
    let look = api::get(&clouds.oci, id).await;
    let spec = look.as_ref().map_or(Value::Null, |response| json!(response.value));
    let failed = failed(clouds, address, id).await?;
    let mut version = Version { guard: target.guard(look).await?, spec, failed };
    let total = calls.iter().filter(|call| !call.is_wait()).count();
    let mut number = 0;
    for call in calls {
        number += usize::from(!call.is_wait());
        clouds.note(address, format!("{number} of {total}: {}", told(call)));
        version = step(target, &resolved(call, world)?, version).await?;
    }
    let mut found = listing::found(version.spec);
    complete(&mut found);
    Ok(found)
}

async fn step(target: &Target<'_>, call: &Call, before: Version) -> Result<Version, Failure> {
    let Target { clouds, address, id, .. } = *target;
    if let Call::AwaitHealthy { backend_set, backends } = call {
        health::wait(clouds, address, id, (backend_set, backends)).await?;
        return Ok(before);
    }
    if let Call::AwaitDrained { seconds, .. } = call {
        tokio::time::sleep(Duration::from_secs(*seconds)).await;
        return Ok(before);
    }
    if is_there(call, &before.spec) {
        return Ok(before);
    }
    let failed = |error: &oci::Error| match error.kind() {
        // It was compared just now, so that what does not fit any more is somebody else's work.
        oci::Kind::EtagMismatch
        | oci::Kind::NotFound
        | oci::Kind::Conflict
        | oci::Kind::InvalidatedRetryToken => {
            change::conflict(address, "changed it").during(format!("{}: {error}", told(call)))
        }
        _ => oci_failure(&format!("{address}: {}", told(call)), error),
    };
    let mutation = Mutation { retry_token: Some(token(clouds, call, id, &before)), ..before.guard };
    let response = send::send(clouds, address, id, call, &mutation).await?;
    if let Some(work) = response.map_err(|error| failed(&error))?.work_request_id {
        let done = work_request::load_balancer(&clouds.oci, &work, &Poll::default()).await;
        done.map_err(|error| failed(&error))?;
    }
    let look: oci::Result<Response<_>> = api::get(&clouds.oci, id).await;
    let look = look.map_err(|error| failed(&error))?;
    let spec = json!(look.value);
    if let Some(field) = divergence(&applied(&before.spec, call), &spec) {
        return Err(change::conflict(address, format!("changed its {field}")));
    }
    let guard = target.version(look.etag)?;
    Ok(Version { spec, guard, failed: before.failed })
}

/// What failed leaves the version as it was, and its retry token would only bring the old failure again.
pub(super) async fn failed(clouds: &Clouds, address: &Address, id: &str) -> Result<usize, Failure> {
    let works = work_request::list_of_load_balancer(&clouds.oci, id).await;
    let works = works.map_err(|error| oci_failure(&address.to_string(), &error))?;
    Ok(works.iter().filter(|work| work.lifecycle_state == Status::Failed).count())
}

/// A killed run may have brought the certificate already; its name says what it holds.
fn is_there(call: &Call, spec: &Value) -> bool {
    match call {
        Call::Create { child: Child::Certificate, name: Value::String(name), .. } => {
            !spec[Child::Certificate.field()][name.as_str()].is_null()
        }
        _ => false,
    }
}

/// The same call on the same version is the same call.
fn token(clouds: &Clouds, call: &Call, id: &str, before: &Version) -> String {
    let Version { guard, failed, .. } = before;
    let (uid, version) = (&clouds.environment.uid, &guard.if_match);
    digest::short(format!("{uid} {id} {version:?} {failed} {call:?}").as_bytes(), 52)
}

fn resolved(call: &Call, world: &World) -> Result<Call, Failure> {
    Ok(match call {
        Call::Create { child, name, body } => {
            Call::Create { child: *child, name: world.resolve(name)?, body: world.resolve(body)? }
        }
        Call::Update { child, name, body } => {
            let body = each_once(world.resolve(body)?);
            Call::Update { child: *child, name: name.clone(), body }
        }
        Call::Delete { child, name } => Call::Delete { child: *child, name: name.clone() },
        Call::AwaitHealthy { backend_set, backends } => Call::AwaitHealthy {
            backend_set: backend_set.clone(),
            backends: world.resolve(backends)?,
        },
        Call::Reshape { body } => Call::Reshape { body: world.resolve(body)? },
        Call::SetSecurityGroups { body } => Call::SetSecurityGroups { body: world.resolve(body)? },
        Call::AwaitDrained { .. } | Call::SetAttributes { .. } => call.clone(),
    })
}

/// A new instance may have got the address of one that is gone and still in the set: then it is that backend now, and
/// what is asked of it stands before what is left of the other.
fn each_once(mut body: Value) -> Value {
    let mut known = BTreeSet::new();
    if let Some(backends) = body["backends"].as_array_mut() {
        backends.retain(|backend| {
            known.insert(format!("{} {}", backend["ipAddress"], backend["port"]))
        });
    }
    body
}

/// The first field in which the load balancer does not look as predicted. Of children all names count, and of each
/// what was predicted: the service adds defaults of its own, and never shows a key.
fn divergence(predicted: &Value, now: &Value) -> Option<String> {
    let children = CHILDREN.map(Child::field);
    let (mut whole_before, mut whole_now) = (predicted.clone(), now.clone());
    for spec in [&mut whole_before, &mut whole_now] {
        if let Some(fields) = spec.as_object_mut() {
            fields.retain(|field, _| !children.contains(&field.as_str()));
        }
    }
    let whole = change::differences(&whole_before, &whole_now).into_iter().next();
    whole.or_else(|| divergent_child(predicted, now))
}

fn told(call: &Call) -> String {
    match call {
        Call::Create { child, name, .. } => {
            format!("create {} {}", child.field(), name.as_str().unwrap_or("(new)"))
        }
        Call::Update { child, name, .. } => format!("update {} {name}", child.field()),
        Call::Delete { child, name } => format!("delete {} {name}", child.field()),
        Call::AwaitHealthy { backend_set, .. } => format!("waiting until {backend_set} is healthy"),
        Call::AwaitDrained { backend_set, .. } => {
            format!("waiting while old backends of {backend_set} end what they began")
        }
        Call::Reshape { .. } => "change the shape".to_owned(),
        Call::SetSecurityGroups { .. } => "change the security groups".to_owned(),
        Call::SetAttributes { .. } => "change name and protection".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balancer() -> Value {
        json!({
            "id": "lb", "lifecycleState": "ACTIVE", "networkSecurityGroupIds": ["a"],
            "hostnames": { "one": { "name": "one", "hostname": "one.example" } },
            "certificates": { "crt": { "certificateName": "crt", "publicCertificate": "pem" } },
        })
    }

    #[test]
    fn what_the_service_adds_and_hides_is_as_predicted() {
        let body = json!({ "certificateName": "new", "publicCertificate": "p", "privateKey": "k" });
        let call = Call::Create { child: Child::Certificate, name: json!("new"), body };
        let mut now = balancer();
        now["lifecycleState"] = json!("UPDATING");
        now["certificates"]["new"] =
            json!({ "certificateName": "new", "publicCertificate": "p", "caCertificate": null });
        assert_eq!(divergence(&applied(&balancer(), &call), &now), None);
    }

    #[test]
    fn what_somebody_else_did_meanwhile_is_seen_wherever_it_is() {
        let call = Call::Delete { child: Child::Hostname, name: "one".to_owned() };
        let predicted = applied(&balancer(), &call);
        let mut done = balancer();
        done["hostnames"] = json!({});
        assert_eq!(divergence(&predicted, &done), None);
        for (path, value) in [
            ("/hostnames/two", json!({ "name": "two" })),
            ("/hostnames/one", json!({ "name": "one" })),
            ("/certificates/crt", json!({ "publicCertificate": "other" })),
            ("/networkSecurityGroupIds", json!(["a", "b"])),
        ] {
            let mut now = done.clone();
            let (parent, name) = path.rsplit_once('/').unwrap();
            now.pointer_mut(parent).unwrap()[name] = value;
            assert!(divergence(&predicted, &now).is_some(), "{path}");
        }
    }

    #[test]
    fn a_backend_that_took_over_the_address_of_another_stands_once_in_the_set() {
        let backend =
            |drain: bool| json!({ "ipAddress": "10.0.0.3", "port": 8080, "drain": drain });
        let body = each_once(json!({ "backends": [backend(false), backend(true)] }));
        assert_eq!(body, json!({ "backends": [backend(false)] }));
    }

    #[test]
    fn a_certificate_that_a_killed_run_brought_is_taken() {
        let create = |name: &str| Call::Create {
            child: Child::Certificate,
            name: json!(name),
            body: json!({}),
        };
        assert!(is_there(&create("crt"), &balancer()));
        assert!(!is_there(&create("new"), &balancer()));
    }
}
