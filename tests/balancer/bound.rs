//! How few calls can lead from one load balancer to another: one for each child that differs, and for backends what the
//! exchange without loss takes.

use std::collections::BTreeSet;

use deployer_core::diff;
use serde_json::Value;

/// The fewest calls.
pub(crate) fn fewest(desired: &Value, found: &Value) -> usize {
    let plain = ["hostnames", "ruleSets", "pathRouteSets", "listeners"];
    let plain: usize =
        plain.into_iter().map(|field| differing(&desired[field], &found[field])).sum();
    let shape = usize::from(!diff::same(&desired["shapeDetails"], &found["shapeDetails"]));
    plain + shape + certificates(desired, found) + backend_sets(desired, found)
}

fn names(children: &Value) -> BTreeSet<&String> {
    children.as_object().into_iter().flat_map(|children| children.keys()).collect()
}

fn differing(desired: &Value, found: &Value) -> usize {
    let all: BTreeSet<&String> = &names(desired) | &names(found);
    let differs = |name: &&&String| {
        let (wanted, there) = (desired.get(name.as_str()), found.get(name.as_str()));
        !matches!((wanted, there), (Some(wanted), Some(there)) if diff::same(wanted, there))
    };
    all.iter().filter(differs).count()
}

/// One comes, all others go.
fn certificates(desired: &Value, found: &Value) -> usize {
    let current = desired["certificate"]["certificateName"].as_str().expect("a name").to_owned();
    let there = names(&found["certificates"]);
    let others = there.iter().filter(|name| ***name != current).count();
    others + usize::from(!there.contains(&current))
}

fn backend_sets(desired: &Value, found: &Value) -> usize {
    let (desired, found) = (&desired["backendSets"], &found["backendSets"]);
    let both = &names(desired) & &names(found);
    let one_sided = differing(desired, found)
        - both.iter().filter(|n| !diff::same(&desired[n.as_str()], &found[n.as_str()])).count();
    let exchanged: usize =
        both.iter().map(|name| exchange(&desired[name.as_str()], &found[name.as_str()])).sum();
    one_sided + exchanged
}

/// Nothing for one that is as it should be; one call to bring what is new, two to drain and to remove what is old, two
/// for the trial of a health check.
fn exchange(desired: &Value, found: &Value) -> usize {
    let backends = |set: &Value| -> BTreeSet<String> {
        let all = set["backends"].as_array().into_iter().flatten();
        all.map(|b| format!("{} {}", b["ipAddress"], b["port"])).collect()
    };
    let (new, old) = (backends(desired), backends(found));
    let checked = !diff::same(&desired["healthChecker"], &found["healthChecker"]);
    let joined = usize::from(checked || !new.is_subset(&old));
    joined + if old.is_subset(&new) { 0 } else { 2 } + if checked { 2 } else { 0 }
}
