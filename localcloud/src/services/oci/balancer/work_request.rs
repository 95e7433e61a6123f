//! Work requests as the load balancer API shows them.

use serde_json::{Value, json};

use super::find;
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::contract::camel;
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;
use crate::services::oci::work::{State, Work};

pub(super) fn get(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let work = service.work.get(call.subject())?;
    if !service.cloud.balancers.read().load_balancers.contains_key(&work.resource) {
        return Err(Failure::not_found(format_args!("work request {}", work.id)));
    }
    Ok(Answer::shows(&show(&work)))
}

pub(super) fn list(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let lb = find(service, call.subject())?;
    listing::bare(call, service.work.of(&lb.id).iter().map(show).collect())
}

fn show(work: &Work) -> Value {
    let errors: Vec<Value> =
        work.error.iter().map(|e| json!({"errorCode": e.code, "message": e.message})).collect();
    json!({
        "id": work.id,
        "loadBalancerId": work.resource,
        "compartmentId": work.compartment,
        "type": title(&work.change.operation),
        "lifecycleState": work.state,
        "message": message(work),
        "timeAccepted": work.time_accepted,
        "timeFinished": work.time_finished,
        "errorDetails": errors,
    })
}

/// The vendor's message is JSON in a string.
fn message(work: &Work) -> String {
    let (kind, text) = match (&work.state, &work.error) {
        (State::Succeeded, _) => ("SUCCESS", "OK"),
        (State::Failed, error) => ("FAILURE", error.as_ref().map_or("", |e| e.message.as_str())),
        (State::Accepted | State::InProgress, _) => return String::new(),
    };
    json!({"eventId": work.number.to_string(), "loadBalancerId": work.resource, "type": kind, "message": text,
        "workflowName": workflow(&work.change.operation), "workRequestId": work.id})
    .to_string()
}

/// `create_backend_set` to `AddBackendSetWorkflow`.
fn workflow(operation: &str) -> String {
    let (verb, noun) = operation.split_once('_').unwrap_or((operation, ""));
    let verb = match verb {
        "create" => "Add",
        "update" => "Put",
        "delete" => "Remove",
        _ => "Change",
    };
    format!("{verb}{}Workflow", title(noun))
}

fn title(snake: &str) -> String {
    camel(&format!("_{}", snake.replace("ssl_", "SSL_")))
}
