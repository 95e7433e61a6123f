//! Load balancers (`/20170115`). Reads show the committed state; every change is a work request that waits in the
//! line of its load balancer ([`line`]), is validated when it is accepted and again when its turn comes ([`change`]).

mod backend_set;
mod certificate;
mod change;
mod child;
mod health;
mod hostname;
mod lifecycle;
mod line;
mod listener;
pub mod model;
mod routing;
mod rule_set;
mod shape;
mod simulated;
mod tls;
mod validation;
mod work_request;

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::OciService;
use super::call::{Answer, Call, json as to_json};
use super::failure::Failure;
use super::listing;
use crate::model::load_balancer::LoadBalancer;

pub(super) use line::{Lines, enqueue};

pub(super) fn answer(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    match call.name() {
        "create_load_balancer" => lifecycle::create(service, call),
        "delete_load_balancer" => lifecycle::delete(service, call),
        "list_load_balancers" => listing::bare(call, live(service).iter().map(to_json).collect()),
        "list_load_balancer_healths" => listing::bare(call, health::of_all(service)),
        "list_shapes" => listing::bare(call, names(shape::SHAPES)),
        "list_policies" => listing::bare(call, names(backend_set::POLICIES)),
        "list_protocols" => listing::bare(call, names(listener::PROTOCOLS)),
        "get_work_request" => work_request::get(service, call),
        "list_work_requests" => work_request::list(service, call),
        _ if call.operation.method == Method::GET.as_str() => read(service, call),
        _ => mutate(service, call),
    }
}

pub(super) fn inventory(service: &OciService) -> BTreeMap<String, usize> {
    BTreeMap::from([("loadBalancers".to_owned(), live(service).len())])
}

/// A load balancer, deleted ones included.
fn find(service: &OciService, id: &str) -> Result<LoadBalancer, Failure> {
    let found = service.cloud.balancers.read().load_balancers.get(id).cloned();
    found.ok_or_else(|| Failure::not_found(format_args!("load balancer {id}")))
}

fn live(service: &OciService) -> Vec<LoadBalancer> {
    let world = service.cloud.balancers.read();
    world.load_balancers.values().filter(|lb| lb.lifecycle_state != "DELETED").cloned().collect()
}

fn read(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let lb = find(service, call.subject())?;
    if lb.lifecycle_state == "DELETED" && call.name() != "get_load_balancer" {
        return Err(Failure::not_found(format_args!("load balancer {}", lb.id)));
    }
    call.if_match(&lb.etag)?;
    let shown = show(service, call, &lb)?;
    let answer = match shown {
        Value::Array(items) => listing::bare(call, items)?,
        shown => Answer::shows(&shown),
    };
    // The one etag of the load balancer stands for each of its parts.
    Ok(if call.name() == "get_load_balancer" { answer } else { answer.with("etag", lb.etag) })
}

fn show(service: &OciService, call: &Call, lb: &LoadBalancer) -> Result<Value, Failure> {
    let set = || backend_set::find(lb, call.parameter("backendSetName"));
    let backend = || {
        backend_set::find_backend(
            lb,
            call.parameter("backendSetName"),
            call.parameter("backendName"),
        )
    };
    match call.name() {
        "get_load_balancer" => Ok(to_json(lb)),
        "get_load_balancer_health" => Ok(health::of_balancer(service, lb)),
        "get_backend_set_health" => Ok(health::of_set(service, lb, set()?)),
        "get_backend_health" => Ok(health::of_backend(service, lb, set()?, backend()?)),
        "get_health_checker" => Ok(to_json(&set()?.health_checker)),
        "get_backend" => backend().map(to_json),
        "list_backends" => Ok(to_json(&set()?.backends)),
        "list_listener_rules" => rule_set::of_listener(lb, call.parameter("listenerName")),
        _ => child::show(call, lb),
    }
}

fn mutate(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let lb = find(service, call.subject())?;
    match lb.lifecycle_state.as_str() {
        "ACTIVE" => {}
        "DELETED" => return Err(Failure::not_found(format_args!("load balancer {}", lb.id))),
        state => {
            return Err(Failure::incorrect_state(format!(
                "Load balancer {} is in state {state}",
                lb.id
            )));
        }
    }
    call.if_match(&lb.etag)?;
    let change = change::of(call);
    let mut tried = lb.clone();
    change::apply(service, &mut tried, &change)?;
    let mut answer = Answer::accepted(&line::accept(service, &lb, change));
    answer.made = child::made(call, &lb.id);
    Ok(answer)
}

fn names(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"name": name})).collect()
}
