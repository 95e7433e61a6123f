//! Work requests as the logging API shows them.

use serde_json::{Value, json};

use super::change::owns;
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;
use crate::services::oci::work::{State, Work};

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    if call.name() == "list_work_requests" {
        let world = service.work.document.read();
        let own = world.requests.values().filter(|work| owns(work));
        return listing::bare(call, own.map(show).collect());
    }
    let work = service.work.get(call.subject())?;
    if !owns(&work) {
        return Err(Failure::not_found(format_args!("work request {}", work.id)));
    }
    match call.name() {
        "get_work_request" => Ok(Answer::shows(&show(&work)).with("retry-after", "1")),
        "list_work_request_logs" => {
            let line =
                |(time, text): &(String, String)| json!({"timestamp": time, "message": text});
            listing::bare(call, work.log.iter().map(line).collect())
        }
        // Work begins when it is accepted, so there is never any that can be called off.
        "delete_work_request" => Err(Failure::incorrect_state(format!(
            "Work request {} has begun and cannot be cancelled",
            work.id
        ))),
        _ => Err(Failure::not_implemented(&call.operation.title())),
    }
}

fn show(work: &Work) -> Value {
    let operation = work.change.operation.as_str();
    let kind = match operation {
        "change_log_log_group" => "MOVE_LOG".to_owned(),
        _ => operation.to_ascii_uppercase(),
    };
    let action = match (work.state, operation.split('_').next()) {
        (State::Succeeded, Some("create")) => "CREATED",
        (State::Succeeded, Some("delete")) => "DELETED",
        (State::Succeeded, _) => "UPDATED",
        (State::Failed, _) => "RELATED",
        (State::Accepted | State::InProgress, _) => "IN_PROGRESS",
    };
    let percent = match work.state {
        State::Accepted => 0.0,
        State::InProgress => 50.0,
        State::Succeeded | State::Failed => 100.0,
    };
    let is_group = operation.ends_with("_log_group") && operation != "change_log_log_group";
    json!({
        "id": work.id,
        "operationType": kind,
        "status": work.state,
        "compartmentId": work.compartment,
        "resources": [{"entityType": if is_group { "loggroup" } else { "log" },
            "actionType": action, "identifier": work.resource}],
        "percentComplete": percent,
        "timeAccepted": work.time_accepted,
        "timeStarted": work.time_started,
        "timeFinished": work.time_finished,
    })
}
