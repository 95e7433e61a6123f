//! Scenarios: the state that each is in, and the states that its stubs speak of.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::{Json, object};
use crate::stub::{Step, Stub};

/// The state in which every scenario begins.
pub const STARTED: &str = "Started";

/// The states of all scenarios that have left their first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Scenarios(BTreeMap<String, String>);

impl Scenarios {
    #[must_use]
    pub fn state(&self, scenario: &str) -> &str {
        self.0.get(scenario).map_or(STARTED, String::as_str)
    }

    /// Whether a stub may answer in the present state.
    #[must_use]
    pub fn allow(&self, step: Option<&Step>) -> bool {
        let Some(Step { scenario, required: Some(required), .. }) = step else { return true };
        self.state(scenario) == required
    }

    /// What a stub that has answered changes.
    pub fn advance(&mut self, step: Option<&Step>) {
        if let Some(Step { scenario, next: Some(next), .. }) = step {
            self.set(scenario, next);
        }
    }

    pub fn set(&mut self, scenario: &str, state: &str) {
        self.0.insert(scenario.to_owned(), state.to_owned());
    }

    pub fn reset(&mut self) {
        self.0.clear();
    }

    /// Each scenario of some stubs with its state and the states that it can have.
    pub fn list<'s>(&self, stubs: impl Iterator<Item = &'s Stub>) -> Vec<Json> {
        let mut known: BTreeMap<&str, (BTreeSet<&str>, Vec<Json>)> = BTreeMap::new();
        for stub in stubs {
            let Some(step) = &stub.scenario else { continue };
            let (states, mappings) = known.entry(&step.scenario).or_default();
            states.insert(STARTED);
            states.extend(step.required.as_deref());
            states.extend(step.next.as_deref());
            mappings.push(stub.source.clone());
        }
        let entry = |(name, (states, mappings)): (&str, (BTreeSet<&str>, Vec<Json>))| {
            object([
                ("id", name.into()),
                ("name", name.into()),
                ("state", self.state(name).into()),
                ("possibleStates", states.into_iter().collect::<Vec<_>>().into()),
                ("mappings", Json::Array(mappings)),
            ])
        };
        known.into_iter().map(entry).collect()
    }
}
