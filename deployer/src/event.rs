//! What happens while a command runs: a closed list, told to whoever shows it.

use serde::Serialize;

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    /// A phase of the command began: `read`, `apply`, `verify`.
    Phase {
        phase: &'static str,
        detail: String,
    },
    StepStarted {
        address: String,
        action: &'static str,
    },
    /// What a step is doing; a passing one is out of date a moment later.
    StepNote {
        address: String,
        note: String,
        passing: bool,
    },
    StepDone {
        address: String,
        action: &'static str,
        seconds: f64,
    },
    StepFailed {
        address: String,
        action: &'static str,
        reason: String,
    },
    StepSkipped {
        address: String,
        because_of: String,
    },
    Probe {
        name: String,
        passed: bool,
        detail: String,
    },
    Note {
        text: String,
    },
}

/// Shows events as they happen.
pub trait Listener: Send + Sync {
    fn event(&self, event: Event);
}
