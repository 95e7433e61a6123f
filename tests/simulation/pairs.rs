//! Any environment becomes any other, and back, and nothing; what others own is never touched.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::environments::Draft;
use crate::foreign;
use crate::invariants::{differences, rests, shown};
use crate::operator::{Ended, Operator, Wish};
use crate::seed::{self, Seed};
use crate::world::{Clouds, simulate};

/// Longer than any work request takes.
const QUIET: Duration = Duration::from_secs(30);
/// Worlds, in each of which so many pairs follow each other: 10,000 pairs in all.
const WORLDS: u64 = 2_500;
const PAIRS: usize = 4;

#[test]
fn any_environment_becomes_any_other_and_back_and_nothing() {
    let test = "pairs::any_environment_becomes_any_other_and_back_and_nothing";
    seed::some(test, WORLDS, |seed| simulate(pairs(seed)));
}

async fn pairs(seed: u64) -> Result<(), String> {
    let mut random = Seed::new(seed);
    let clouds = Clouds::open(1, |options| {
        // What comes of it is of interest here, not when.
        options.work_time = Duration::from_millis(200);
        options.check_time = Duration::from_millis(200);
    });
    foreign::plant(&clouds).await;
    let operator = Operator::new("ada", &clouds);
    let nothing = shown(&clouds.home().export());
    let mut one = Draft::random(&mut random);
    let mut world = reached(&clouds, &operator, &one.text()).await?;
    for _ in 0..PAIRS {
        let other = Draft::random(&mut random);
        let there = reached(&clouds, &operator, &other.text()).await?;
        rests(&clouds, &operator, Wish::up(&other.text())).await?;
        if random.once_in(2) {
            // The order of the file's entries says nothing.
            let back = one.shuffled(&mut random).text();
            let again = reached(&clouds, &operator, &back).await?;
            same("another environment and back", &world, &again)?;
        } else {
            (one, world) = (other, there);
        }
    }
    let last = one.text();
    ended(&operator.calmly(&clouds, Wish::up(&last).down()).await, &last)?;
    sleep(QUIET).await;
    same("down", &without_settings(&nothing), &without_settings(&shown(&clouds.home().export())))
}

/// The world after `up` of an environment's file.
async fn reached(clouds: &Arc<Clouds>, operator: &Operator, text: &str) -> Result<String, String> {
    ended(&operator.calmly(clouds, Wish::up(text)).await, text)?;
    sleep(QUIET).await;
    Ok(without_settings(&shown(&clouds.home().export())))
}

fn ended(how: &Ended, text: &str) -> Result<(), String> {
    match how {
        Ended::Done(_) => Ok(()),
        Ended::Failed(failure) => Err(format!("{failure}\nwanted:\n{text}")),
        Ended::Killed => Err("nobody kills here".to_owned()),
    }
}

/// Settings of the zone stay as they were set last: what they were before is not known.
fn without_settings(world: &str) -> String {
    let setting = |line: &&str| {
        [
            "\"ssl\"",
            "\"always_use_https\"",
            "\"min_tls_version\"",
            "\"tls_1_3\"",
            "\"automatic_https_rewrites\"",
        ]
        .iter()
        .any(|name| line.contains(name))
    };
    world.lines().filter(|line| !setting(line)).collect::<Vec<_>>().join("\n")
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what} leads to another world:\n{}", differences(expected, found)))
}
