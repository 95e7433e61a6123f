//! What each mutation does to a load balancer: tried on a copy when it is accepted, done when its turn comes.

use serde_json::Value;

use super::{backend_set, child, shape, validation};
use crate::model::load_balancer::LoadBalancer;
use crate::services::oci::OciService;
use crate::services::oci::call::{Call, typed};
use crate::services::oci::failure::Failure;
use crate::services::oci::identity;
use crate::services::oci::network::vnic;
use crate::services::oci::work::Change;

pub(super) fn of(call: &Call) -> Change {
    Change {
        operation: call.name().to_owned(),
        parameters: call.parameters().clone(),
        body: call.body.clone(),
    }
}

/// Makes the change. The whole load balancer is valid afterwards, or the change is refused.
///
/// # Errors
/// The vendor's refusal; `lb` is then half changed and to be thrown away.
pub(super) fn apply(
    service: &OciService,
    lb: &mut LoadBalancer,
    change: &Change,
) -> Result<(), Failure> {
    match change.operation.as_str() {
        "update_network_security_groups" => regroup(service, lb, &change.body)?,
        "change_load_balancer_compartment" => relocate(service, lb, &change.body)?,
        _ => alone(lb, change)?,
    }
    validation::check(lb)
}

/// The changes for which nothing else of the cloud matters.
pub(super) fn alone(lb: &mut LoadBalancer, change: &Change) -> Result<(), Failure> {
    match change.operation.as_str() {
        "update_load_balancer" => update(lb, &change.body),
        "update_load_balancer_shape" => reshape(lb, &change.body),
        "create_backend" | "update_backend" | "delete_backend" => {
            backend_set::change_backend(lb, change)
        }
        "update_health_checker" => backend_set::change_checker(lb, change),
        _ => child::change(lb, change),
    }
}

/// The groups that a call asks for.
pub(super) fn groups(body: &Value) -> Vec<String> {
    texts(body, "networkSecurityGroupIds")
}

/// What a change means for the rest of the cloud, once it is committed.
pub(super) fn after(service: &OciService, lb: &str, change: &Change) {
    if change.operation == "update_network_security_groups" {
        vnic::regroup(service, lb, &groups(&change.body));
    }
    if let Some(deleted) = child::unmade(change, lb) {
        service.work.forget(&deleted);
    }
}

/// The one PUT of this API that is a partial update.
fn update(lb: &mut LoadBalancer, body: &Value) -> Result<(), Failure> {
    let fields = body.as_object().into_iter().flatten();
    for (field, value) in fields {
        let value = value.clone();
        match field.as_str() {
            "displayName" => lb.display_name = typed(value, field)?,
            "freeformTags" => lb.freeform_tags = typed(value, field)?,
            "definedTags" => lb.defined_tags = typed(value, field)?,
            "isDeleteProtectionEnabled" => lb.is_delete_protection_enabled = typed(value, field)?,
            "isRequestIdEnabled" => lb.is_request_id_enabled = typed(value, field)?,
            "requestIdHeader" => lb.request_id_header = typed(value, field)?,
            "ipMode" if value == "IPV4" => {}
            _ => return Err(Failure::not_implemented(&format!("UpdateLoadBalancer with {field}"))),
        }
    }
    Ok(())
}

fn reshape(lb: &mut LoadBalancer, body: &Value) -> Result<(), Failure> {
    let name: String = typed(body["shapeName"].clone(), "shapeName")?;
    if lb.shape_name == "flexible" && name != "flexible" {
        return Err(Failure::invalid(format!(
            "Cannot update to {name} shape from flexible shape."
        )));
    }
    lb.shape_details =
        body.get("shapeDetails").map(|d| typed(d.clone(), "shapeDetails")).transpose()?;
    lb.shape_name = name;
    shape::check(lb)
}

fn regroup(service: &OciService, lb: &mut LoadBalancer, body: &Value) -> Result<(), Failure> {
    lb.network_security_group_ids = groups(body);
    let wanted = super::lifecycle::interfaces(lb);
    wanted.iter().try_for_each(|wanted| vnic::check(service, wanted))
}

fn relocate(service: &OciService, lb: &mut LoadBalancer, body: &Value) -> Result<(), Failure> {
    lb.compartment_id = typed(body["compartmentId"].clone(), "compartmentId")?;
    match identity::has_compartment(service, &lb.compartment_id) {
        true => Ok(()),
        false => Err(Failure::not_found(format_args!("compartment {}", lb.compartment_id))),
    }
}

fn texts(body: &Value, field: &str) -> Vec<String> {
    let items = body.get(field).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
