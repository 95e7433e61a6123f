//! Container instances (`/20210415`): one VNIC, some containers, a work request for everything that takes time.

mod create;
mod run;
mod shape;
mod work_request;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::OciService;
use super::call::{Answer, Call, json as to_json};
use super::failure::Failure;
use super::listing;
use super::work::{Change, Subject};
use crate::ids;
use crate::runtime::Status;
use crate::simulation::Patient;
use crate::table::Table;

pub(super) use run::{proceed, relaunch};

/// All container instances and their containers, by OCID.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct World {
    instances: Table<Instance>,
    containers: Table<Container>,
}

/// An instance as the API shows it, and what it never shows: pull secrets, and the interface that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Instance {
    id: String,
    etag: String,
    display_name: String,
    compartment_id: String,
    availability_domain: String,
    fault_domain: Option<String>,
    lifecycle_state: String,
    lifecycle_details: Option<String>,
    containers: Vec<ContainerName>,
    container_count: usize,
    time_created: String,
    time_updated: Option<String>,
    shape: String,
    shape_config: shape::Config,
    vnics: Vec<VnicName>,
    container_restart_policy: String,
    graceful_shutdown_timeout_in_seconds: u64,
    /// As they were sent, with user and password; cut off on the way out.
    image_pull_secrets: Vec<Value>,
    /// As it was sent; not part of the vendor's answer.
    wanted_vnic: Value,
    freeform_tags: BTreeMap<String, String>,
    defined_tags: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerName {
    container_id: String,
    display_name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VnicName {
    vnic_id: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container {
    id: String,
    etag: String,
    display_name: String,
    compartment_id: String,
    availability_domain: String,
    container_instance_id: String,
    lifecycle_state: String,
    lifecycle_details: Option<String>,
    exit_code: Option<i32>,
    time_created: String,
    time_updated: Option<String>,
    image_url: String,
    command: Vec<String>,
    arguments: Vec<String>,
    working_directory: Option<String>,
    environment_variables: BTreeMap<String, String>,
    resource_config: Option<Value>,
    /// Nobody runs these checks here, so their status stays `UNKNOWN`.
    health_checks: Vec<Value>,
    security_context: Option<Value>,
    is_resource_principal_disabled: bool,
    freeform_tags: BTreeMap<String, String>,
    defined_tags: BTreeMap<String, Value>,
}

pub(super) async fn answer(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let world = service.instances.read();
    match call.name() {
        "create_container_instance" => create::create(service, call),
        "get_container_instance" => {
            find(service, call.subject()).map(|found| Answer::shows(&found))
        }
        "list_container_instances" => {
            let live = world.instances.values().filter(|i| i.lifecycle_state != "DELETED");
            listing::collection(call, live.map(to_json).collect(), json!({}))
        }
        "get_container" => get_container(service, call).await,
        "list_containers" => {
            let live = world.containers.values().filter(|c| c.lifecycle_state != "DELETED");
            listing::collection(call, live.map(to_json).collect(), json!({}))
        }
        "retrieve_logs" => {
            let container = find_container(service, call.subject())?;
            let logs = service.runtime.logs(&container.id).await;
            Ok(Answer::raw("text/plain", logs))
        }
        "list_container_instance_shapes" => listing::collection(call, shape::list(), json!({})),
        "get_work_request"
        | "list_work_requests"
        | "list_work_request_errors"
        | "list_work_request_logs" => work_request::answer(service, call),
        "update_container" => update_container(service, call),
        _ => change(service, call),
    }
}

pub(super) fn inventory(service: &OciService) -> BTreeMap<String, usize> {
    let world = service.instances.read();
    let live = world.instances.values().filter(|i| i.lifecycle_state != "DELETED");
    BTreeMap::from([("containerInstances".to_owned(), live.count())])
}

fn find(service: &OciService, id: &str) -> Result<Instance, Failure> {
    let found = service.instances.read().instances.get(id).cloned();
    found.ok_or_else(|| Failure::not_found(format_args!("container instance {id}")))
}

fn find_container(service: &OciService, id: &str) -> Result<Container, Failure> {
    let found = service.instances.read().containers.get(id).cloned();
    found.ok_or_else(|| Failure::not_found(format_args!("container {id}")))
}

/// Instances that live, each with its containers.
pub(super) fn holdings(service: &OciService) -> Vec<Value> {
    let world = service.instances.read();
    let live = world.instances.values().filter(|i| i.lifecycle_state != "DELETED");
    let shown = live.map(|instance| {
        let own = world.containers.values().filter(|c| c.container_instance_id == instance.id);
        let mut value = to_json(instance);
        value["containers"] = own.map(to_json).collect();
        value
    });
    shown.collect()
}

/// What `is_sick` says of an instance that is active; none of others.
pub(super) fn examine(
    service: &OciService,
    id: &str,
    is_sick: impl FnOnce(&Patient<'_>) -> bool,
) -> Option<bool> {
    let world = service.instances.read();
    let instance = world.instances.get(id).filter(|i| i.lifecycle_state == "ACTIVE")?;
    let container = world.containers.get(&instance.containers.first()?.container_id)?;
    Some(is_sick(&Patient {
        display_name: &instance.display_name,
        availability_domain: &instance.availability_domain,
        fault_domain: instance.fault_domain.as_deref().unwrap_or_default(),
        freeform_tags: &instance.freeform_tags,
        image_url: &container.image_url,
        environment: &container.environment_variables,
    }))
}

/// An active container that has exited is shown as what it is by now.
async fn get_container(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let mut container = find_container(service, call.subject())?;
    if container.lifecycle_state == "ACTIVE"
        && let Status::Exited { code } = service.runtime.status(&container.id).await
    {
        container.exit_code = Some(code);
        "INACTIVE".clone_into(&mut container.lifecycle_state);
    }
    Ok(Answer::shows(&container))
}

/// Everything that answers with a work request and changes an instance that exists.
fn change(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let instance = find(service, call.subject())?;
    call.if_match(&instance.etag)?;
    let (from, meanwhile): (&[&str], &str) = match call.name() {
        "delete_container_instance" => (&["ACTIVE", "INACTIVE", "FAILED"], "DELETING"),
        "start_container_instance" => (&["INACTIVE"], "UPDATING"),
        "stop_container_instance" | "restart_container_instance" => (&["ACTIVE"], "UPDATING"),
        "update_container_instance" | "change_container_instance_compartment" => {
            (&["ACTIVE", "INACTIVE"], instance.lifecycle_state.as_str())
        }
        _ => return Err(Failure::not_implemented(&call.operation.title())),
    };
    let state = instance.lifecycle_state.as_str();
    if state == "DELETED" {
        return Err(Failure::not_found(format_args!("container instance {}", instance.id)));
    }
    if !from.contains(&state) {
        let message = format!("Container instance {} is in state {state}", instance.id);
        return Err(Failure::incorrect_state(message));
    }
    alter(service, &instance.id, |instance| meanwhile.clone_into(&mut instance.lifecycle_state));
    Ok(Answer::accepted(&accept(service, &instance, call)))
}

fn update_container(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let container = find_container(service, call.subject())?;
    call.if_match(&container.etag)?;
    let instance = find(service, &container.container_instance_id)?;
    Ok(Answer::accepted(&accept(service, &instance, call)))
}

/// Writes down what is asked for and begins with it.
fn accept(service: &Arc<OciService>, instance: &Instance, call: &Call) -> String {
    let subject = Subject {
        kind: "computecontainerworkrequest",
        resource: &instance.id,
        compartment: &instance.compartment_id,
    };
    let body =
        if call.name() == "create_container_instance" { Value::Null } else { call.body.clone() };
    let change =
        Change { operation: call.name().to_owned(), parameters: call.parameters().clone(), body };
    let work = service.work.accept(&service.cloud, &subject, change);
    proceed(service, work.clone());
    work
}

/// Changes an instance, and with it its etag.
fn alter(service: &OciService, id: &str, change: impl FnOnce(&mut Instance)) {
    let now = service.cloud.clock.stamp();
    service.instances.update(|world| {
        if let Some(instance) = world.instances.get_mut(id) {
            change(instance);
            instance.etag = ids::hex::<16>();
            instance.time_updated = Some(now);
        }
    });
}

/// Changes all containers of an instance.
fn alter_containers(service: &OciService, instance: &str, change: impl Fn(&mut Container)) {
    service.instances.update(|world| {
        world.containers.change_where(|c| c.container_instance_id == instance, change);
    });
}
