//! Carries the work requests of groups and logs out.

use std::sync::Arc;
use std::time::Duration;

use super::{group, log};
use crate::ids;
use crate::model::logging::{Log, LogGroup, World};
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::failure::Failure;
use crate::services::oci::work::{Change, Problem, Subject, Work};
use crate::services::oci::{OciService, contract};

const KIND: &str = "logworkrequest";

/// What a work request is about.
#[derive(Debug)]
pub(super) struct Target {
    id: String,
    compartment: String,
}

impl Target {
    pub(super) fn of_group(group: &LogGroup) -> Self {
        Self { id: group.id.clone(), compartment: group.compartment_id.clone() }
    }

    pub(super) fn of_log(log: &Log) -> Self {
        Self { id: log.id.clone(), compartment: log.compartment_id.clone() }
    }
}

/// Whether a work request is one of these.
pub(in crate::services::oci) fn owns(work: &Work) -> bool {
    work.id.split('.').nth(1) == Some(KIND)
}

/// Writes down what is asked for and begins with it.
pub(super) fn accept(service: &Arc<OciService>, target: &Target, call: &Call) -> Answer {
    let subject = Subject { kind: KIND, resource: &target.id, compartment: &target.compartment };
    let change = Change {
        operation: call.name().to_owned(),
        parameters: call.parameters().clone(),
        body: call.body.clone(),
    };
    let work = service.work.accept(&service.cloud, &subject, change);
    proceed(service, work.clone());
    let mut answer = Answer::accepted(&work);
    if call.name().starts_with("create_") {
        answer.made = Some(target.id.clone());
    }
    answer
}

/// Begins with a work request that was accepted.
pub(in crate::services::oci) fn proceed(service: &Arc<OciService>, work: String) {
    let service = Arc::clone(service);
    tokio::spawn(async move {
        service.work.start(&service.cloud, &work);
        let latency = Duration::from_millis(service.cloud.options.latency_ms);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        if let Ok(found) = service.work.get(&work) {
            let outcome = carry_out(&service, &found);
            service.work.finish(&service.cloud, &work, outcome);
        }
    });
}

fn carry_out(service: &OciService, work: &Work) -> Result<(), Problem> {
    let operation = work.change.operation.as_str();
    let planned = service.cloud.faults.strikes_work(&contract::title(operation));
    let now = service.cloud.clock.stamp();
    let outcome = if planned {
        Err(Problem::planned("InternalError"))
    } else {
        let done = service.cloud.logging.try_update(|world| done(world, work, &now));
        done.map_err(Problem::from)
    };
    match (&outcome, operation.starts_with("delete_")) {
        (Ok(()), true) => {
            service.cloud.log_lines.forget(&work.resource);
            service.work.forget(&work.resource);
        }
        (Ok(()), false) => service.work.log(&service.cloud, &work.id, "Done"),
        (Err(_), _) => service.cloud.logging.update(|world| give_up(world, work)),
    }
    outcome
}

fn done(world: &mut World, work: &Work, now: &str) -> Result<(), Failure> {
    let (id, body) = (&work.resource, &work.change.body);
    match work.change.operation.as_str() {
        "delete_log_group" => {
            group::check_empty(world, id)?;
            world.groups.remove(id);
        }
        "delete_log" => {
            world.logs.remove(id);
        }
        "create_log_group" | "update_log_group" => {
            let Some(group) = world.groups.get(id) else { return Ok(()) };
            let mut next = group::changed(group, body)?;
            // Somebody else may have taken the name since this was accepted.
            group::unique(world, &next)?;
            "ACTIVE".clone_into(&mut next.lifecycle_state);
            now.clone_into(&mut next.time_last_modified);
            next.etag = ids::hex::<16>();
            world.groups.insert(id.as_str(), next);
        }
        operation => {
            let Some(log) = world.logs.get(id) else { return Ok(()) };
            let mut next = match operation {
                "update_log" => log::changed(log, body)?,
                "change_log_log_group" => log::moved(world, log, body)?,
                _ => log.clone(),
            };
            log::unique(world, &next)?;
            settle(&mut next);
            now.clone_into(&mut next.time_last_modified);
            next.etag = ids::hex::<16>();
            world.logs.insert(id.as_str(), next);
        }
    }
    Ok(())
}

fn settle(log: &mut Log) {
    let state = if log.is_enabled { "ACTIVE" } else { "INACTIVE" };
    state.clone_into(&mut log.lifecycle_state);
}

/// What is left when the work failed.
fn give_up(world: &mut World, work: &Work) {
    let failed = work.change.operation.starts_with("create_");
    if let Some(group) = world.groups.get_mut(&work.resource) {
        let state = if failed { "FAILED" } else { "ACTIVE" };
        state.clone_into(&mut group.lifecycle_state);
    }
    if let Some(log) = world.logs.get_mut(&work.resource) {
        settle(log);
        if failed {
            "FAILED".clone_into(&mut log.lifecycle_state);
        }
    }
}
