//! Logs: each for one category of one resource.

use std::sync::Arc;

use serde_json::{Value, json};

use super::change::{Target, accept};
use super::{at_rest, group, registry, taken};
use crate::ids;
use crate::model::logging::{Configuration, Log, World};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, json as to_json, typed};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;

const RETENTION: [u32; 6] = [30, 60, 90, 120, 150, 180];

fn find<'a>(world: &'a World, group: &str, id: &str) -> Result<&'a Log, Failure> {
    let found = world.logs.get(id).filter(|log| log.log_group_id == group);
    found.ok_or_else(|| Failure::not_found(format_args!("log {id} of log group {group}")))
}

pub(super) fn create(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let log = draft(service, call)?;
    check(service, &log)?;
    let target = Target::of_log(&log);
    service.cloud.logging.try_update(|world| {
        let group = group::find(world, &log.log_group_id)?;
        at_rest("Log group", &group.id, &group.lifecycle_state)?;
        let log = Log { compartment_id: group.compartment_id.clone(), ..log };
        unique(world, &log)?;
        world.logs.insert(log.id.clone(), log);
        Ok::<_, Failure>(())
    })?;
    Ok(accept(service, &target, call))
}

fn draft(service: &OciService, call: &Call) -> Result<Log, Failure> {
    let group = group::find(&service.cloud.logging.read(), call.subject())?.clone();
    let now = service.cloud.clock.stamp();
    let configuration: Option<Configuration> = call.field("configuration")?;
    Ok(Log {
        id: ids::ocid("log", service.region()),
        tenancy_id: service.credentials.tenancy.clone(),
        log_group_id: group.id,
        compartment_id: group.compartment_id,
        display_name: call.field("displayName")?,
        log_type: call.field("logType")?,
        is_enabled: call.flag("isEnabled").unwrap_or(true),
        lifecycle_state: "CREATING".to_owned(),
        configuration,
        retention_duration: call.field::<Option<u32>>("retentionDuration")?.unwrap_or(RETENTION[0]),
        time_created: now.clone(),
        time_last_modified: now,
        etag: ids::hex::<16>(),
        freeform_tags: call.field("freeformTags")?,
        defined_tags: call.field("definedTags")?,
    })
}

pub(super) fn get(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let world = service.cloud.logging.read();
    find(&world, call.subject(), call.parameter("logId")).map(Answer::shows)
}

pub(super) fn list(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let world = service.cloud.logging.read();
    let id = &group::find(&world, call.subject())?.id;
    let shown = world.logs.values().filter(|log| log.log_group_id == *id).map(|log| {
        let mut shown = to_json(log);
        // What the query may ask for, beside the fields.
        shown["sourceService"] = json!(log.source().map_or("", |source| &source.service));
        shown["sourceResource"] = json!(log.source().map_or("", |source| &source.resource));
        shown
    });
    listing::bare(call, shown.collect())
}

pub(super) fn update(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let next = changed(&enterable(service, call)?, &call.body)?;
    check(service, &next)?;
    unique(&service.cloud.logging.read(), &next)?;
    enter(service, call, "UPDATING")?;
    Ok(accept(service, &Target::of_log(&next), call))
}

pub(super) fn delete(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let log = enterable(service, call)?;
    enter(service, call, "DELETING")?;
    Ok(accept(service, &Target::of_log(&log), call))
}

/// Puts a log into another group.
pub(super) fn relocate(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let log = enterable(service, call)?;
    let world = service.cloud.logging.read();
    unique(&world, &moved(&world, &log, &call.body)?)?;
    enter(service, call, "UPDATING")?;
    Ok(accept(service, &Target::of_log(&log), call))
}

/// The log after an update; what is not mentioned stays.
pub(super) fn changed(log: &Log, body: &Value) -> Result<Log, Failure> {
    let mut next = log.clone();
    for (field, value) in body.as_object().cloned().unwrap_or_default() {
        match field.as_str() {
            "displayName" => next.display_name = typed(value, &field)?,
            "isEnabled" => next.is_enabled = typed(value, &field)?,
            "retentionDuration" => next.retention_duration = typed(value, &field)?,
            "freeformTags" => next.freeform_tags = typed(value, &field)?,
            "definedTags" => next.defined_tags = typed(value, &field)?,
            "configuration" => {
                let mut configuration = next.configuration.unwrap_or_default();
                if let Some(parameters) = value["source"].get("parameters") {
                    configuration.source.parameters =
                        typed(parameters.clone(), "configuration.source.parameters")?;
                }
                if let Some(archiving) = value.get("archiving") {
                    configuration.archiving = typed(archiving.clone(), "configuration.archiving")?;
                }
                next.configuration = Some(configuration);
            }
            _ => {}
        }
    }
    Ok(next)
}

/// The log in the group that the body names, and in that one's compartment.
pub(super) fn moved(world: &World, log: &Log, body: &Value) -> Result<Log, Failure> {
    let target = body["targetLogGroupId"].as_str();
    let target = target.ok_or_else(|| Failure::missing("Missing field 'targetLogGroupId'"))?;
    let group = group::find(world, target)?;
    let compartment_id = group.compartment_id.clone();
    Ok(Log { log_group_id: target.to_owned(), compartment_id, ..log.clone() })
}

/// Whether a log can be as it is described.
fn check(service: &OciService, log: &Log) -> Result<(), Failure> {
    if !RETENTION.contains(&log.retention_duration) {
        let message = "retentionDuration must be 30 to 180 days, in steps of 30";
        return Err(Failure::invalid(format!("{message}, was {}", log.retention_duration)));
    }
    if log.configuration.as_ref().is_some_and(|c| c.archiving.is_enabled) {
        return Err(Failure::not_implemented("A log with archiving"));
    }
    match (log.log_type.as_str(), log.source()) {
        ("SERVICE", None) => {
            Err(Failure::missing("Missing required field 'configuration' of a SERVICE log"))
        }
        ("SERVICE", Some(source)) => registry::check(service, source),
        (_, Some(_)) => Err(Failure::invalid("configuration is for SERVICE logs only")),
        (_, None) => Ok(()),
    }
}

pub(super) fn unique(world: &World, log: &Log) -> Result<(), Failure> {
    for other in world.logs.values().filter(|other| other.id != log.id) {
        if other.log_group_id == log.log_group_id && other.display_name == log.display_name {
            return Err(taken(&format!("Log '{}' of this log group", log.display_name)));
        }
        if let (Some(own), Some(other)) = (log.source(), other.source())
            && (&own.service, &own.resource, &own.category)
                == (&other.service, &other.resource, &other.category)
        {
            return Err(taken(&format!("A log of {} '{}'", own.resource, own.category)));
        }
    }
    Ok(())
}

fn enterable(service: &OciService, call: &Call) -> Result<Log, Failure> {
    let world = service.cloud.logging.read();
    let log = find(&world, call.subject(), call.parameter("logId"))?;
    call.if_match(&log.etag)?;
    at_rest("Log", &log.id, &log.lifecycle_state)?;
    Ok(log.clone())
}

/// Takes a log out of everybody else's reach until its work is done.
fn enter(service: &OciService, call: &Call, state: &str) -> Result<(), Failure> {
    service.cloud.logging.try_update(|world| {
        let id = call.parameter("logId");
        let log = find(world, call.subject(), id)?;
        at_rest("Log", id, &log.lifecycle_state)?;
        if let Some(log) = world.logs.get_mut(id) {
            state.clone_into(&mut log.lifecycle_state);
        }
        Ok(())
    })
}
