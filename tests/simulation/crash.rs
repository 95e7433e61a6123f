//! A run that ends anywhere is finished by the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::environments::{CHANGED, LARGE, SMALL};
use crate::foreign;
use crate::invariants::{canonical, converges, rests};
use crate::operator::{Ended, Operator, Wish};
use crate::seed;
use crate::wire::{Call, Point, Script};
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
    converges(&clouds, &operator, last, expected).await?;
    rests(&clouds, &operator, last).await
}

/// `up` of a small environment that ends at every pair of points, and is then let be.
#[test]
fn up_that_ends_twice_anywhere_is_finished_by_the_next() {
    let test = "crash::up_that_ends_twice_anywhere_is_finished_by_the_next";
    let expected = canonical(&[Wish::up(SMALL)]);
    let firsts = points(&[]);
    let pairs = AtomicU64::new(0);
    seed::each(test, firsts.len() as u64, |number| {
        let first = firsts[usize::try_from(number).unwrap()];
        for second in points(&[first]) {
            pairs.fetch_add(1, Ordering::Relaxed);
            simulate(ended_twice([first, second], &expected))
                .map_err(|why| format!("{first:?}, then {second:?}: {why}"))?;
        }
        Ok(())
    });
    println!("{test}: {} pairs", pairs.load(Ordering::Relaxed));
}

/// Where the run that follows after these ends can itself end. Around a call that only reads, all points leave the same.
fn points(ends: &[(u64, Point)]) -> Vec<(u64, Point)> {
    let mut trace = simulate(async {
        let (clouds, operator) = after(ends).await;
        let script = Arc::new(Script::default());
        operator.run(&clouds, Wish::up(SMALL), &script).await.unwrap();
        script.trace()
    });
    trace.sort_by_key(|call| call.sent);
    let of = |call: &Call| if call.reads() { &Point::ALL[..1] } else { &Point::ALL[..] };
    trace.iter().flat_map(|call| of(call).iter().map(|point| (call.sent, *point))).collect()
}

/// The world after runs that ended so.
async fn after(ends: &[(u64, Point)]) -> (Arc<Clouds>, Operator) {
    let clouds = Clouds::open(1, |_| {});
    foreign::plant(&clouds).await;
    let operator = Operator::new("ada", &clouds);
    for (call, point) in ends {
        let script = Arc::new(Script::crashing(*call, *point));
        operator.run(&clouds, Wish::up(SMALL), &script).await;
    }
    (clouds, operator)
}

async fn ended_twice(ends: [(u64, Point); 2], expected: &str) -> Result<(), String> {
    let (clouds, operator) = after(&ends).await;
    converges(&clouds, &operator, Wish::up(SMALL), expected).await
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
