//! What differs although nobody asked for anything else: it was changed by somebody.

use std::collections::BTreeMap;

use super::difference::names;
use super::{Action, Basis, Step};
use crate::address::Address;
use crate::desired::{Desired, Resource};
use crate::digest;
use crate::observed::Known;
use crate::value;

/// What is asked for of each resource, as a digest. Ids and addresses of others are part of it, so that a change that
/// follows from another is not taken for somebody's; values of variables are not.
pub fn digests(desired: &Desired, known: Known<'_>) -> BTreeMap<Address, String> {
    desired.iter().map(|(address, resource)| (address.clone(), asked(resource, known))).collect()
}

fn asked(resource: &Resource, known: Known<'_>) -> String {
    let known = known.without_secrets();
    digest::short(value::resolve_known(&resource.spec, &known).to_string().as_bytes(), 16)
}

/// Marks a step on what is asked for just as it was when it was last applied.
pub(super) fn mark(step: &mut Step, basis: &Basis<'_>, known: Known<'_>) {
    let Some(applied) = basis.applied.get(&step.address) else { return };
    let Some(resource) = basis.desired.get(&step.address) else { return };
    let found = known.observed.resources.get(&step.address);
    // What is broken or to be renewed is nobody's doing, and a new name is asked for.
    if found.is_some_and(|found| found.broken.is_some())
        || matches!(step.action, Action::Delete { .. } | Action::Remark { .. })
        || asked(resource, known) != *applied
    {
        return;
    }
    step.drift = true;
    step.because = match &step.action {
        Action::Update { changes, .. } | Action::Impossible { changes, .. }
            if !changes.is_empty() =>
        {
            format!("was changed by somebody: {}", names(changes))
        }
        Action::Create { spec } if spec["existing"].is_null() => {
            "was deleted by somebody".to_owned()
        }
        _ => format!("was changed by somebody: {}", step.because),
    };
}
