//! Health as the API shows it, out of what the data plane published on [`crate::health::HealthBoard`].

use serde_json::{Value, json};

use super::{live, simulated};
use crate::health::{CheckResult, Health};
use crate::model::load_balancer::{Backend, BackendSet, LoadBalancer};
use crate::services::oci::OciService;

/// The vendor's four words for health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Ok,
    Warning,
    Critical,
    Unknown,
}

pub(super) fn of_all(service: &OciService) -> Vec<Value> {
    let summary = |lb: &LoadBalancer| json!({"loadBalancerId": lb.id, "status": balancer_status(service, lb), "compartmentId": lb.compartment_id});
    live(service).iter().map(summary).collect()
}

pub(super) fn of_balancer(service: &OciService, lb: &LoadBalancer) -> Value {
    let named = |status: Status| -> Vec<&String> {
        lb.backend_sets
            .values()
            .filter(|s| set_status(service, lb, s) == status)
            .map(|s| &s.name)
            .collect()
    };
    json!({
        "status": balancer_status(service, lb),
        "warningStateBackendSetNames": named(Status::Warning),
        "criticalStateBackendSetNames": named(Status::Critical),
        "unknownStateBackendSetNames": named(Status::Unknown),
        "totalBackendSetCount": lb.backend_sets.len(),
    })
}

pub(super) fn of_set(service: &OciService, lb: &LoadBalancer, set: &BackendSet) -> Value {
    let named = |status: Status| -> Vec<&String> {
        set.backends
            .iter()
            .filter(|b| backend_status(service, lb, set, b) == status)
            .map(|b| &b.name)
            .collect()
    };
    json!({
        "status": set_status(service, lb, set),
        "warningStateBackendNames": named(Status::Warning),
        "criticalStateBackendNames": named(Status::Critical),
        "unknownStateBackendNames": named(Status::Unknown),
        "totalBackendCount": set.backends.len(),
    })
}

pub(super) fn of_backend(
    service: &OciService,
    lb: &LoadBalancer,
    set: &BackendSet,
    backend: &Backend,
) -> Value {
    let world = service.cloud.network.read();
    let source = world.vnics.values().find(|vnic| vnic.owner_id == lb.id);
    let result = |health: Health| {
        json!({"subnetId": lb.subnet_ids.first(), "timestamp": health.time, "healthCheckStatus": health.status,
            "sourceIpAddress": source.map_or("", |vnic| vnic.private_ip.as_str())})
    };
    let results: Vec<Value> = check(service, lb, set, backend).into_iter().map(result).collect();
    json!({"status": backend_status(service, lb, set, backend), "healthCheckResults": results})
}

fn check(
    service: &OciService,
    lb: &LoadBalancer,
    set: &BackendSet,
    backend: &Backend,
) -> Option<Health> {
    match &service.cloud.simulated {
        Some(stage) => simulated::check(service, stage, (lb, set), backend),
        None => service.cloud.health.get(&lb.id, &set.name, &backend.name),
    }
}

fn backend_status(
    service: &OciService,
    lb: &LoadBalancer,
    set: &BackendSet,
    backend: &Backend,
) -> Status {
    match check(service, lb, set, backend).unwrap_or_default().status {
        CheckResult::Ok => Status::Ok,
        CheckResult::Unknown => Status::Unknown,
        _ => Status::Critical,
    }
}

/// OK when all backends are; a warning while at least half of them are; critical below that.
fn set_status(service: &OciService, lb: &LoadBalancer, set: &BackendSet) -> Status {
    let all: Vec<Status> =
        set.backends.iter().map(|b| backend_status(service, lb, set, b)).collect();
    let count = |status: Status| all.iter().filter(|s| **s == status).count();
    match (count(Status::Ok), count(Status::Unknown), all.len()) {
        (_, _, 0) => Status::Unknown,
        (ok, _, total) if ok == total => Status::Ok,
        (_, unknown, total) if unknown * 2 > total => Status::Unknown,
        (ok, _, total) if ok * 2 >= total => Status::Warning,
        _ => Status::Critical,
    }
}

/// As bad as the worst of its backend sets; unknown without a listener.
fn balancer_status(service: &OciService, lb: &LoadBalancer) -> Status {
    let sets: Vec<Status> = lb.backend_sets.values().map(|s| set_status(service, lb, s)).collect();
    if lb.listeners.is_empty() || sets.is_empty() {
        return Status::Unknown;
    }
    let worst = [Status::Critical, Status::Warning, Status::Unknown];
    worst.into_iter().find(|status| sets.contains(status)).unwrap_or(Status::Ok)
}
