//! A plan that was kept: it is carried out as it is, and nothing beyond it.

use deployer_core::plan::{self, Basis, Plan, Saved};
use deployer_core::render;

use crate::failure::{Failure, Kind};

/// Makes sure that `plan` is the one that was kept.
pub(super) fn check(saved: &Saved, plan: &Plan, basis: &Basis<'_>) -> Result<(), Failure> {
    let Some(why) = plan::stale(saved, &plan::saved(plan, basis)) else { return Ok(()) };
    Err(refused(format!("the saved plan is stale: {why}")))
}

/// Why a run ends that has carried out the plan that was kept and is not done.
pub(super) fn beyond(rest: &Plan) -> Failure {
    let rest = render::text(rest);
    refused(format!("the saved plan was carried out, and what remains is not part of it:\n{rest}"))
}

fn refused(message: String) -> Failure {
    Failure::new(Kind::Refused, message).hint("look at a new one: deployer plan --out FILE")
}
