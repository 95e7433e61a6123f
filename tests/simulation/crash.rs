//! A run that ends anywhere is finished by the next one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;

use crate::environments::{CHANGED, LARGE, SMALL};
use crate::foreign;
use crate::invariants::{canonical, converges_in, rests};
use crate::operator::{Ended, Operator, Wish};
use crate::seed;
use crate::wire::{Call, Point, Script, locked};
use crate::world::{Clouds, simulate};

/// Ends the last of `wishes` at every call and at every point around it.
fn sweep(test: &str, wishes: &[Wish<'_>]) {
    let (last, before) = wishes.split_last().unwrap();
    let calls = calls_of(before, *last);
    let expected = canonical(wishes);
    let count = calls * 3;
    println!("{test}: {calls} calls, {count} points");
    seed::each(test, count, |number| {
        let point = Point::ALL[usize::try_from(number % 3).unwrap()];
        simulate(ended_at(before, *last, (number / 3 + 1, point), &expected))
            .map_err(|why| format!("call {} {point:?}: {why}", number / 3 + 1))
    });
}

fn calls_of(before: &[Wish<'_>], last: Wish<'_>) -> u64 {
    simulate(async {
        let clouds = Clouds::open(1, |_| {});
        foreign::plant(&clouds).await;
        let operator = Operator::new("ada", &clouds);
        for wish in before {
            operator.calmly(&clouds, *wish).await.unwrap();
        }
        let script = Arc::new(Script::default());
        operator.run(&clouds, last, &script).await.unwrap();
        script.calls.load(Ordering::Relaxed)
    })
}

async fn ended_at(
    before: &[Wish<'_>],
    last: Wish<'_>,
    (call, point): (u64, Point),
    expected: &str,
) -> Result<(), String> {
    let clouds = Clouds::open(1, |_| {});
    foreign::plant(&clouds).await;
    let operator = Operator::new("ada", &clouds);
    for wish in before {
        operator.calmly(&clouds, *wish).await.unwrap();
    }
    let script = Arc::new(Script::crashing(call, point));
    match operator.run(&clouds, last, &script).await {
        Ended::Killed => {}
        // The answer to the last call may come too late to be killed by.
        Ended::Done(_) if point == Point::AfterResponse => {}
        ended => return Err(format!("was not killed: {ended:?}")),
    }
    converges_in(1, &clouds, (&operator, last), expected).await?;
    rests(&clouds, &operator, last).await
}

/// `up` of a small environment that ends at every pair of points, and is then let be. Pairs that leave the same are
/// finished once.
#[test]
fn up_that_ends_twice_anywhere_is_finished_by_the_next() {
    let test = "crash::up_that_ends_twice_anywhere_is_finished_by_the_next";
    let expected = canonical(&[Wish::up(SMALL)]);
    let every = points(&[]);
    let mut left = BTreeSet::new();
    let is_new =
        |end: &(u64, Point)| left.insert(simulate(async { traces(&after(&[*end]).await) }));
    let firsts: Vec<(u64, Point)> = every.iter().copied().filter(is_new).collect();
    let (pairs, left) = (AtomicU64::new(0), Mutex::new(BTreeSet::new()));
    seed::each(test, firsts.len() as u64, |number| {
        let first = firsts[usize::try_from(number).unwrap()];
        for second in points(&[first]) {
            pairs.fetch_add(1, Ordering::Relaxed);
            simulate(ended_twice([first, second], &expected, &left))
                .map_err(|why| format!("{first:?}, then {second:?}: {why}"))?;
        }
        Ok(())
    });
    let (pairs, worlds) = (pairs.load(Ordering::Relaxed), locked(&left).len());
    println!(
        "{} ends leave {} worlds; {pairs} pairs with a second end leave {worlds}",
        every.len(),
        firsts.len()
    );
}

/// Where the run that follows after these ends can itself end. Around a call that only reads, all points leave the same.
fn points(ends: &[(u64, Point)]) -> Vec<(u64, Point)> {
    let mut trace = simulate(async {
        let After { clouds, operator, .. } = after(ends).await;
        let script = Arc::new(Script::default());
        operator.run(&clouds, Wish::up(SMALL), &script).await.unwrap();
        script.trace()
    });
    trace.sort_by_key(|call| call.sent);
    let of = |call: &Call| if call.reads() { &Point::ALL[..1] } else { &Point::ALL[..] };
    trace.iter().flat_map(|call| of(call).iter().map(|point| (call.sent, *point))).collect()
}

/// What runs left that ended so.
struct After {
    clouds: Arc<Clouds>,
    operator: Operator,
    scripts: Vec<Arc<Script>>,
}

async fn after(ends: &[(u64, Point)]) -> After {
    let clouds = Clouds::open(1, |_| {});
    foreign::plant(&clouds).await;
    let operator = Operator::new("ada", &clouds);
    let crashing = |&(call, point)| Arc::new(Script::crashing(call, point));
    let scripts: Vec<Arc<Script>> = ends.iter().map(crashing).collect();
    for script in &scripts {
        operator.run(&clouds, Wish::up(SMALL), script).await;
        // What is on the wire arrives.
        sleep(Duration::from_millis(100)).await;
    }
    After { clouds, operator, scripts }
}

/// All that the next run can meet: the world, what the authority was told, and whether the last answer was heard, which
/// the machine may have written down.
fn traces(after: &After) -> String {
    let mut traces = after.clouds.home().export().to_string();
    for script in &after.scripts {
        let told = |call: &&Call| call.operation.starts_with("POST /acme/") && call.accepted;
        let told = script.trace().iter().filter(told).count();
        let heard = script.crash.is_some_and(|(_, point)| point == Point::AfterResponse);
        let _infallible = write!(traces, " {told} {heard}");
    }
    traces
}

async fn ended_twice(
    ends: [(u64, Point); 2],
    expected: &str,
    left: &Mutex<BTreeSet<String>>,
) -> Result<(), String> {
    let after = after(&ends).await;
    if !locked(left).insert(traces(&after)) {
        return Ok(());
    }
    converges_in(1, &after.clouds, (&after.operator, Wish::up(SMALL)), expected).await
}

#[test]
fn up_from_nothing_that_ends_anywhere_is_finished_by_the_next() {
    sweep("crash::up_from_nothing_that_ends_anywhere_is_finished_by_the_next", &[Wish::up(LARGE)]);
}

#[test]
fn a_change_that_ends_anywhere_is_finished_by_the_next_run() {
    let test = "crash::a_change_that_ends_anywhere_is_finished_by_the_next_run";
    sweep(test, &[Wish::up(LARGE), Wish::up(CHANGED)]);
}

#[test]
fn a_rollout_that_ends_anywhere_is_finished_by_the_next_run() {
    let test = "crash::a_rollout_that_ends_anywhere_is_finished_by_the_next_run";
    sweep(test, &[Wish::up(LARGE), Wish::up(LARGE).of("s2")]);
}

#[test]
fn a_rotation_that_ends_anywhere_is_finished_by_the_next_run() {
    let test = "crash::a_rotation_that_ends_anywhere_is_finished_by_the_next_run";
    sweep(test, &[Wish::up(SMALL), Wish::up(SMALL).rotate()]);
}

#[test]
fn down_that_ends_anywhere_is_finished_by_the_next() {
    let test = "crash::down_that_ends_anywhere_is_finished_by_the_next";
    sweep(test, &[Wish::up(LARGE), Wish::up(LARGE).down()]);
}
