//! Work requests: what the vendor does after it has answered, and how far it is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::Failure;
use super::replay::Replays;
use crate::cloud::Cloud;
use crate::document::Document;
use crate::ids;
use crate::table::Table;

/// Everything that was asked for and answered later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct World {
    pub(crate) requests: Table<Work>,
    pub(crate) replays: Replays,
    accepted: u64,
}

/// How far a work request is; both APIs use these words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    #[default]
    Accepted,
    InProgress,
    Succeeded,
    Failed,
}

/// One work request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Work {
    pub(crate) id: String,
    /// Counts from 1, in the order of acceptance.
    pub(crate) number: u64,
    /// OCID of what it is about.
    pub(crate) resource: String,
    pub(crate) compartment: String,
    pub(crate) state: State,
    pub(crate) change: Change,
    pub(crate) time_accepted: String,
    pub(crate) time_started: Option<String>,
    pub(crate) time_finished: Option<String>,
    pub(crate) error: Option<Problem>,
    /// Time and text.
    pub(crate) log: Vec<(String, String)>,
}

/// What is to be done: the call, without its envelope.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    /// As the contract has it, `create_listener`.
    pub(crate) operation: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Change {
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

/// Why a work request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Problem {
    /// Why work failed that was planned to fail; each API has a code of its own for it.
    pub(crate) fn planned(code: &str) -> Self {
        Self { code: code.to_owned(), message: "A planned fault of this cloud.".to_owned() }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self { code: "BAD_INPUT".to_owned(), message: failure.message }
    }
}

impl Work {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Accepted | State::InProgress)
    }
}

/// Where a work request is about to be written: of which kind, for whom.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// Kind in the OCID, `loadbalancerworkrequest`.
    pub(crate) kind: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) compartment: &'a str,
}

/// The work requests of one cloud.
#[derive(Debug)]
pub(crate) struct WorkRequests {
    pub(crate) document: Document<World>,
}

impl WorkRequests {
    /// How long the work of a request takes.
    pub(crate) fn duration(&self, cloud: &Cloud, id: &str) -> Duration {
        let world = self.document.read();
        let operation = world.requests.get(id).map(|work| work.change.operation.as_str());
        cloud.latency.of(operation.unwrap_or_default())
    }

    /// Writes down what is to be done; returns the OCID of the work request.
    pub(crate) fn accept(&self, cloud: &Cloud, subject: &Subject<'_>, change: Change) -> String {
        let id = ids::ocid(subject.kind, &cloud.options.seed.region);
        self.document.update(|world| {
            world.accepted += 1;
            let work = Work {
                id: id.clone(),
                number: world.accepted,
                resource: subject.resource.to_owned(),
                compartment: subject.compartment.to_owned(),
                change,
                time_accepted: cloud.clock.stamp(),
                ..Work::default()
            };
            world.requests.insert(id.clone(), work);
        });
        id
    }

    /// # Errors
    /// The vendor's 404.
    pub(crate) fn get(&self, id: &str) -> Result<Work, Failure> {
        let found = self.document.read().requests.get(id).cloned();
        found.ok_or_else(|| Failure::not_found(format_args!("work request {id}")))
    }

    pub(crate) fn start(&self, cloud: &Cloud, id: &str) {
        self.change(id, |work| {
            work.state = State::InProgress;
            work.time_started = Some(cloud.clock.stamp());
        });
    }

    pub(crate) fn log(&self, cloud: &Cloud, id: &str, text: impl Into<String>) {
        let line = (cloud.clock.stamp(), text.into());
        self.change(id, |work| work.log.push(line));
    }

    pub(crate) fn finish(&self, cloud: &Cloud, id: &str, outcome: Result<(), Problem>) {
        self.change(id, |work| {
            work.state = if outcome.is_ok() { State::Succeeded } else { State::Failed };
            work.error = outcome.err();
            work.time_finished = Some(cloud.clock.stamp());
            // The body may hold a private key, and nobody needs it any more.
            work.change.body = Value::Null;
        });
    }

    /// What is not finished, in the order of acceptance.
    pub(crate) fn open(&self) -> Vec<Work> {
        let world = self.document.read();
        let mut open: Vec<Work> =
            world.requests.values().filter(|w| w.is_open()).cloned().collect();
        open.sort_by_key(|work| work.number);
        open
    }

    /// All of a resource, newest first.
    pub(crate) fn of(&self, resource: &str) -> Vec<Work> {
        let world = self.document.read();
        let mut found: Vec<Work> =
            world.requests.values().filter(|w| w.resource == resource).cloned().collect();
        found.sort_by_key(|work| std::cmp::Reverse(work.number));
        found
    }

    /// A deleted resource takes the retry tokens with it that made it.
    pub(crate) fn forget(&self, deleted: &str) {
        self.document.update(|world| world.replays.invalidate(deleted));
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Work)) {
        self.document.update(|world| {
            if let Some(work) = world.requests.get_mut(id) {
                change(work);
            }
        });
    }
}
