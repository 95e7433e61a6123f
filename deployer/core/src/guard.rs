//! Why a plan is refused although it could be carried out.

use crate::address::Kind;
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
}

impl Refusal {
    /// What to do about it.
    pub fn hint(&self, environment: &str) -> String {
        match self {
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
