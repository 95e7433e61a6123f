//! Log groups: named folders of logs.

use std::sync::Arc;

use super::change::{Target, accept};
use super::{at_rest, taken};
use crate::ids;
use crate::model::logging::{LogGroup, World};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, json, typed};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;

pub(super) fn find<'a>(world: &'a World, id: &str) -> Result<&'a LogGroup, Failure> {
    world.groups.get(id).ok_or_else(|| Failure::not_found(format_args!("log group {id}")))
}

pub(super) fn create(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let now = service.cloud.clock.stamp();
    let group = LogGroup {
        id: ids::ocid("loggroup", service.region()),
        compartment_id: call.field("compartmentId")?,
        display_name: call.field("displayName")?,
        description: call.field("description")?,
        lifecycle_state: "CREATING".to_owned(),
        time_created: now.clone(),
        time_last_modified: now,
        etag: ids::hex::<16>(),
        freeform_tags: call.field("freeformTags")?,
        defined_tags: call.field("definedTags")?,
    };
    let target = Target::of_group(&group);
    service.cloud.logging.try_update(|world| {
        unique(world, &group)?;
        world.groups.insert(group.id.clone(), group);
        Ok::<_, Failure>(())
    })?;
    Ok(accept(service, &target, call))
}

pub(super) fn get(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    find(&service.cloud.logging.read(), call.subject()).map(Answer::shows)
}

pub(super) fn list(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    listing::bare(call, service.cloud.logging.read().groups.values().map(json).collect())
}

pub(super) fn update(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let world = service.cloud.logging.read();
    let before = reachable(&world, call)?;
    unique(&world, &changed(before, &call.body)?)?;
    let target = Target::of_group(before);
    enter(service, call, "UPDATING")?;
    Ok(accept(service, &target, call))
}

pub(super) fn delete(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let world = service.cloud.logging.read();
    let target = Target::of_group(reachable(&world, call)?);
    enter(service, call, "DELETING")?;
    Ok(accept(service, &target, call))
}

/// The group after an update; what is not mentioned stays.
pub(super) fn changed(group: &LogGroup, body: &serde_json::Value) -> Result<LogGroup, Failure> {
    let mut next = group.clone();
    for (field, value) in body.as_object().cloned().unwrap_or_default() {
        match field.as_str() {
            "displayName" => next.display_name = typed(value, &field)?,
            "description" => next.description = typed(value, &field)?,
            "freeformTags" => next.freeform_tags = typed(value, &field)?,
            "definedTags" => next.defined_tags = typed(value, &field)?,
            _ => {}
        }
    }
    Ok(next)
}

/// # Errors
/// 409 while there is a log in it.
pub(super) fn check_empty(world: &World, id: &str) -> Result<(), Failure> {
    match world.logs.values().find(|log| log.log_group_id == id) {
        Some(log) => {
            let message = format!("Log group {id} is not empty: it contains log {}", log.id);
            Err(Failure::conflict(message))
        }
        None => Ok(()),
    }
}

fn reachable<'a>(world: &'a World, call: &Call) -> Result<&'a LogGroup, Failure> {
    let group = find(world, call.subject())?;
    call.if_match(&group.etag)?;
    Ok(group)
}

/// Takes a group out of everybody else's reach until its work is done.
fn enter(service: &OciService, call: &Call, state: &str) -> Result<(), Failure> {
    service.cloud.logging.try_update(|world| {
        let group = find(world, call.subject())?;
        at_rest("Log group", &group.id, &group.lifecycle_state)?;
        if state == "DELETING" {
            check_empty(world, call.subject())?;
        }
        if let Some(group) = world.groups.get_mut(call.subject()) {
            state.clone_into(&mut group.lifecycle_state);
        }
        Ok(())
    })
}

pub(super) fn unique(world: &World, group: &LogGroup) -> Result<(), Failure> {
    let same = |other: &&LogGroup| {
        other.id != group.id
            && other.compartment_id == group.compartment_id
            && other.display_name == group.display_name
    };
    match world.groups.values().find(same) {
        Some(_) => Err(taken(&format!("Log group '{}'", group.display_name))),
        None => Ok(()),
    }
}
