//! Health in a simulation, where nobody checks: it follows from rules, instances and who is said to be sick.

use std::net::IpAddr;

use crate::clock;
use crate::health::{CheckResult, Health};
use crate::model::load_balancer::{Backend, BackendSet, LoadBalancer};
use crate::network::rules::{self, Flow, Verdict};
use crate::services::oci::OciService;
use crate::services::oci::instance;
use crate::simulation::Stage;

/// What a check would have found; none before the first.
pub(super) fn check(
    service: &OciService,
    stage: &Stage,
    (lb, set): (&LoadBalancer, &BackendSet),
    backend: &Backend,
) -> Option<Health> {
    let now = service.cloud.clock.now();
    if !stage.is_checked(lb, &set.name, &backend.name, now) {
        return None;
    }
    let status = status(service, stage, (lb, set), backend);
    Some(Health { status, time: clock::stamp(now) })
}

fn status(
    service: &OciService,
    stage: &Stage,
    (lb, set): (&LoadBalancer, &BackendSet),
    backend: &Backend,
) -> CheckResult {
    if backend.offline {
        return CheckResult::Offline;
    }
    let world = service.cloud.network.read();
    let Ok(destination) = backend.ip_address.parse::<IpAddr>() else {
        return CheckResult::IoError;
    };
    let Some(source) = rules::address_of(&world, &lb.id) else { return CheckResult::IoError };
    let port = if set.health_checker.port == 0 { backend.port } else { set.health_checker.port };
    let Some(vnic) = world.vnics.values().find(|v| v.private_ip == backend.ip_address) else {
        return CheckResult::ConnectFailed;
    };
    if rules::judge(&world, Flow { source, destination, port }) != Verdict::Allowed {
        return CheckResult::TimedOut;
    }
    match instance::examine(service, &vnic.owner_id, |patient| stage.is_sick(patient)) {
        None => CheckResult::ConnectFailed,
        Some(true) => CheckResult::InvalidStatusCode,
        Some(false) => CheckResult::Ok,
    }
}
