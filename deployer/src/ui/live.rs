//! Lines that are redrawn: one for each step that runs, with what it does and for how long.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::plain;
use crate::event::{Event, Listener};
use crate::failure::printable;

const TICK: Duration = Duration::from_millis(120);

pub(super) struct Live {
    screen: MultiProgress,
    running: Mutex<HashMap<String, ProgressBar>>,
}

impl Live {
    pub(super) fn new() -> Self {
        Self { screen: MultiProgress::new(), running: Mutex::default() }
    }

    fn start(&self, address: String, action: &str) {
        let bar = self.screen.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("  {spinner} {prefix}  {elapsed}  {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(format!("{action} {address}"));
        bar.enable_steady_tick(TICK);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(address, bar);
    }

    fn end(&self, address: &str) {
        let bar = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    }
}

impl Listener for Live {
    fn event(&self, event: Event) {
        match &event {
            Event::StepStarted { address, action } => return self.start(address.clone(), action),
            Event::StepNote { address, note, .. } => {
                let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(bar) = running.get(address) {
                    bar.set_message(printable(note));
                    return;
                }
            }
            Event::StepDone { address, .. } | Event::StepFailed { address, .. } => {
                self.end(address);
            }
            Event::Phase { .. }
            | Event::StepSkipped { .. }
            | Event::Probe { .. }
            | Event::Note { .. } => {}
        }
        if let Some(line) = plain::line(&event) {
            // A terminal that went away is not worth an error.
            let _closed = self.screen.println(printable(&line));
        }
    }
}
