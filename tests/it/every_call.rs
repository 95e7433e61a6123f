//! Killed at every call: of OCI, of Cloudflare, of the ACME authority, of the registry.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use crate::world::{Side, World};

/// Worlds at a time. They wait for one another's programs and for clocks more than they compute.
const WORLDS: usize = 4;
/// One second run in so many probes what it made from outside.
const PROBED: u64 = 10;

/// Calls arrive in another order each time, as steps run side by side: that a run is killed at its call 17 says how much
/// was done, not what. Every number up to that of a whole run is tried: before each of some 140 calls, and after each of
/// some 40 that are no GET or HEAD, as a read leaves the clouds as they were. That takes about a second for each.
#[test]
fn an_up_from_nothing_killed_before_any_call_or_after_any_change_is_finished_by_the_next() {
    let whole = World::local();
    whole.up().exits(0);
    let expected = whole.admin("inventory");
    let killed = [Side::Before, Side::AfterChange].map(|side| {
        let (next, killed) = (AtomicU64::new(1), AtomicU64::new(0));
        let work = || {
            while finishes(next.fetch_add(1, Ordering::Relaxed), side, &expected) {
                killed.fetch_add(1, Ordering::Relaxed);
            }
        };
        thread::scope(|scope| (0..WORLDS).for_each(|_| drop(scope.spawn(work))));
        killed.into_inner()
    });
    println!("killed before {} calls and after {} changes", killed[0], killed[1]);
    assert!(killed[0] > killed[1] && killed[1] > 30, "{killed:?}");
}

/// Whether a run makes that many calls at all.
fn finishes(call: u64, side: Side, expected: &Value) -> bool {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    let up = ["up", "--no-verify", "--builder", world.builder, "--env", &world.name];
    let Some(what) = world.kill_at(&up, call, side) else { return false };
    let again: &[&str] = if call.is_multiple_of(PROBED) { &[] } else { &["--no-verify"] };
    let told = world.run("up", &[&["--builder", world.builder], again].concat());
    let place = format!("killed {side:?} call {call}, {what}");
    assert_eq!(told.code, 0, "{place}:\n{}", told.stderr);
    assert_eq!(&world.admin("inventory"), expected, "{place}");
    assert_eq!(world.run("plan", &["--exit-code"]).code, 0, "{place}");
    world.discard();
    true
}
