//! Processes by their number: killed without a chance to tidy up, looked for, ended at the last.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// SIGKILL: what a power cut looks like from inside.
pub(crate) fn kill(pid: i32) {
    let pid = Pid::from_raw(pid).expect("a process number is positive");
    let _gone = kill_process(pid, Signal::KILL);
}

/// Whether a process still runs its program; one that only waits to be buried does not.
pub(crate) fn is_alive(pid: i32) -> bool {
    fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

/// The processes whose program lies, or lay, below a folder.
pub(super) fn running_below(folder: &Path) -> Vec<i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let program = |pid: &i32| fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    numbers.filter(|pid| program(pid).starts_with(folder)).collect()
}

/// Ends the cloud of a store and everything that it started.
pub(super) fn end(store: &Path) {
    let ready = fs::read(store.join("cloud/ready.json")).unwrap_or_default();
    let ready: Value = serde_json::from_slice(&ready).unwrap_or_default();
    if let Some(pid) = ready["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()) {
        kill(pid);
    }
    running_below(store).into_iter().for_each(kill);
}
