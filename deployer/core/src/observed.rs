//! What the providers listed: resources that carry this environment's mark.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::address::{Address, Kind};
use crate::value::{Lookup, Outputs, SECRET_OUTPUTS};

/// One resource as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The provider's identifier.
    pub id: String,
    /// In the same shape as the desired spec; fields that deployer does not set may be there too.
    pub spec: Value,
    pub outputs: Outputs,
    /// The vendor's word for the state, for people.
    pub state: String,
    /// When the provider made it, in its own words; empty where it does not say.
    pub created: String,
    /// Why it is of no use as it is (failed, expired, soon to expire); it will be made anew.
    pub broken: Option<String>,
}

/// Everything that was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    pub resources: BTreeMap<Address, Found>,
    /// Further resources with the same address: what a killed run or a race left behind.
    pub twins: Vec<(Address, Found)>,
    /// What carries the mark in a region that is not the environment's.
    pub strays: Vec<Stray>,
}

/// Something of this environment in another region: what was made before the file's region was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    pub region: String,
    pub address: Address,
    pub id: String,
}

impl Observed {
    /// Adds what was found; of two with one address the one that works is kept, else the one that was made
    /// first: whoever looks chooses the same.
    pub fn insert(&mut self, address: Address, found: Found) {
        let Some(first) = self.resources.remove(&address) else {
            self.resources.insert(address, found);
            return;
        };
        let (kept, twin) =
            if rank(&first) <= rank(&found) { (first, found) } else { (found, first) };
        self.resources.insert(address.clone(), kept);
        self.twins.push((address, twin));
    }

    /// Everything with the given kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&Address, &Found)> {
        self.resources.iter().filter(move |(address, _)| address.kind == kind)
    }
}

fn rank(found: &Found) -> (bool, &str, &str) {
    (found.broken.is_some(), &found.created, &found.id)
}

/// Looks values up among what was found.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub observed: &'a Observed,
    pub variables: &'a BTreeMap<String, String>,
}

impl Lookup for Known<'_> {
    fn output(&self, address: &Address, output: &str) -> Option<String> {
        let found = self.observed.resources.get(address).filter(|found| found.broken.is_none())?;
        found.outputs.get(output).cloned()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

impl<'a> Known<'a> {
    /// The same without what must not be shown: variables and keys.
    pub fn without_secrets(self) -> impl Lookup + 'a {
        WithoutSecrets(self)
    }
}

struct WithoutSecrets<'a>(Known<'a>);

impl Lookup for WithoutSecrets<'_> {
    fn output(&self, address: &Address, output: &str) -> Option<String> {
        self.0.output(address, output).filter(|_| !SECRET_OUTPUTS.contains(&output))
    }

    fn variable(&self, _name: &str) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: &str, created: &str, broken: bool) -> Found {
        let broken = broken.then(|| "has failed".to_owned());
        Found { id: id.to_owned(), created: created.to_owned(), broken, ..Found::default() }
    }

    #[test]
    fn of_twins_the_one_that_works_and_was_made_first_is_kept_in_whatever_order_they_come() {
        let address = Address::new(Kind::Vcn, "main");
        let twins = [
            found("a", "2024-01-02", false),
            found("b", "2024-01-01", false),
            found("c", "2023-01-01", true),
        ];
        for turn in 0..3 {
            let mut observed = Observed::default();
            let mut order = twins.to_vec();
            order.rotate_left(turn);
            for twin in order {
                observed.insert(address.clone(), twin);
            }
            assert_eq!(observed.resources[&address].id, "b");
            assert_eq!(observed.twins.len(), 2);
        }
    }
}
