//! Load balancers without a cloud around them: made and changed with the service's own validation, for whoever wants
//! to know what the service would say without asking it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{change, child, shape, validation};
use crate::model::load_balancer::LoadBalancer;
use crate::services::oci::call::typed;
use crate::services::oci::failure::Failure;
use crate::services::oci::work::Change;

/// A load balancer with everything that a `CreateLoadBalancer` brings along.
///
/// # Errors
/// The vendor's refusal.
pub fn create(details: &Value) -> Result<LoadBalancer, String> {
    let field = |name: &str| details.get(name).cloned().unwrap_or_default();
    let made = || {
        let mut lb = LoadBalancer {
            lifecycle_state: "ACTIVE".to_owned(),
            display_name: typed(field("displayName"), "displayName")?,
            shape_name: typed(field("shapeName"), "shapeName")?,
            shape_details: typed(field("shapeDetails"), "shapeDetails")?,
            network_security_group_ids: typed(field("networkSecurityGroupIds"), "groups")?,
            ..LoadBalancer::default()
        };
        child::nest(&mut lb, details)?;
        shape::check(&lb)?;
        validation::check(&lb)?;
        Ok(lb)
    };
    made().map_err(|failure: Failure| failure.to_string())
}

/// The load balancer after one change: `operation` as the contract has it (`update_listener`), `name` of the child it is
/// about.
///
/// # Errors
/// The vendor's refusal.
pub fn changed(
    lb: &LoadBalancer,
    operation: &str,
    name: &str,
    body: &Value,
) -> Result<LoadBalancer, String> {
    let change = Change {
        operation: operation.to_owned(),
        parameters: BTreeMap::from([("name".to_owned(), name.to_owned())]),
        body: body.clone(),
    };
    let mut changed = lb.clone();
    let made = match operation {
        "update_network_security_groups" => {
            changed.network_security_group_ids = change::groups(body);
            Ok(())
        }
        _ => change::alone(&mut changed, &change),
    };
    made.and_then(|()| validation::check(&changed)).map_err(|failure| failure.to_string())?;
    Ok(changed)
}
