//! Container instances. They cannot be changed: another generation is another instance. Only the security groups of
//! their interface can.

mod placement;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deployer_core::address::{Address, Kind};
use deployer_core::diff;
use deployer_core::observed::Found;
use oci::container_instance::{
    self as api, ContainerInstance, CreateContainerInstanceDetails, UpdateContainerInstanceDetails,
};
use oci::work_request::{self, Poll};
use oci::{LifecycleState, Mutation};
use serde_json::{Value, json};

use super::change::{self, Target};
use super::create::{self, Made, Wanted};
use super::{Clouds, Listed, listing, mark, oci_failure};
use crate::failure::{self, Failure};

/// The field of an interface that holds its security groups; added to what the instance shows of it.
const GROUPS: &str = "nsgIds";

pub(super) async fn list(clouds: &Clouds) -> Listed {
    let mut listed = listing::ours_at_rest(clouds, Kind::ContainerInstance).await?;
    for (address, found) in &mut listed {
        let state = found.state.as_str();
        if state == "INACTIVE" {
            found.broken = Some("was stopped".to_owned());
        }
        if matches!(state, "ACTIVE" | "UPDATING" | "CREATING") {
            let ready = ready(clouds, address, &found.id).await?;
            found.outputs.extend(ready.outputs);
            found.broken = ready.broken;
            found.spec["vnics"] = ready.spec["vnics"].clone();
        }
    }
    Ok(listed)
}

pub(super) async fn create(clouds: &Clouds, wanted: &Wanted<'_>) -> Result<Found, Failure> {
    let mut spec = wanted.spec.clone();
    spec["imagePullSecrets"] = pull_secrets(clouds);
    placement::place(clouds, wanted, &spec).await
}

/// Why an instance did not come to be in one place.
#[derive(Debug)]
enum Trouble {
    /// No machine of this shape is free there.
    Full,
    Other(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

/// Makes the instance in the place that `spec` names.
async fn make(clouds: &Clouds, wanted: &Wanted<'_>, spec: &Value) -> Result<Found, Trouble> {
    let address = wanted.address;
    let failed = |error: &oci::Error| oci_failure(&address.to_string(), error);
    let create = async |details: &CreateContainerInstanceDetails, mutation: &Mutation| {
        let response = api::create(&clouds.oci, details, mutation).await?;
        let mut value = json!(response.value);
        if create::is_repeated(response.value.time_created.as_deref(), response.date) {
            let now = api::get(&clouds.oci, &response.value.id).await?.value.lifecycle_state;
            value["spent"] = json!(now == LifecycleState::Failed);
            value["lingers"] = value["spent"].clone();
        }
        Ok(response.with(value))
    };
    let elsewhere = async || placement::elsewhere(clouds, wanted, spec).await;
    let made = create::once_anywhere(clouds, wanted, spec, (create, elsewhere)).await;
    let (id, work) = match made {
        Ok(Made::Now(response)) => {
            let id = response.value["id"].as_str().unwrap_or_default().to_owned();
            (id, response.work_request_id)
        }
        Ok(Made::There(found)) => (found.id, None),
        Err(create::Trouble::Call(error)) if error.kind() == oci::Kind::OutOfCapacity => {
            return Err(Trouble::Full);
        }
        Err(trouble) => return Err(trouble.into_failure(address).into()),
    };
    if let Some(work) = &work {
        clouds.note(address, "pulling the image and starting");
        match work_request::container_instance(&clouds.oci, work, &Poll::default()).await {
            Ok(_) => {}
            Err(error) if error.kind() == oci::Kind::OutOfCapacity => {
                remove_failed(clouds, address, &id).await?;
                return Err(Trouble::Full);
            }
            Err(error) => return Err(failed(&error).into()),
        }
    }
    let found = ready(clouds, address, &id).await?;
    match &found.broken {
        None => Ok(found),
        Some(reason) => {
            let message = format!("{address}: it {reason}");
            Err(Failure::new(failure::Kind::Provider, message).into())
        }
    }
}

/// Removes what this run has just made in vain.
async fn remove_failed(clouds: &Clouds, address: &Address, id: &str) -> Result<(), Failure> {
    let instance = match api::get(&clouds.oci, id).await {
        Ok(response) => response.value,
        Err(error) if error.kind() == oci::Kind::NotFound => {
            let target = Target { clouds, address, id, seen: &Found::default() };
            return target.absent(&error).await;
        }
        Err(error) => return Err(oci_failure(&address.to_string(), &error)),
    };
    delete(&Target { clouds, address, id, seen: &listing::found(json!(instance)) }).await
}

/// The instance once it runs, with the address that it has in its subnet, and its security groups.
pub(super) async fn ready(clouds: &Clouds, address: &Address, id: &str) -> Result<Found, Failure> {
    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
    let instance = settled(clouds, id).await.map_err(failed)?;
    let vnic = instance.vnics.first().and_then(|vnic| vnic.vnic_id.clone());
    let lifecycle = instance.lifecycle_state.clone();
    let details = instance.lifecycle_details.clone().unwrap_or_default();
    let mut found = listing::found(json!(instance));
    if !lifecycle.is_ready() {
        found.broken = Some(format!("is {} {details}", found.state).trim_end().to_owned());
        return Ok(found);
    }
    // Such a one serves nobody, and is made anew.
    let Some(vnic) = vnic else {
        found.broken = Some("has no interface".to_owned());
        return Ok(found);
    };
    let vnic = oci::vnic::get(&clouds.oci, &vnic).await.map_err(failed)?.value;
    if let Some(private) = vnic.private_ip {
        found.outputs.insert("privateIp".to_owned(), private);
    }
    found.spec["vnics"][0][GROUPS] = json!(vnic.nsg_ids);
    Ok(found)
}

/// The interfaces of an instance as the instance itself shows them.
pub(super) fn without_groups(vnics: &mut Value) {
    for vnic in vnics.as_array_mut().into_iter().flatten() {
        vnic.as_object_mut().map(|fields| fields.remove(GROUPS));
    }
}

/// Puts its interface into the security groups of `spec`, and into no others.
pub(super) async fn update(target: &Target<'_>, spec: &Value) -> Result<Found, Failure> {
    let Target { clouds, address, id, seen } = *target;
    target.guard(api::get(&clouds.oci, id).await).await?;
    let seen = &seen.spec["vnics"][0];
    let vnic = seen["vnicId"].as_str().unwrap_or_default();
    let look = oci::vnic::get(&clouds.oci, vnic).await.map_err(|error| target.failed(&error))?;
    if !diff::same(&seen[GROUPS], &json!(look.value.nsg_ids)) {
        return Err(change::conflict(address, "changed its security groups"));
    }
    let details = json!({ GROUPS: spec["vnics"][0][GROUPS] });
    let details: oci::vnic::UpdateVnicDetails = create::typed(address, details)?;
    let guard = target.version(look.etag)?;
    let updated = oci::vnic::update(&clouds.oci, vnic, &details, &guard).await;
    updated.map_err(|error| target.failed(&error))?;
    ready(clouds, address, id).await
}

/// The instance when it is no longer on its way to somewhere.
async fn settled(clouds: &Clouds, id: &str) -> oci::Result<ContainerInstance> {
    use oci::work_request::Look;
    Poll::default()
        .until(&clouds.oci, "GetContainerInstance", || async {
            let instance = api::get(&clouds.oci, id).await?.value;
            Ok(match &instance.lifecycle_state {
                LifecycleState::Creating | LifecycleState::Updating => {
                    Look::NotYet(format!("{:?}", instance.lifecycle_state))
                }
                _ => Look::Done(instance),
            })
        })
        .await
}

/// How the instance signs in to the registry. The API never shows it again, so it is no part of a comparison.
fn pull_secrets(clouds: &Clouds) -> Value {
    let registry = &clouds.site.registry;
    let (Some(username), Some(password)) = (&registry.username, &registry.password) else {
        return Value::Null;
    };
    json!([{
        "secretType": "BASIC",
        "registryEndpoint": clouds.registry,
        "username": STANDARD.encode(format!("{}/{username}", clouds.namespace)),
        "password": STANDARD.encode(password),
    }])
}

/// Writes another address into the mark.
pub(super) async fn remark(target: &Target<'_>) -> Result<Found, Failure> {
    tag(target, &json!({ mark::ADDRESS_TAG: target.address.to_string() })).await
}

/// Writes these tags, unless a run that was killed has written them just now; others stay.
pub(super) async fn tag(target: &Target<'_>, ours: &Value) -> Result<Found, Failure> {
    let Target { clouds, address, id, .. } = *target;
    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
    match settled(clouds, id).await {
        Err(error) if error.kind() != oci::Kind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let look = api::get(&clouds.oci, id).await;
    let has = look.as_ref().ok().map(|seen| &seen.value.freeform_tags);
    let Some(tags) = mark::added(has, ours) else { return ready(clouds, address, id).await };
    let guard = target.guard(look).await?;
    let details: UpdateContainerInstanceDetails =
        create::typed(address, json!({ "freeformTags": tags }))?;
    let response = api::update(&clouds.oci, id, &details, &guard).await.map_err(failed)?;
    if let Some(work) = &response.work_request_id {
        let done = work_request::container_instance(&clouds.oci, work, &Poll::default()).await;
        done.map_err(failed)?;
    }
    ready(clouds, address, id).await
}

pub(super) async fn delete(target: &Target<'_>) -> Result<(), Failure> {
    let Target { clouds, address, id, .. } = *target;
    let get = async || api::get(&clouds.oci, id).await;
    let delete = async |guard: &Mutation| api::delete(&clouds.oci, id, guard).await;
    let Some(work) = target.delete(get, delete).await? else {
        return Ok(());
    };
    let done = work_request::container_instance(&clouds.oci, &work, &Poll::default()).await;
    done.map(drop).map_err(|error| oci_failure(&address.to_string(), &error))
}
