//! Apps with another name: their running instances are kept and marked anew, instead of being made and deleted.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Basis, Removal, Step};
use crate::address::{Address, Kind};
use crate::environment::Move;
use crate::observed::Observed;

/// What was found, under the addresses that it shall have, and which address each had.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) observed: Observed,
    pub(super) from: BTreeMap<Address, Address>,
}

/// `None` when nothing moves. An instance moves when its name differs from one that is asked for in the app alone:
/// the rest of the name says what it is made of.
pub(super) fn moved(basis: &Basis<'_>) -> Option<Moved> {
    let observed = basis.known.observed;
    let mut from = BTreeMap::new();
    for (address, found) in observed.of_kind(Kind::ContainerInstance) {
        let to = basis.moves.iter().find_map(|Move { from, to }| {
            let rest = address.name.strip_prefix(from.as_str())?.strip_prefix('-')?;
            Some(Address::new(Kind::ContainerInstance, format!("{to}-{rest}")))
        });
        if let Some(to) = to
            && found.broken.is_none()
            && !basis.desired.contains_key(address)
            && basis.desired.contains_key(&to)
            && !observed.resources.contains_key(&to)
        {
            from.insert(to, address.clone());
        }
    }
    if from.is_empty() {
        return None;
    }
    let mut observed = observed.clone();
    for (to, address) in &from {
        let found = observed.resources.remove(address);
        observed.resources.extend(found.map(|found| (to.clone(), found)));
    }
    Some(Moved { observed, from })
}

impl Moved {
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> {
        self.from.iter().filter_map(|(to, from)| {
            let id = self.observed.resources.get(to)?.id.clone();
            let because = format!("is called {from}");
            let action = Action::Remark { id, from: from.clone() };
            Some(super::difference::step(to, action, because))
        })
    }
}

/// What to write for instances that go and others that are made of the same: it may be an app with another name.
pub(super) fn notes(steps: &[Step]) -> Vec<String> {
    let instances = || steps.iter().filter(|s| s.address.kind == Kind::ContainerInstance);
    let made: BTreeMap<&str, &str> = instances()
        .filter(|step| matches!(step.action, Action::Create { .. }))
        .filter_map(|step| parts(&step.address))
        .map(|(app, rest)| (rest, app))
        .collect();
    let gone = |action: &Action| matches!(action, Action::Delete { why: Removal::Unasked, .. });
    let pairs: BTreeSet<(&str, &str)> = instances()
        .filter(|step| gone(&step.action))
        .filter_map(|step| parts(&step.address))
        .filter_map(|(app, rest)| Some((app, *made.get(rest)?)))
        .collect();
    let note = |(from, to): (&str, &str)| {
        format!(
            "app {to} looks like {from} with another name; to keep its instances: \
             moved = [{{ from = \"app.{from}\", to = \"app.{to}\" }}]"
        )
    };
    pairs.into_iter().filter(|(from, to)| from != to).map(note).collect()
}

/// The app of an instance, and the rest of its name.
fn parts(address: &Address) -> Option<(&str, &str)> {
    let app = address.app()?;
    Some((app, &address.name[app.len()..]))
}
