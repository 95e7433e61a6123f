//! Why a plan is refused although it could be carried out.

use std::collections::BTreeMap;

use crate::address::Kind;
use crate::environment::Protected;
use crate::observed::{Found, Observed};
use crate::plan::{Action, Plan, Removal, Step};

/// Removals of things no longer asked for that pass without being confirmed, at most.
pub const PRUNE_LIMIT: usize = 5;
/// The same as a share of what is there, in percent. One removal always passes.
pub const PRUNE_PERCENT: usize = 30;

/// What a plan is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub purpose: Purpose,
    pub protected: &'a [Protected],
    /// Whether somebody's changes are a reason to refuse, instead of being set back.
    pub refuse_drift: bool,
}

/// What the plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `prune` is how many removals the user has confirmed.
    Up { prune: Option<usize> },
    /// Everything goes, so how much that is says nothing.
    Down,
}

/// A reason to refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{address} is there and cannot be changed in {fields}")]
    Impossible { address: String, fields: String },
    #[error("{address} is there, and what it lives in ({fields}) is not found any more")]
    Orphan { address: String, fields: String },
    #[error("{address} is protected, and the plan would {verb} it")]
    Protected { address: String, verb: &'static str },
    #[error(
        "{count} resources would be removed because the file no longer asks for them; of {there} that are there, {limit} may go unconfirmed"
    )]
    TooMuch { count: usize, there: usize, limit: usize },
    #[error("{address} has its delete protection on, and the plan would delete it")]
    Locked { address: String },
    #[error("every working instance of {app} would go before others serve")]
    LastInstances { app: String },
    #[error("somebody changed {addresses}")]
    Drift { addresses: String },
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
            Self::Orphan { .. } => format!(
                "if that lost its freeform tags, put them back, else take everything down: deployer down --env {environment}"
            ),
            Self::Impossible { .. } => format!(
                "put the old value back, or take everything down first: deployer down --env {environment}"
            ),
            Self::Protected { .. } => format!(
                "if that is meant, take it out of `protect` in environments/{environment}.toml"
            ),
            Self::Locked { .. } => format!(
                "if that is meant, turn it off in the console, or have it set back first: deployer up --env {environment}"
            ),
            Self::TooMuch { count, .. } => {
                format!(
                    "look at the plan; if that is meant: deployer up --env {environment} --prune {count}"
                )
            }
            Self::LastInstances { .. } => {
                "this is a bug in deployer: no plan should ask for that".to_owned()
            }
            Self::Drift { .. } => format!(
                "put it into the environment file, or let it be set back: deployer up --env {environment}"
            ),
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

/// Refuses to delete a load balancer that its provider would not let go.
///
/// # Errors
/// Which one.
pub fn locked(plan: &Plan, observed: &Observed) -> Result<(), Refusal> {
    let there = || observed.resources.values().chain(observed.twins.iter().map(|(_, twin)| twin));
    // The vendor holds back only what takes traffic.
    let is_locked = |found: &Found| {
        let takes_traffic = found.spec["listeners"].as_object().is_some_and(|all| !all.is_empty());
        takes_traffic && found.spec["isDeleteProtectionEnabled"] == true
    };
    let locked = plan.steps.iter().find(|step| match &step.action {
        Action::Delete { id, .. } => there().any(|found| found.id == *id && is_locked(found)),
        _ => false,
    });
    let Some(step) = locked else { return Ok(()) };
    Err(Refusal::Locked { address: step.address.to_string() })
}

/// Checks a plan.
///
/// # Errors
/// The first reason to refuse.
pub fn check(plan: &Plan, terms: &Terms<'_>) -> Result<(), Refusal> {
    plan.steps.iter().try_for_each(|step| protected(step, terms.protected))?;
    plan.steps.iter().try_for_each(impossible)?;
    if terms.refuse_drift {
        drift(plan)?;
    }
    match terms.purpose {
        Purpose::Up { prune } => too_much(plan, prune)?,
        Purpose::Down => return Ok(()),
    }
    last_instances(plan)
}

fn impossible(step: &Step) -> Result<(), Refusal> {
    let Action::Impossible { changes, .. } = &step.action else { return Ok(()) };
    let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
    let (address, fields) = (step.address.to_string(), fields.join(", "));
    Err(match step.is_orphan() {
        true => Refusal::Orphan { address, fields },
        false => Refusal::Impossible { address, fields },
    })
}

fn protected(step: &Step, protected: &[Protected]) -> Result<(), Refusal> {
    if step.address.is_proof() {
        return Ok(());
    }
    let verb = match &step.action {
        // The one that is kept has the same name.
        Action::Delete { why: Removal::Twin, .. } => return Ok(()),
        Action::Delete { why: Removal::Replaced, .. } | Action::Impossible { .. } => "replace",
        Action::Delete { .. } => "delete",
        Action::Create { .. } | Action::Update { .. } | Action::Remark { .. } => return Ok(()),
    };
    if protected.iter().any(|protected| protected.covers(&step.address)) {
        return Err(Refusal::Protected { address: step.address.to_string(), verb });
    }
    Ok(())
}

/// Refuses to set back what somebody changed.
///
/// # Errors
/// When anything was.
pub fn drift(plan: &Plan) -> Result<(), Refusal> {
    let drifted = plan.steps.iter().filter(|step| step.drift);
    let addresses: Vec<String> = drifted.map(|step| step.address.to_string()).collect();
    if addresses.is_empty() {
        return Ok(());
    }
    Err(Refusal::Drift { addresses: addresses.join(", ") })
}

/// Instances of an older generation and what was replaced are part of every rollout, and do not count; instances of an
/// app that is not declared any more do.
fn too_much(plan: &Plan, prune: Option<usize>) -> Result<(), Refusal> {
    let counts = |step: &&Step| {
        matches!(step.action, Action::Delete { why: Removal::Unasked | Removal::TakenDown, .. })
            && !plan.rolls_out(&step.address)
            && !step.address.is_proof()
    };
    let count = plan.steps.iter().filter(counts).count();
    let share = (plan.there * PRUNE_PERCENT / 100).max(1);
    let limit = prune.unwrap_or_else(|| PRUNE_LIMIT.min(share));
    if count > limit {
        return Err(Refusal::TooMuch { count, there: plan.there, limit });
    }
    Ok(())
}

/// An app that is asked for keeps an instance that works, or gets one that the load balancer knows before they go.
fn last_instances(plan: &Plan) -> Result<(), Refusal> {
    let mut made: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut balancers = Vec::new();
    for (position, step) in plan.steps.iter().enumerate() {
        match (&step.action, step.address.app()) {
            (Action::Create { .. }, Some(app)) => made.entry(app).or_default().push(position),
            (Action::Create { .. } | Action::Update { .. }, _)
                if step.address.kind == Kind::LoadBalancer =>
            {
                balancers.push(position);
            }
            _ => {}
        }
    }
    let serves = |delete: &Step, app: &str| {
        balancers.iter().filter(|balancer| delete.needs.contains(**balancer)).any(|balancer| {
            let known = &plan.steps[*balancer].needs;
            made.get(app).is_some_and(|made| made.iter().any(|made| known.contains(*made)))
        })
    };
    let unsafe_of = |step: &Step| {
        let Action::Delete { why: Removal::Unasked | Removal::TakenDown, .. } = step.action else {
            return None;
        };
        let app = step.address.app().filter(|app| plan.apps.get(*app) == Some(&0))?;
        (!serves(step, app)).then(|| app.to_owned())
    };
    match plan.steps.iter().find_map(unsafe_of) {
        Some(app) => Err(Refusal::LastInstances { app }),
        None => Ok(()),
    }
}
