//! Which step comes after which.
//!
//! Creates and updates follow the references of their specs. Deletes come when all of those are done, the kinds in
//! the opposite order of creation, so that nothing is deleted that something else still uses.

use std::collections::BTreeMap;

use super::{Action, Step};
use crate::address::{Address, Kind};
use crate::desired::Desired;
use crate::value;

pub(super) fn ordered(steps: Vec<Step>, desired: &Desired) -> Vec<Step> {
    let (mut deletes, mut others): (Vec<Step>, Vec<Step>) =
        steps.into_iter().partition(|step| matches!(step.action, Action::Delete { .. }));
    // Kinds are listed in an order in which references only lead back, and instances, images and so on refer to
    // other kinds alone; groups refer to groups, and their names keep that order.
    others.sort_by_key(|step| (step.address.kind, rank(&step.address), step.address.name.clone()));
    deletes
        .sort_by(|a, b| (b.address.kind, &b.address.name).cmp(&(a.address.kind, &a.address.name)));
    let positions: BTreeMap<Address, usize> = others
        .iter()
        .enumerate()
        .map(|(position, step)| (step.address.clone(), position))
        .collect();
    for step in &mut others {
        step.needs = needs(&step.address, desired, &positions);
    }
    let count = others.len();
    others.extend(deletes);
    for position in count..others.len() {
        others[position].needs = before_delete(&others, count, position);
    }
    others
}

/// The load balancer's group is referred to by the apps' group.
fn rank(address: &Address) -> u8 {
    u8::from(!(address.kind == Kind::NetworkSecurityGroup && address.name == "load_balancer"))
}

/// The steps on everything that a resource leans on, at any distance: what is between may need no step.
fn needs(address: &Address, desired: &Desired, positions: &BTreeMap<Address, usize>) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut open = vec![address.clone()];
    let mut seen = vec![address.clone()];
    while let Some(next) = open.pop() {
        let Some(resource) = desired.get(&next) else { continue };
        for leaned_on in
            value::references(&resource.spec).into_iter().chain(resource.after.iter().cloned())
        {
            if !seen.contains(&leaned_on) {
                found.extend(positions.get(&leaned_on));
                seen.push(leaned_on.clone());
                open.push(leaned_on);
            }
        }
    }
    found.sort_unstable();
    found
}

/// All creates and updates, and the deletes of kinds that are made later than this one.
fn before_delete(steps: &[Step], first_delete: usize, position: usize) -> Vec<usize> {
    let kind = steps[position].address.kind;
    let earlier = (first_delete..position).filter(|other| steps[*other].address.kind > kind);
    (0..first_delete).chain(earlier).collect()
}
