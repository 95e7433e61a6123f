//! Planned failures: of calls, of the work that follows them, and of room for instances.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The vendor's name of the operation, for example `CreateLoadBalancer`.
    pub operation: String,
    /// Status that is answered; the service adds its vendor's error body.
    #[serde(default = "internal_error")]
    pub status: u16,
    /// Calls that pass before the fault begins.
    #[serde(default)]
    pub after: u32,
    /// Calls that fail; then the fault is over.
    #[serde(default = "once")]
    pub times: u32,
    #[serde(default)]
    pub outcome: Outcome,
    /// Availability domain or fault domain that is full; none: all are.
    #[serde(default)]
    pub domain: Option<String>,
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            operation: String::new(),
            status: internal_error(),
            after: 0,
            times: once(),
            outcome: Outcome::Answer,
            domain: None,
        }
    }
}

/// What comes of a call that a fault hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is answered with the status, and nothing is done.
    #[default]
    Answer,
    /// It is accepted; its work request fails when its turn comes, and nothing is done.
    FailedWork,
    /// `CreateContainerInstance`: there is no room in the domain, which the answer says.
    NoCapacity,
    /// The same, which the work request says.
    NoCapacityLate,
}

fn once() -> u32 {
    1
}

fn internal_error() -> u16 {
    500
}

/// The faults that are planned.
#[derive(Debug, Default)]
pub struct Faults {
    planned: Mutex<Vec<Fault>>,
}

impl Faults {
    pub fn plan(&self, fault: Fault) {
        self.planned().push(fault);
    }

    /// Forgets everything that is planned.
    pub fn clear(&self) {
        self.planned().clear();
    }

    /// The status that this call of `operation` must fail with, if any; counts the call.
    pub fn strike(&self, operation: &str) -> Option<u16> {
        self.hit(operation, |fault| fault.outcome == Outcome::Answer).map(|fault| fault.status)
    }

    /// Whether the work of this call of `operation` must fail; counts it.
    pub(crate) fn strikes_work(&self, operation: &str) -> bool {
        self.hit(operation, |fault| fault.outcome == Outcome::FailedWork).is_some()
    }

    /// Whether there is no room in any of these domains; counts the instance that was to go there.
    pub(crate) fn fill(&self, outcome: Outcome, domains: &[&str]) -> bool {
        let inside = |fault: &Fault| {
            fault.domain.as_ref().is_none_or(|domain| domains.contains(&domain.as_str()))
        };
        let full = |fault: &Fault| fault.outcome == outcome && inside(fault);
        self.hit("CreateContainerInstance", full).is_some()
    }

    fn hit(&self, operation: &str, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut planned = self.planned();
        let fault =
            planned.iter_mut().find(|f| f.operation == operation && f.times > 0 && fits(f))?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.clone())
    }

    fn planned(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_says_no_more_than_a_status_answers_it_once() {
        let text = r#"{"operation": "CreateVcn", "status": 503}"#;
        let faults = Faults::default();
        faults.plan(serde_json::from_str(text).unwrap());
        assert_eq!((faults.strike("CreateVcn"), faults.strike("CreateVcn")), (Some(503), None));
    }
}
