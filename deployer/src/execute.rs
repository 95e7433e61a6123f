//! Carries a plan out: independent steps side by side, each after what it needs, no decisions of its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use deployer_core::address::Address;
use deployer_core::observed::{Found, Known, Observed};
use deployer_core::plan::{Frontier, Plan, Step};
use deployer_core::value::{self, Lookup};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::Instant;

use crate::event::{Event, Listener};
use crate::failure::{Failure, Kind};
use crate::providers::{Clouds, writer};
use crate::stop::Stop;

/// Steps that run at the same time, at most.
const SIDE_BY_SIDE: usize = 8;

/// What has been found and made so far, and the variables that specs may name.
#[derive(Debug)]
pub struct World {
    observed: Mutex<Observed>,
    /// Each thing as it was last seen, by address and id: what a change may be made to.
    seen: Mutex<BTreeMap<(Address, String), Found>>,
    variables: BTreeMap<String, String>,
}

impl World {
    pub fn new(observed: Observed, variables: BTreeMap<String, String>) -> Self {
        let there = observed.resources.iter().chain(observed.twins.iter().map(|(a, f)| (a, f)));
        let seen =
            there.map(|(address, found)| ((address.clone(), found.id.clone()), found.clone()));
        Self { seen: Mutex::new(seen.collect()), observed: Mutex::new(observed), variables }
    }

    /// The thing as the plan saw it, or as an own step left it.
    pub fn seen(&self, address: &Address, id: &str) -> Option<Found> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&(address.clone(), id.to_owned())).cloned()
    }

    /// Ids of what was seen at an address.
    pub fn ids(&self, address: &Address) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = seen.keys().filter(|(of, _)| of == address);
        ids.map(|(_, id)| id.clone()).collect()
    }

    /// Takes over what a step made or changed.
    fn keep(&self, address: &Address, found: Found) {
        let key = (address.clone(), found.id.clone());
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        self.with(|observed| observed.resources.insert(address.clone(), found));
    }

    /// A spec with every reference and secret replaced.
    ///
    /// # Errors
    /// When a step that should have come first left no such output: a mistake in the order of steps.
    pub fn resolve(&self, spec: &Value) -> Result<Value, Failure> {
        value::resolve(spec, self).map_err(|error| {
            let kind = if matches!(error, value::Unresolved::Variable(_)) {
                Kind::Usage
            } else {
                Kind::Bug
            };
            Failure::new(kind, error.to_string())
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut Observed) -> R) -> R {
        act(&mut self.observed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Lookup for World {
    fn output(&self, address: &Address, output: &str) -> Option<String> {
        self.with(|observed| Known { observed, variables: &self.variables }.output(address, output))
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed(Failure),
    Skipped { because_of: Address },
}

/// How every step ended, in the order of the plan, with its seconds.
#[derive(Debug, Default)]
pub struct Report {
    pub outcomes: Vec<(Address, &'static str, Outcome, f64)>,
    /// The user asked to stop before everything was begun.
    pub cancelled: bool,
    /// Why nothing was begun.
    pub unbegun: Option<Failure>,
}

impl Report {
    /// Of a plan that was not begun.
    pub fn failed(failure: Failure) -> Self {
        Self { unbegun: Some(failure), ..Self::default() }
    }

    /// Whether a step on this address was done.
    pub fn did(&self, address: &Address) -> bool {
        self.outcomes.iter().any(|(at, _, outcome, _)| at == address && *outcome == Outcome::Done)
    }

    /// Whether there was a step on this address, however it ended.
    pub fn knows(&self, address: &Address) -> bool {
        self.outcomes.iter().any(|(at, ..)| at == address)
    }

    /// Adds what a later round did.
    pub fn append(&mut self, later: Self) {
        self.outcomes.extend(later.outcomes);
        self.cancelled |= later.cancelled;
        self.unbegun = self.unbegun.take().or(later.unbegun);
    }

    /// The failure to end the command with, if there is one.
    pub fn failure(&self) -> Option<Failure> {
        let failed =
            self.outcomes.iter().filter_map(|(address, action, outcome, _)| match outcome {
                Outcome::Failed(failure) => {
                    Some(failure.clone().during(format!("cannot {action} {address}")))
                }
                Outcome::Done | Outcome::Skipped { .. } => None,
            });
        let cancelled = self
            .cancelled
            .then(|| Failure::new(Kind::Cancelled, "stopped before everything was done"));
        let mut failures = cancelled.into_iter().chain(self.unbegun.clone()).chain(failed);
        let first = failures.next()?;
        // Somebody else's change is answered by planning anew, but not while something else is wrong.
        if first.kind != Kind::Conflict {
            return Some(first);
        }
        Some(failures.find(|failure| failure.kind != Kind::Conflict).unwrap_or(first))
    }
}

/// Carries out `plan`. When the user asks to stop nothing new is begun; what is under way is finished.
pub async fn execute(plan: &Plan, clouds: &Clouds, world: &World, stop: &Stop) -> Report {
    let mut run = Run::new(plan);
    // One task polls all steps: they wait for others far more than they compute.
    let mut running = FuturesUnordered::new();
    let _orderly = stop.orderly();
    let mut told = false;
    loop {
        while running.len() < SIDE_BY_SIDE
            && !stop.is_asked()
            && let Some(position) = run.frontier.begin()
        {
            running.push(carry_out(clouds, world, &plan.steps[position], position));
        }
        tokio::select! {
            biased;
            ended = running.next() => match ended {
                Some((position, outcome, seconds)) => run.end(position, (outcome, seconds), &*clouds.listener),
                None => break,
            },
            () = stop.asked(), if !told => {
                told = true;
                let text = "stopping: what is under way is finished; Ctrl-C once more ends at once";
                clouds.listener.event(Event::Note { text: text.to_owned() });
            }
        }
    }
    run.report(stop.is_asked())
}

async fn carry_out(
    clouds: &Clouds,
    world: &World,
    step: &Step,
    position: usize,
) -> (usize, Outcome, f64) {
    let (address, action) = (step.address.to_string(), step.action.verb());
    clouds.listener.event(Event::StepStarted { address: address.clone(), action });
    let begun = Instant::now();
    let outcome = writer::carry_out(clouds, world, step).await;
    let seconds = begun.elapsed().as_secs_f64();
    let outcome = match outcome {
        Ok(found) => {
            if let Some(found) = found {
                world.keep(&step.address, found);
            }
            clouds.listener.event(Event::StepDone { address, action, seconds });
            Outcome::Done
        }
        Err(mut failure) => {
            // Which resource it is about stands in front of every message anyway.
            if let Some(reason) = failure.message.strip_prefix(&format!("{address}: ")) {
                failure.message = reason.to_owned();
            }
            let reason = failure.message.clone();
            clouds.listener.event(Event::StepFailed { address, action, reason });
            Outcome::Failed(failure)
        }
    };
    (position, outcome, seconds)
}

/// Which steps are done, which may begin.
struct Run<'a> {
    plan: &'a Plan,
    frontier: Frontier,
    ended: Vec<Option<(Outcome, f64)>>,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self { plan, frontier: Frontier::new(plan), ended: vec![None; plan.steps.len()] }
    }

    fn end(
        &mut self,
        position: usize,
        (outcome, seconds): (Outcome, f64),
        listener: &dyn Listener,
    ) {
        let is_done = outcome == Outcome::Done;
        self.ended[position] = Some((outcome, seconds));
        if is_done {
            return self.frontier.done(position);
        }
        for (skipped, at_fault) in self.frontier.failed(position) {
            let address = |position: usize| self.plan.steps[position].address.clone();
            let because_of = address(at_fault);
            listener.event(Event::StepSkipped {
                address: address(skipped).to_string(),
                because_of: because_of.to_string(),
            });
            self.ended[skipped] = Some((Outcome::Skipped { because_of }, 0.0));
        }
    }

    fn report(self, stopped: bool) -> Report {
        let mut report = Report::default();
        for (step, ended) in self.plan.steps.iter().zip(self.ended) {
            let (address, action) = (step.address.clone(), step.action.verb());
            match ended {
                Some((outcome, seconds)) => {
                    // What was asked to end may well fail: a compiler hears Ctrl-C, too.
                    report.cancelled |= stopped && outcome != Outcome::Done;
                    report.outcomes.push((address, action, outcome, seconds));
                }
                None if stopped => report.cancelled = true,
                None => {
                    let failure = Failure::new(Kind::Bug, "the step was never begun");
                    report.outcomes.push((address, action, Outcome::Failed(failure), 0.0));
                }
            }
        }
        report
    }
}
