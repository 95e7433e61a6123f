//! What is to be done: immutable data, made from (desired, observed) by a function without a clock.

mod difference;
mod drift;
mod duration;
mod frontier;
mod moved;
mod needs;
mod order;
mod path;
mod risk;
mod saved;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::address::Address;
use crate::balancer::Call;
use crate::desired::Desired;
use crate::diff::FieldChange;
use crate::digest;
use crate::environment::Move;
use crate::observed::{Known, Observed};
pub use drift::digests;
pub use duration::Durations;
pub use frontier::Frontier;
pub use needs::Needs;
pub use saved::{Kept, Saved, file, saved, stale};

/// Version of the JSON form of a plan, see `docs/plan.md`; grows when a field changes its meaning.
pub const SCHEMA: u32 = 2;

/// Steps in an order in which they may be carried out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    pub schema: u32,
    pub environment: String,
    pub steps: Vec<Step>,
    /// Resources that stay as they are.
    pub unchanged: usize,
    /// Resources that are there, instances of apps that are asked for left out.
    pub there: usize,
    /// Every app that is asked for, with how many working instances of it stay.
    pub apps: BTreeMap<String, usize>,
    /// How long it should take: the longest chain of steps.
    pub seconds: f64,
    /// That chain.
    pub longest: Vec<Address>,
    /// What the user may want to know before carrying it out.
    pub notes: Vec<String>,
    /// Names this plan: the same steps have the same fingerprint.
    pub fingerprint: String,
}

/// One action on one address.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    pub address: Address,
    pub action: Action,
    /// Why, in the words of a person.
    pub because: String,
    /// Positions of the steps that must be done first.
    pub needs: Needs,
    /// How long it should take.
    pub seconds: f64,
    /// What it puts at risk, in the words of a person.
    pub risk: Option<String>,
    /// What was asked for is what was applied: somebody changed what is there.
    pub drift: bool,
}

impl Step {
    /// Whether the resource is there, and what it lives in is yet to be made.
    pub fn is_orphan(&self) -> bool {
        match &self.action {
            Action::Impossible { changes, .. } => changes.iter().any(|c| c.after.is_none()),
            _ => false,
        }
    }
}

/// What is done to a resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    Create {
        spec: Value,
    },
    /// `calls` is filled for the load balancer, whose children change one by one.
    Update {
        id: String,
        spec: Value,
        changes: Vec<FieldChange>,
        calls: Vec<Call>,
    },
    /// What is there is right but for its mark, which still says `from`.
    Remark {
        id: String,
        from: Address,
    },
    Delete {
        id: String,
        why: Removal,
    },
    /// Fields differ that no provider call can change; a guard refuses the plan.
    Impossible {
        id: String,
        changes: Vec<FieldChange>,
    },
}

/// Why something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// The file no longer asks for it.
    Unasked,
    /// Nothing is asked for.
    TakenDown,
    /// It is of no use, and another is made.
    Replaced,
    /// There is another with the same address.
    Twin,
}

impl Removal {
    const fn text(self) -> &'static str {
        match self {
            Self::Unasked => "is no longer asked for",
            Self::TakenDown => "is taken down",
            Self::Replaced => "is replaced",
            Self::Twin => "is there twice",
        }
    }
}

impl Action {
    /// The word for it, as in events and in the names of durations.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Remark { .. } => "remark",
            Self::Delete { .. } => "delete",
            Self::Impossible { .. } => "refuse",
        }
    }
}

impl Plan {
    /// Whether this is an instance of an app that is asked for: such ones come and go with every rollout.
    pub fn rolls_out(&self, address: &Address) -> bool {
        is_of(&self.apps, address)
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Everything that a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    pub environment: &'a str,
    pub desired: &'a Desired,
    pub known: Known<'a>,
    /// What was last applied, by [`digests`]; without it nothing is called drift.
    pub applied: &'a BTreeMap<Address, String>,
    pub durations: &'a Durations,
    pub moves: &'a [Move],
}

impl<'a> Basis<'a> {
    /// With nothing remembered and nothing renamed.
    pub fn new(environment: &'a str, desired: &'a Desired, known: Known<'a>) -> Self {
        static NOTHING_APPLIED: BTreeMap<Address, String> = BTreeMap::new();
        static NOTHING_LEARNED: Durations = Durations::new();
        let (applied, durations) = (&NOTHING_APPLIED, &NOTHING_LEARNED);
        Self { environment, desired, known, applied, durations, moves: &[] }
    }
}

/// The plan that makes what is there into what is asked for.
pub fn make(basis: &Basis<'_>) -> Plan {
    let moved = moved::moved(basis);
    let observed = moved.as_ref().map_or(basis.known.observed, |moved| &moved.observed);
    let known = Known { observed, variables: basis.known.variables };
    let basis = &Basis { known, ..*basis };
    let wanted = basis.desired.iter();
    let mut steps: Vec<Step> = wanted
        .filter_map(|(address, resource)| difference::wanted(address, resource, known))
        .collect();
    // What moves is changed when it has its new mark.
    steps.retain(|step| moved.as_ref().is_none_or(|moved| !moved.from.contains_key(&step.address)));
    steps.extend(moved.iter().flat_map(moved::Moved::steps));
    let unchanged = basis.desired.len() - steps.len();
    steps.extend(difference::unwanted(basis));
    let apps = apps(basis.desired, observed);
    for step in &mut steps {
        drift::mark(step, basis, known);
        step.seconds = basis.durations.of(step.address.kind, &step.action);
        step.risk = risk::of(step, &apps, observed.resources.get(&step.address));
    }
    let notes = moved::notes(&steps);
    let steps = order::ordered(steps, basis.desired);
    let (seconds, longest) = path::longest(&steps);
    let there = observed.resources.keys().filter(|address| !is_of(&apps, address)).count();
    Plan {
        schema: SCHEMA,
        environment: basis.environment.to_owned(),
        fingerprint: fingerprint(basis.environment, &steps),
        steps,
        unchanged,
        there,
        apps,
        seconds,
        longest,
        notes,
    }
}

fn is_of(apps: &BTreeMap<String, usize>, address: &Address) -> bool {
    address.app().is_some_and(|app| apps.contains_key(app))
}

/// Every app that is asked for, with how many working instances of it stay.
fn apps(desired: &Desired, observed: &Observed) -> BTreeMap<String, usize> {
    let mut apps = BTreeMap::new();
    for address in desired.keys() {
        if let Some(app) = address.app() {
            let found = observed.resources.get(address);
            let works = found.is_some_and(|found| found.broken.is_none());
            *apps.entry(app.to_owned()).or_default() += usize::from(works);
        }
    }
    apps
}

/// What is done, to what, in which order; what is only said about it is no part.
fn fingerprint(environment: &str, steps: &[Step]) -> String {
    let mut made_of = environment.as_bytes().to_vec();
    for Step { address, action, needs, .. } in steps {
        let verb = action.verb();
        let part = match action {
            // The calls are all that is done; the spec is long.
            Action::Update { id, calls, .. } if !calls.is_empty() => {
                serde_json::to_vec(&(address, verb, id, calls, needs))
            }
            _ => serde_json::to_vec(&(address, action, needs)),
        };
        made_of.extend(part.unwrap_or_default());
    }
    digest::short(&made_of, 8)
}

#[cfg(test)]
mod tests;
