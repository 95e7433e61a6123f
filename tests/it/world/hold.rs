//! A world that stands still at one call, so that a command can be killed exactly there.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{World, eventually, visitor};

/// A look is a call, and costs more than the pause.
const BETWEEN_LOOKS: Duration = Duration::from_millis(15);

/// On which side of a call the world stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The call has arrived, and is never carried out.
    Before,
    /// It was carried out, and its answer is not sent. Only calls that are no GET or HEAD are counted: after one of
    /// those the clouds are as they were before it.
    AfterChange,
}

impl World {
    /// Runs a command until its `call`-th call, and kills it there: SIGKILL. What the call was; none when the command
    /// ended well without making that many.
    pub(crate) fn kill_at(&self, command: &[&str], call: u64, side: Side) -> Option<String> {
        let (point, changes_only) = match side {
            Side::Before => ("before", false),
            Side::AfterChange => ("after", true),
        };
        self.tell("hold", &json!({ "call": call, "point": point, "changes_only": changes_only }));
        let mut running = self.begin(command);
        let stopped = eventually("the command stands still or has ended", || {
            let standing = self.admin("hold");
            if let Some(call) = standing["stopped_at"].as_str() {
                return Some(Some(call.to_owned()));
            }
            std::thread::sleep(BETWEEN_LOOKS);
            running.try_wait().unwrap().map(|ended| {
                assert!(ended.success(), "it failed on its own before call {call}");
                None
            })
        });
        running.kill().unwrap();
        running.wait().unwrap();
        visitor::admin(&self.ready(), Method::DELETE, "hold", None).unwrap();
        stopped
    }
}
