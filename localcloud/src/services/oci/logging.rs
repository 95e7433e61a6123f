//! Logging (`/20200531`) and its search (`/20190909`): groups, logs of load balancers, and what those collected. Every
//! change is a work request; what it makes can be read under its identifier from the first moment on.

mod change;
mod group;
mod log;
mod query;
mod registry;
pub(super) mod search;
mod work_request;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::OciService;
use super::call::{Answer, Call, json};
use super::failure::Failure;

pub(super) use change::{owns, proceed};

pub(super) fn answer(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    match call.name() {
        "create_log_group" => group::create(service, call),
        "get_log_group" => group::get(service, call),
        "list_log_groups" => group::list(service, call),
        "update_log_group" => group::update(service, call),
        "delete_log_group" => group::delete(service, call),
        "create_log" => log::create(service, call),
        "get_log" => log::get(service, call),
        "list_logs" => log::list(service, call),
        "update_log" => log::update(service, call),
        "delete_log" => log::delete(service, call),
        "change_log_log_group" => log::relocate(service, call),
        "list_services" => registry::list(service, call),
        "search_logs" => search::answer(service, call),
        _ => work_request::answer(service, call),
    }
}

pub(super) fn inventory(service: &OciService) -> BTreeMap<String, usize> {
    let world = service.cloud.logging.read();
    BTreeMap::from([
        ("logGroups".to_owned(), world.groups.len()),
        ("logs".to_owned(), world.logs.len()),
    ])
}

/// Groups and logs that live, each with its kind.
pub(super) fn holdings(service: &OciService) -> Vec<(&'static str, Value)> {
    let world = service.cloud.logging.read();
    let groups = world.groups.values().map(|group| ("log group", json(group)));
    groups.chain(world.logs.values().map(|log| ("log", json(log)))).collect()
}

/// A resource that is gone leaves its logs behind, and they collect nothing any more.
pub(super) fn orphan(service: &OciService, resource: &str) {
    service.cloud.logging.update(|world| {
        world.logs.change_where(
            |log| log.source().is_some_and(|source| source.resource == resource),
            |log| "INACTIVE".clone_into(&mut log.lifecycle_state),
        );
    });
}

/// 409: a name, or what a log is for, is taken.
fn taken(what: &str) -> Failure {
    Failure::conflict(format!("{what} already exists"))
}

/// What a change needs: a resource that is not in the middle of another.
fn at_rest(kind: &str, id: &str, state: &str) -> Result<(), Failure> {
    match state {
        "CREATING" | "UPDATING" | "DELETING" => {
            Err(Failure::incorrect_state(format!("{kind} {id} is in state {state}")))
        }
        _ => Ok(()),
    }
}
