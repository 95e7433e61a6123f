//! One line for each thing that happened, for logs and pipes.

use super::{say, seconds};
use crate::event::{Event, Listener};
use crate::failure::printable;

#[derive(Debug)]
pub(super) struct Plain;

impl Listener for Plain {
    fn event(&self, event: Event) {
        if let Some(line) = line(&event) {
            say(&printable(&line));
        }
    }
}

/// The line that tells of an event; the starts of steps are left out, their ends say enough.
pub(super) fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Phase { phase, detail } => format!("{phase:<8}{detail}"),
        Event::StepStarted { .. } | Event::StepNote { passing: true, .. } => return None,
        Event::StepNote { address, note, .. } => format!("        {address}: {note}"),
        Event::StepDone { address, action, seconds: took } => {
            format!("  done  {action} {address} ({})", seconds(*took))
        }
        Event::StepFailed { address, action, reason } => {
            format!("  FAIL  {action} {address}: {reason}")
        }
        Event::StepSkipped { address, because_of } => {
            format!("  skip  {address}: needs {because_of}")
        }
        Event::Probe { name, passed, detail } => {
            let mark = if *passed { "  ok  " } else { "  FAIL" };
            format!("{mark}  {name}  {detail}")
        }
        Event::Note { text } => text.clone(),
    })
}
