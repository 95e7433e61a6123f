//! Container instances. They cannot be changed: another generation is another instance.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deployer_core::address::{Address, Kind};
use deployer_core::observed::Found;
use oci::LifecycleState;
use oci::container_instance::{
    self as api, ContainerInstance, CreateContainerInstanceDetails, UpdateContainerInstanceDetails,
};
use oci::work_request::{self, Poll};
use serde_json::{Value, json};

use super::{Clouds, Listed, mark, oci_failure};
use crate::failure::{self, Failure};

pub(super) async fn list(clouds: &Clouds) -> Listed {
    let summaries = api::list(&clouds.oci, &clouds.compartment).await;
    let mut listed = mark::ours(clouds, Kind::ContainerInstance, summaries)?;
    for (address, found) in &mut listed {
        let state = found.state.as_str();
        if state == "INACTIVE" {
            found.broken = Some("was stopped".to_owned());
        }
        if matches!(state, "ACTIVE" | "UPDATING" | "CREATING") {
            let ready = ready(clouds, address, &found.id).await?;
            found.outputs.extend(ready.outputs);
            found.broken = ready.broken;
        }
    }
    Ok(listed)
}

pub(super) async fn create(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<Found, Failure> {
    let mut spec = spec.clone();
    spec["imagePullSecrets"] = pull_secrets(clouds);
    let details: CreateContainerInstanceDetails = mark::details(clouds, address, &spec)?;
    let create = |mutation| {
        let details = &details;
        async move { api::create(&clouds.oci, details, &mutation).await }
    };
    let response = mark::once(clouds, address, &details, create).await?;
    if let Some(id) = &response.work_request_id {
        clouds.note(address, "pulling the image and starting");
        let done = work_request::container_instance(&clouds.oci, id, &Poll::default()).await;
        done.map_err(|error| oci_failure(&address.to_string(), &error))?;
    }
    let found = ready(clouds, address, &response.value.id).await?;
    match &found.broken {
        None => Ok(found),
        Some(reason) => {
            Err(Failure::new(failure::Kind::Provider, format!("{address}: it {reason}")))
        }
    }
}

/// The instance once it runs, with the address that it has in its subnet.
async fn ready(clouds: &Clouds, address: &Address, id: &str) -> Result<Found, Failure> {
    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
    let instance = settled(clouds, id).await.map_err(failed)?;
    let vnic = instance.vnics.first().and_then(|vnic| vnic.vnic_id.clone());
    let lifecycle = instance.lifecycle_state.clone();
    let details = instance.lifecycle_details.clone().unwrap_or_default();
    let mut found = mark::found(json!(instance));
    if !lifecycle.is_ready() {
        found.broken = Some(format!("is {} {details}", found.state).trim_end().to_owned());
        return Ok(found);
    }
    let vnic = vnic.ok_or_else(|| {
        Failure::new(failure::Kind::Provider, format!("{address} has no interface"))
    })?;
    let vnic = oci::vnic::get(&clouds.oci, &vnic).await.map_err(failed)?.value;
    if let Some(private) = vnic.private_ip {
        found.outputs.insert("privateIp".to_owned(), private);
    }
    Ok(found)
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

/// Writes another address into the mark; the tags of others stay.
pub(super) async fn remark(clouds: &Clouds, address: &Address, id: &str) -> Result<Found, Failure> {
    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
    let seen = api::get(&clouds.oci, id).await.map_err(failed)?;
    let mut tags = json!(seen.value.freeform_tags);
    for (name, value) in mark::tags(clouds, address).as_object().into_iter().flatten() {
        tags[name] = value.clone();
    }
    let details: UpdateContainerInstanceDetails =
        mark::typed(address, json!({ "freeformTags": tags }))?;
    let guard = mark::seen(Ok(seen)).map_err(failed)?;
    let response = api::update(&clouds.oci, id, &details, &guard).await.map_err(failed)?;
    if let Some(work) = &response.work_request_id {
        let done = work_request::container_instance(&clouds.oci, work, &Poll::default()).await;
        done.map_err(failed)?;
    }
    ready(clouds, address, id).await
}

pub(super) async fn delete(clouds: &Clouds, address: &Address, id: &str) -> Result<(), Failure> {
    let delete = || async {
        let seen = mark::seen(api::get(&clouds.oci, id).await)?;
        api::delete(&clouds.oci, id, &seen).await
    };
    let Some(work) = mark::delete(clouds, &address.to_string(), delete).await? else {
        return Ok(());
    };
    let done = work_request::container_instance(&clouds.oci, &work, &Poll::default()).await;
    done.map(drop).map_err(|error| oci_failure(&address.to_string(), &error))
}
