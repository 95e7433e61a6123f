//! Why a plan is refused although it could be carried out.

use crate::address::Kind;
use crate::observed::Observed;
use crate::plan::{Action, Plan};

/// Deletes of things no longer asked for that pass without being confirmed.
pub const PRUNE_LIMIT: usize = 5;

/// A reason to refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{address} is there and cannot be changed in {fields}")]
    Impossible { address: String, fields: String },
    #[error(
        "{count} resources would be removed because the file no longer asks for them, more than {limit}"
    )]
    TooMuch { count: usize, limit: usize },
    #[error(
        "this environment has {address} in {region} still ({id}), and {others} more there or elsewhere"
    )]
    Strays { region: String, address: String, id: String, others: usize },
}

impl Refusal {
    /// What to do about it.
    pub fn hint(&self, environment: &str) -> String {
        match self {
            Self::Strays { .. } => format!(
                "it was made before the region was changed, and costs on; remove it there, too: deployer down --env {environment}"
            ),
            Self::Impossible { .. } => format!(
                "put the old value back, or take everything down first: deployer down --env {environment}"
            ),
            Self::TooMuch { count, .. } => {
                format!(
                    "look at the plan; if that is meant: deployer up --env {environment} --prune {count}"
                )
            }
        }
    }
}

/// Refuses to make anything here while something of the environment is left in another region.
///
/// # Errors
/// What was left where.
pub fn strays(observed: &Observed) -> Result<(), Refusal> {
    let Some(stray) = observed.strays.first() else { return Ok(()) };
    Err(Refusal::Strays {
        region: stray.region.clone(),
        address: stray.address.to_string(),
        id: stray.id.clone(),
        others: observed.strays.len() - 1,
    })
}

/// Checks a plan of `up`; `prune` is how many removals the user has confirmed.
///
/// # Errors
/// The first reason to refuse.
pub fn check(plan: &Plan, prune: Option<usize>) -> Result<(), Refusal> {
    for step in &plan.steps {
        if let Action::Impossible { changes, .. } = &step.action {
            let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
            return Err(Refusal::Impossible {
                address: step.address.to_string(),
                fields: fields.join(", "),
            });
        }
    }
    // Instances of an older generation and what was replaced are part of every rollout.
    let orphans = plan.steps.iter().filter(|step| {
        matches!(step.action, Action::Delete { .. }) && step.address.kind != Kind::ContainerInstance
    });
    let count = orphans.count();
    let limit = prune.unwrap_or(PRUNE_LIMIT);
    if count > limit { Err(Refusal::TooMuch { count, limit }) } else { Ok(()) }
}
