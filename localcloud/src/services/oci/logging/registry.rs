//! The services whose resources can have logs, as the vendor's registry lists them: here, load balancers.

use serde_json::{Value, json};

use crate::model::logging::Source;
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;

const SERVICE: &str = "loadbalancer";

/// Categories and their names for readers.
const CATEGORIES: [(&str, &str); 2] = [("access", "Access Logs"), ("error", "Error Logs")];

pub(super) fn list(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let categories: Vec<Value> = CATEGORIES
        .map(|(name, title)| json!({"name": name, "displayName": title, "parameters": []}))
        .into();
    let shown = json!({
        "tenantId": service.credentials.tenancy,
        "namespace": SERVICE,
        "servicePrincipalName": SERVICE,
        "endpoint": format!("https://iaas.{}.oraclecloud.com", service.region()),
        "name": "Load Balancers",
        "id": SERVICE,
        "resourceTypes": [{"name": SERVICE, "categories": categories}],
    });
    listing::bare(call, vec![shown])
}

/// # Errors
/// 400 for what the registry does not have, 404 for a resource that is not there.
pub(super) fn check(service: &OciService, source: &Source) -> Result<(), Failure> {
    if source.service != SERVICE {
        return Err(unknown("service", &source.service));
    }
    if !CATEGORIES.iter().any(|(name, _)| *name == source.category) {
        return Err(unknown("category", &source.category));
    }
    if let Some(parameter) = source.parameters.keys().next() {
        return Err(unknown("parameters", parameter));
    }
    let world = service.cloud.balancers.read();
    let live = world.load_balancers.get(&source.resource);
    match live.filter(|lb| lb.lifecycle_state != "DELETED") {
        Some(_) => Ok(()),
        None => Err(Failure::not_found(format_args!("load balancer {}", source.resource))),
    }
}

fn unknown(field: &str, value: &str) -> Failure {
    Failure::invalid(format!("Invalid configuration.source.{field}: '{value}'"))
}
