//! How a load balancer comes and goes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{change, child, find, line, validation};
use crate::ids;
use crate::model::load_balancer::{IpAddress, LoadBalancer};
use crate::model::network::Vnic;
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, typed};
use crate::services::oci::failure::Failure;
use crate::services::oci::logging;
use crate::services::oci::network::vnic;

const MOST_SUBNETS: usize = 2;

/// `CreateLoadBalancer`: everything but routing policies comes nested.
pub(super) fn create(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    if call.text("ipMode") == Some("IPV6") || call.text("ipv6SubnetCidr").is_some() {
        return Err(Failure::not_implemented("CreateLoadBalancer with ipMode IPV6"));
    }
    let lb = draft(service, call)?;
    if lb.subnet_ids.is_empty() || lb.subnet_ids.len() > MOST_SUBNETS {
        return Err(Failure::invalid(format!("subnetIds: 1 to {MOST_SUBNETS} subnets")));
    }
    interfaces(&lb).iter().try_for_each(|wanted| vnic::check(service, wanted))?;
    validation::check(&lb)?;
    service.cloud.balancers.update(|world| world.load_balancers.insert(lb.id.clone(), lb.clone()));
    // The children are in the draft already; their keys must not wait in the work request as well.
    let mut change = change::of(call);
    change.body.take();
    let mut answer = Answer::accepted(&line::accept(service, &lb, change));
    answer.made = Some(lb.id);
    Ok(answer)
}

fn draft(service: &OciService, call: &Call) -> Result<LoadBalancer, Failure> {
    let enabled = call.flag("isRequestIdEnabled").unwrap_or_default();
    let header = call.text("requestIdHeader").map(str::to_owned);
    let mut lb = LoadBalancer {
        id: ids::ocid("loadbalancer", service.region()),
        compartment_id: call.field("compartmentId")?,
        display_name: call.field("displayName")?,
        lifecycle_state: "CREATING".to_owned(),
        time_created: service.cloud.clock.stamp(),
        etag: ids::hex::<16>(),
        shape_name: call.field("shapeName")?,
        shape_details: call.field("shapeDetails")?,
        is_private: call.field("isPrivate")?,
        is_delete_protection_enabled: call.field("isDeleteProtectionEnabled")?,
        is_request_id_enabled: enabled,
        request_id_header: header.or_else(|| enabled.then(|| "X-Request-Id".to_owned())),
        subnet_ids: call.field("subnetIds")?,
        reserved_ip_id: reserved_ip(call)?,
        network_security_group_ids: call.field("networkSecurityGroupIds")?,
        freeform_tags: call.field("freeformTags")?,
        defined_tags: call.field("definedTags")?,
        ..LoadBalancer::default()
    };
    child::nest(&mut lb, &call.body)?;
    Ok(lb)
}

/// The one address of `reservedIps`; only a public load balancer can have one.
fn reserved_ip(call: &Call) -> Result<Option<String>, Failure> {
    let sent =
        call.body.get("reservedIps").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    match sent {
        [] => Ok(None),
        [_] if call.flag("isPrivate") == Some(true) => {
            Err(Failure::invalid("reservedIps: a private load balancer has no public address"))
        }
        [one] => typed(one["id"].clone(), "reservedIps[0].id").map(Some),
        _ => Err(Failure::invalid("reservedIps: at most one is possible")),
    }
}

/// The interfaces that a load balancer has: one in each of its subnets, the first with the public address.
pub(super) fn interfaces(lb: &LoadBalancer) -> Vec<vnic::Wanted> {
    let subnets = lb.subnet_ids.iter().enumerate();
    let wanted = subnets.map(|(index, subnet)| vnic::Wanted {
        owner: lb.id.clone(),
        name: format!("VNIC for LB {}", lb.id),
        compartment: lb.compartment_id.clone(),
        subnet: subnet.clone(),
        groups: lb.network_security_group_ids.clone(),
        public: index == 0 && !lb.is_private,
        reserved: lb.reserved_ip_id.clone().filter(|_| index == 0),
        ..vnic::Wanted::default()
    });
    wanted.collect()
}

/// The turn of a `CreateLoadBalancer`: addresses, then traffic.
pub(super) fn created(service: &OciService, id: &str) -> Result<(), Failure> {
    let lb = find(service, id)?;
    // A restart may have come between the interfaces and the end of this.
    vnic::detach(service, id);
    let interfaces: Result<Vec<Vnic>, Failure> =
        interfaces(&lb).into_iter().map(|wanted| vnic::attach(service, wanted)).collect();
    let interfaces = match interfaces {
        Ok(interfaces) => interfaces,
        Err(failure) => {
            vnic::detach(service, id);
            change_state(service, id, |lb| "FAILED".clone_into(&mut lb.lifecycle_state));
            return Err(failure);
        }
    };
    change_state(service, id, |lb| {
        lb.ip_addresses = interfaces.iter().take(1).map(|vnic| address(lb, vnic)).collect();
        "ACTIVE".clone_into(&mut lb.lifecycle_state);
    });
    Ok(())
}

fn address(lb: &LoadBalancer, vnic: &Vnic) -> IpAddress {
    IpAddress {
        ip_address: vnic.public_ip.clone().unwrap_or_else(|| vnic.private_ip.clone()),
        is_public: vnic.public_ip.is_some(),
        reserved_ip: lb.reserved_ip_id.as_ref().map(|id| json!({"id": id})),
    }
}

/// `DeleteLoadBalancer`.
pub(super) fn delete(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    let lb = find(service, call.subject())?;
    call.if_match(&lb.etag)?;
    match lb.lifecycle_state.as_str() {
        "ACTIVE" | "FAILED" => {}
        "DELETED" => return Err(Failure::not_found(format_args!("load balancer {}", lb.id))),
        state => {
            return Err(Failure::incorrect_state(format!(
                "Load balancer {} is in state {state}",
                lb.id
            )));
        }
    }
    if lb.is_delete_protection_enabled && !lb.listeners.is_empty() {
        let message =
            format!("Load balancer {} has delete protection enabled and a listener", lb.id);
        return Err(Failure::conflict(message));
    }
    change_state(service, &lb.id, |lb| "DELETING".clone_into(&mut lb.lifecycle_state));
    Ok(Answer::accepted(&line::accept(service, &lb, change::of(call))))
}

/// The turn of a `DeleteLoadBalancer`. What is left can be read, without its children and their keys.
pub(super) fn deleted(service: &OciService, id: &str) -> Result<(), Failure> {
    find(service, id)?;
    vnic::detach(service, id);
    change_state(service, id, |lb| {
        let gone = std::mem::take(lb);
        *lb = LoadBalancer {
            id: gone.id,
            compartment_id: gone.compartment_id,
            display_name: gone.display_name,
            time_created: gone.time_created,
            shape_name: gone.shape_name,
            shape_details: gone.shape_details,
            is_private: gone.is_private,
            subnet_ids: gone.subnet_ids,
            freeform_tags: gone.freeform_tags,
            defined_tags: gone.defined_tags,
            lifecycle_state: "DELETED".to_owned(),
            ..LoadBalancer::default()
        };
    });
    logging::orphan(service, id);
    service.cloud.health.forget(id);
    service.work.forget(id);
    Ok(())
}

/// What is left of a load balancer whose work failed before it began.
pub(super) fn give_up(service: &OciService, id: &str, operation: &str) {
    let state = match operation {
        "create_load_balancer" => "FAILED",
        "delete_load_balancer" => "ACTIVE",
        _ => return,
    };
    change_state(service, id, |lb| state.clone_into(&mut lb.lifecycle_state));
}

fn change_state(service: &OciService, id: &str, change: impl FnOnce(&mut LoadBalancer)) {
    service.cloud.balancers.update(|world| {
        if let Some(lb) = world.load_balancers.get_mut(id) {
            change(lb);
            lb.etag = ids::hex::<16>();
        }
    });
}
