//! Asks, before anything is made, whether the tenancy's limits leave room for it.
//!
//! Only where limits can be read: who may not read them still hears of a full one, from the call that fails. Cores of
//! container instances are not asked for: under which name they are counted is not documented.

use deployer_core::address::Kind;
use deployer_core::plan::{Action, Plan};
use oci::limits::{self, Limit};
use serde_json::Value;

use super::Clouds;
use crate::failure::{self, Failure};

const VCNS: Limit<'_> = Limit { service: "vcn", name: "vcn-count" };
const BALANCERS: Limit<'_> = Limit { service: "load-balancer", name: "lb-flexible-count" };
/// The smallest load balancer has a limit of its own, too, in tenancies that pay nothing.
const SMALL_BALANCERS: Limit<'_> =
    Limit { service: "load-balancer", name: "lb-10mbps-micro-count" };

/// Checks that what `plan` makes fits into the limits.
///
/// # Errors
/// The first limit that does not suffice.
pub async fn preflight(clouds: &Clouds, plan: &Plan) -> Result<(), Failure> {
    let vcns = made(plan, Kind::Vcn);
    enough(clouds, &[VCNS], vcns.len()).await?;
    let balancers = made(plan, Kind::LoadBalancer);
    let limits = if balancers.iter().all(|spec| is_small(spec)) {
        &[BALANCERS, SMALL_BALANCERS][..]
    } else {
        &[BALANCERS]
    };
    enough(clouds, limits, balancers.len()).await
}

/// The specs of a kind that the plan makes.
fn made(plan: &Plan, kind: Kind) -> Vec<&Value> {
    let steps = plan.steps.iter().filter(|step| step.address.kind == kind);
    let specs = steps.filter_map(|step| match &step.action {
        Action::Create { spec } => Some(spec),
        _ => None,
    });
    specs.collect()
}

fn is_small(spec: &Value) -> bool {
    spec["shapeDetails"]["maximumBandwidthInMbps"] == 10
}

/// Whether one of the limits has room for `needed`, or cannot be read.
async fn enough(clouds: &Clouds, limits: &[Limit<'_>], needed: usize) -> Result<(), Failure> {
    if needed == 0 {
        return Ok(());
    }
    let mut full = Vec::new();
    for limit in limits {
        let left = limits::resource_availability(&clouds.oci, &clouds.compartment, *limit).await;
        let left = left.ok().and_then(|response| response.value.available);
        match left.and_then(|left| usize::try_from(left.max(0)).ok()) {
            Some(left) if left < needed => {
                full.push(format!("{} of {}: {left} left", limit.name, limit.service));
            }
            _ => return Ok(()),
        }
    }
    let message =
        format!("a limit of the tenancy does not suffice: {}, {needed} needed", full.join("; "));
    Err(Failure::new(failure::Kind::Refused, message)
        .hint("nothing was changed; ask for a higher limit in the console, under Limits, Quotas and Usage, or free what is unused"))
}
