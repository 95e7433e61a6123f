//! Which step comes after which.
//!
//! Creates and updates follow the references of their specs. A delete follows the steps on the kinds that may still use
//! what it deletes, and no others, so that a failed step keeps nothing from going that has nothing to do with it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Needs, Step};
use crate::address::{Address, Kind};
use crate::desired::Desired;
use crate::value;

pub(super) fn ordered(steps: Vec<Step>, desired: &Desired) -> Vec<Step> {
    let (mut deletes, mut others): (Vec<Step>, Vec<Step>) =
        steps.into_iter().partition(|step| matches!(step.action, Action::Delete { .. }));
    // Kinds are listed in an order in which references only lead back, and instances, images and so on refer to
    // other kinds alone; groups refer to groups, and their rank keeps that order.
    others.sort_by(|a, b| place(a).cmp(&place(b)));
    deletes.sort_by(|a, b| place(b).cmp(&place(a)));
    let positions: BTreeMap<Address, usize> = others
        .iter()
        .enumerate()
        .map(|(position, step)| (step.address.clone(), position))
        .collect();
    let mut leaning = Leaning { desired, positions: &positions, passed: BTreeMap::new() };
    for step in &mut others {
        step.needs = leaning.direct(&step.address);
    }
    let count = others.len();
    others.extend(deletes);
    let ranges = Ranges::of(&others, count);
    for step in &mut others[count..] {
        step.needs = ranges.before_delete(&step.address, &positions);
    }
    others
}

fn place(step: &Step) -> (Kind, u8, &str) {
    (step.address.kind, rank(&step.address), &step.address.name)
}

/// The load balancer's group is referred to by the apps' group.
fn rank(address: &Address) -> u8 {
    u8::from(!(address.kind == Kind::NetworkSecurityGroup && address.name == "load_balancer"))
}

/// The kinds whose resources may refer to one of this kind.
pub(super) const fn users(kind: Kind) -> &'static [Kind] {
    match kind {
        Kind::Vcn => &[
            Kind::InternetGateway,
            Kind::NatGateway,
            Kind::RouteTable,
            Kind::SecurityList,
            Kind::Subnet,
            Kind::NetworkSecurityGroup,
        ],
        Kind::InternetGateway | Kind::NatGateway => &[Kind::RouteTable],
        Kind::RouteTable | Kind::SecurityList => &[Kind::Subnet],
        Kind::Subnet => &[Kind::ContainerInstance, Kind::LoadBalancer],
        Kind::NetworkSecurityGroup => {
            &[Kind::NetworkSecurityGroup, Kind::ContainerInstance, Kind::LoadBalancer]
        }
        // A running instance may have to pull its image once more.
        Kind::Repository => &[Kind::Image, Kind::ContainerInstance],
        Kind::Image => &[Kind::ContainerInstance],
        Kind::ContainerInstance | Kind::Certificate => &[Kind::LoadBalancer],
        Kind::LoadBalancer => &[Kind::ZoneSetting, Kind::DnsRecord],
        Kind::ZoneSetting => &[Kind::DnsRecord],
        // A proof that was left behind may serve an order that is taken up again.
        Kind::DnsRecord => &[Kind::Certificate],
    }
}

/// What creates and updates lean on.
struct Leaning<'a> {
    desired: &'a Desired,
    positions: &'a BTreeMap<Address, usize>,
    /// What a resource without a step passes on: the steps that it leans on itself.
    passed: BTreeMap<Address, Needs>,
}

impl Leaning<'_> {
    fn direct(&mut self, address: &Address) -> Needs {
        let Some(resource) = self.desired.get(address) else { return Needs::default() };
        let mut leaned_on: BTreeSet<Address> =
            value::references(&resource.spec).into_iter().collect();
        leaned_on.extend(resource.after.iter().cloned());
        let mut ranges = Vec::new();
        for other in leaned_on {
            match self.positions.get(&other) {
                Some(position) => ranges.push((*position, *position)),
                None => ranges.extend_from_slice(self.through(&other).ranges()),
            }
        }
        ranges.into_iter().collect()
    }

    fn through(&mut self, address: &Address) -> Needs {
        if let Some(known) = self.passed.get(address) {
            return known.clone();
        }
        // Whoever leans on himself in a circle leans on nothing.
        self.passed.insert(address.clone(), Needs::default());
        let needs = self.direct(address);
        self.passed.insert(address.clone(), needs.clone());
        needs
    }
}

/// Where the steps on each kind begin and end.
struct Ranges {
    changes: BTreeMap<Kind, (usize, usize)>,
    deletes: BTreeMap<Kind, (usize, usize)>,
    /// The deletes of groups that may refer to the load balancer's group.
    groups: Option<(usize, usize)>,
}

impl Ranges {
    fn of(steps: &[Step], first_delete: usize) -> Self {
        let mut ranges = Self { changes: BTreeMap::new(), deletes: BTreeMap::new(), groups: None };
        for (position, step) in steps.iter().enumerate() {
            let is_change = position < first_delete;
            let side = if is_change { &mut ranges.changes } else { &mut ranges.deletes };
            let kind = step.address.kind;
            side.entry(kind).and_modify(|range| range.1 = position).or_insert((position, position));
            if !is_change && kind == Kind::NetworkSecurityGroup && rank(&step.address) > 0 {
                ranges.groups.get_or_insert((position, position)).1 = position;
            }
        }
        ranges
    }

    fn before_delete(&self, address: &Address, positions: &BTreeMap<Address, usize>) -> Needs {
        let users = users(address.kind);
        let changes = users.iter().filter_map(|user| self.changes.get(user)).copied();
        let others = users.iter().filter(|user| **user != address.kind);
        let deletes = others.filter_map(|user| self.deletes.get(user)).copied();
        let leads = address.kind == Kind::NetworkSecurityGroup && rank(address) == 0;
        // What is replaced stays until there is another.
        let successor = positions.get(address).map(|position| (*position, *position));
        changes.chain(deletes).chain(self.groups.filter(|_| leads)).chain(successor).collect()
    }
}
