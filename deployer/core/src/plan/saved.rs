//! A plan that is kept in a file, and whether the world is still the one that it was made for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Basis, Plan};
use crate::address::Address;
use crate::digest;

/// What must be the same when a kept plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub schema: u32,
    pub environment: String,
    pub fingerprint: String,
    /// What is done, in which order.
    pub steps: Vec<Kept>,
    /// For each address a digest of what is asked for, of what is there and of what is done to it.
    pub basis: BTreeMap<Address, String>,
}

/// What a kept plan says of a step that is more than said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub address: Value,
    pub action: Value,
    pub needs: Value,
}

/// The steps as they stand in a file that is read.
fn kept(plan: &Plan) -> Vec<Kept> {
    let text = serde_json::to_string(&plan.steps).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// What a plan was made from, as digests.
pub fn saved(plan: &Plan, basis: &Basis<'_>) -> Saved {
    let observed = basis.known.observed;
    let mut parts: BTreeMap<Address, String> = BTreeMap::new();
    for (address, resource) in basis.desired {
        parts.entry(address.clone()).or_default().push_str(&resource.spec.to_string());
    }
    for (address, found) in
        observed.resources.iter().chain(observed.twins.iter().map(|t| (&t.0, &t.1)))
    {
        let part = parts.entry(address.clone()).or_default();
        let _infallible = write!(part, "\n{} {}", found.id, found.broken.is_some());
    }
    // A step holds every difference between what is asked for and what is there.
    for step in &plan.steps {
        let part = parts.entry(step.address.clone()).or_default();
        part.push('\n');
        part.push_str(&serde_json::to_string(&step.action).unwrap_or_default());
    }
    let digest = |part: String| digest::short(part.as_bytes(), 16);
    Saved {
        schema: plan.schema,
        environment: plan.environment.clone(),
        fingerprint: plan.fingerprint.clone(),
        steps: kept(plan),
        basis: parts.into_iter().map(|(address, part)| (address, digest(part))).collect(),
    }
}

/// The file of a kept plan: the plan itself, and what it was made from.
pub fn file(plan: &Plan, basis: &Basis<'_>) -> Value {
    let mut file = serde_json::to_value(plan).unwrap_or_default();
    file["basis"] = serde_json::to_value(saved(plan, basis).basis).unwrap_or_default();
    file
}

/// Why a kept plan must not be carried out any more: what is not as it was.
pub fn stale(saved: &Saved, fresh: &Saved) -> Option<String> {
    if saved == fresh {
        return None;
    }
    if saved.schema != fresh.schema {
        return Some(format!(
            "it has form {}, this deployer writes form {}",
            saved.schema, fresh.schema
        ));
    }
    if saved.environment != fresh.environment {
        return Some(format!("it is for {}, not for {}", saved.environment, fresh.environment));
    }
    let differs = |address: &&Address| saved.basis.get(*address) != fresh.basis.get(*address);
    let mut changed: Vec<&Address> = saved.basis.keys().chain(fresh.basis.keys()).collect();
    changed.sort_unstable();
    changed.dedup();
    changed.retain(differs);
    let names: Vec<String> = changed.iter().take(5).map(ToString::to_string).collect();
    Some(match (names.is_empty(), changed.len().saturating_sub(names.len())) {
        (true, _) => "its steps are not those that would be taken now".to_owned(),
        (false, 0) => format!("changed since: {}", names.join(", ")),
        (false, more) => format!("changed since: {} and {more} more", names.join(", ")),
    })
}
