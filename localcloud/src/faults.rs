//! Planned failures: the next calls of an operation answer with a status instead of being carried out.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The vendor's name of the operation, for example `CreateLoadBalancer`.
    pub operation: String,
    /// Status that is answered; the service adds its vendor's error body.
    pub status: u16,
    /// Calls that pass before the fault begins.
    #[serde(default)]
    pub after: u32,
    /// Calls that fail; then the fault is over.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// The faults that are planned.
#[derive(Debug, Default)]
pub struct Faults {
    planned: Mutex<Vec<Fault>>,
}

impl Faults {
    pub fn plan(&self, fault: Fault) {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// The status that this call of `operation` must fail with, if any; counts the call.
    pub fn strike(&self, operation: &str) -> Option<u16> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = planned.iter_mut().find(|f| f.operation == operation && f.times > 0)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.status)
    }
}
