//! Children of a cloud that was killed: found by what was written down when they started, and ended.
//!
//! A number alone may belong to somebody else by now; the start time and the marker in the environment tell.
//! Without `/proc` nothing is found and nothing is ended.

use std::fs;
use std::io;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::document::write_private;

/// Variable in every child's environment; its value is the container's OCID.
pub(super) const MARKER: &str = "LOCALCLOUD_CONTAINER";
const FILE: &str = "pid";

/// Writes down a child that was just started.
pub(super) fn note(folder: &Path, pid: u32, container_id: &str) -> io::Result<()> {
    let Some(started) = start_time(pid) else { return Ok(()) };
    write_private(&folder.join(FILE), format!("{pid} {started} {container_id}").as_bytes())
}

/// Kills the process groups that are written down below `folder` and are still the same.
pub(super) fn end(folder: &Path) {
    for container in fs::read_dir(folder).into_iter().flatten().flatten() {
        let note = fs::read_to_string(container.path().join(FILE)).unwrap_or_default();
        if let Some(pid) = same(&note) {
            // It may have ended in this moment, which is just as well.
            let _ended = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// The process of a note, if it is alive and the one that was noted.
fn same(note: &str) -> Option<Pid> {
    let mut fields = note.split_whitespace();
    let pid: u32 = fields.next()?.parse().ok()?;
    let started: u64 = fields.next()?.parse().ok()?;
    let marker = format!("{MARKER}={}", fields.next()?);
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let marked = environment.split(|b| *b == 0).any(|pair| pair == marker.as_bytes());
    (marked && start_time(pid) == Some(started)).then(|| group(pid))?
}

/// The process group that a child leads.
pub(super) fn group(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// Clock ticks from the machine's start to the process's (proc(5), stat field 22).
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the last parenthesis may itself hold spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}
