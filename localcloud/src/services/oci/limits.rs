//! Limits of the tenancy (`/20190729`): how many of a kind there may be, and how many there are.
//!
//! The contract has no model of this service, because the SDK that it is made of is cut to the services that are
//! emulated. Source of the route and its answer:
//! <https://docs.oracle.com/en-us/iaas/api/#/en/limits/20190729/ResourceAvailability/GetResourceAvailability>.

use serde_json::json;

use super::call::{Answer, Call};
use super::contract::Operation;
use super::failure::Failure;
use super::{OciService, balancer, instance};

/// What is left when nothing is said.
const AMPLE: u64 = 1_000;

struct Limit {
    service: &'static str,
    name: &'static str,
    /// The operation that uses it up.
    operation: &'static str,
    used: fn(&OciService) -> usize,
}

/// The first two names are the vendor's. Its limits of container instances are counted in cores and memory of a shape;
/// the third stands for all of them, and its name is not certain.
const LIMITS: &[Limit] = &[
    Limit {
        service: "load-balancer",
        name: "lb-flexible-count",
        operation: "create_load_balancer",
        used: |service| balancer::inventory(service).values().sum(),
    },
    Limit {
        service: "vcn",
        name: "vcn-count",
        operation: "create_vcn",
        used: |service| service.cloud.network.read().vcns.len(),
    },
    Limit {
        service: "container-instances",
        name: "container-instance-count",
        operation: "create_container_instance",
        used: |service| instance::inventory(service).values().sum(),
    },
];

impl Limit {
    fn most(&self, service: &OciService) -> u64 {
        let limits = &service.cloud.options.conduct.limits;
        limits.get(&format!("{}/{}", self.service, self.name)).copied().unwrap_or(AMPLE)
    }

    fn left(&self, service: &OciService) -> u64 {
        self.most(service).saturating_sub((self.used)(service) as u64)
    }
}

/// The one operation, as the contract would have it.
pub(super) fn operation() -> Operation {
    Operation {
        service: "limits".to_owned(),
        name: "get_resource_availability".to_owned(),
        method: "GET".to_owned(),
        path: "/20190729/services/{serviceName}/limits/{limitName}/resourceAvailability".to_owned(),
        query: ["compartmentId", "availabilityDomain"].map(str::to_owned).to_vec(),
        required: vec!["compartmentId".to_owned()],
        ..Operation::default()
    }
}

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let (owner, name) = (call.parameter("serviceName"), call.parameter("limitName"));
    let limit = LIMITS.iter().find(|limit| limit.service == owner && limit.name == name);
    let limit = limit.ok_or_else(|| Failure::not_found(format_args!("limit {owner}/{name}")))?;
    let (used, left) = ((limit.used)(service), limit.left(service));
    Ok(Answer::shows(&json!({"used": used, "available": left,
        "fractionalUsage": used, "fractionalAvailability": left})))
}

/// # Errors
/// 400 when the limit of what is to be made is used up.
pub(super) fn check(service: &OciService, call: &Call) -> Result<(), Failure> {
    match LIMITS.iter().find(|limit| limit.operation == call.name()) {
        Some(limit) if limit.left(service) == 0 => Err(Failure::limit(format!(
            "The following service limits were exceeded: {}. Request a service limit increase from the service limits page in the console.",
            limit.name
        ))),
        _ => Ok(()),
    }
}
