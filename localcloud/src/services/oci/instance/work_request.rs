//! Work requests as the container instances API shows them.

use serde_json::{Value, json};

use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;
use crate::services::oci::work::{State, Work};

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let own = |work: &Work| service.instances.read().instances.contains_key(&work.resource);
    if call.name() == "list_work_requests" {
        let world = service.work.document.read();
        let mut all: Vec<&Work> = world.requests.values().filter(|work| own(work)).collect();
        if let Some(resource) = call.query("resourceId") {
            all.retain(|work| work.resource == resource);
        }
        return listing::collection(call, all.into_iter().map(show).collect(), json!({}));
    }
    let work = service.work.get(call.subject())?;
    if !own(&work) {
        return Err(Failure::not_found(format_args!("work request {}", work.id)));
    }
    match call.name() {
        "get_work_request" => Ok(Answer::shows(&show(&work)).with("retry-after", "1")),
        "list_work_request_errors" => {
            let error = work.error.iter().map(|error| {
                json!({"code": error.code, "message": error.message, "timestamp": work.time_finished})
            });
            listing::collection(call, error.collect(), json!({}))
        }
        _ => {
            let lines =
                work.log.iter().map(|(time, text)| json!({"timestamp": time, "message": text}));
            listing::collection(call, lines.collect(), json!({}))
        }
    }
}

fn show(work: &Work) -> Value {
    let operation = work.change.operation.as_str();
    let action = match (work.state, operation.split('_').next()) {
        (State::Accepted | State::InProgress, _) => "IN_PROGRESS",
        (State::Failed, _) => "FAILED",
        (State::Succeeded, Some("create")) => "CREATED",
        (State::Succeeded, Some("delete")) => "DELETED",
        (State::Succeeded, _) => "UPDATED",
    };
    let percent = match work.state {
        State::Accepted => 0.0,
        State::InProgress => 50.0,
        State::Succeeded | State::Failed => 100.0,
    };
    let kind = match operation {
        "change_container_instance_compartment" => "MOVE_CONTAINER_INSTANCE".to_owned(),
        _ => operation.to_ascii_uppercase(),
    };
    json!({
        "id": work.id,
        "operationType": kind,
        "status": work.state,
        "compartmentId": work.compartment,
        "resources": [{"entityType": "containerInstance", "actionType": action, "identifier": work.resource,
            "entityUri": format!("/20210415/containerInstances/{}", work.resource)}],
        "percentComplete": percent,
        "timeAccepted": work.time_accepted,
        "timeStarted": work.time_started,
        "timeFinished": work.time_finished,
    })
}
