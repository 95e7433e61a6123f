//! Mistakes on purpose: each of them is noticed by what is checked here, and without any of them nothing is.

use std::sync::{Arc, Mutex};

use http::Method;
use serde_json::Value;

use crate::environments::SMALL;
use crate::foreign;
use crate::invariants::{canonical, differences, guarded, shown, without_twins};
use crate::operator::{Ended, Operator, Wish};
use crate::operators;
use crate::wire::{Bug, Script, Storm};
use crate::world::{Clouds, simulate};

/// Histories that a mistake has to show itself in.
const HISTORIES: u64 = 120;

#[test]
fn every_mistake_is_noticed_and_nothing_else_is() {
    let expected = canonical(&[Wish::up(SMALL)]);
    let noticed = |bug| (0..HISTORIES).find_map(|seed| trial(bug, seed, &expected).err());
    assert_eq!(noticed(None), None, "without a mistake");
    for bug in Bug::ALL {
        let why = noticed(Some(bug)).unwrap_or_else(|| panic!("nobody notices {bug:?}"));
        println!("{bug:?}: {}", why.lines().next().unwrap_or_default());
    }
}

fn trial(bug: Option<Bug>, seed: u64, expected: &str) -> Result<(), String> {
    simulate(alone(bug, seed, expected))?;
    simulate(operators::crowd(bug, seed, SMALL))
}

/// One operator in changing weather, and at last in fair weather.
async fn alone(bug: Option<Bug>, seed: u64, expected: &str) -> Result<(), String> {
    let clouds = Clouds::open(1, |_| {});
    foreign::plant(&clouds).await;
    let nothing = shown(&clouds.home().export());
    let operator = Operator::new("ada", &clouds);
    operator.set_ahead(if seed.is_multiple_of(3) { 4000 } else { 0 });
    for run in 0..2 {
        let storm = Some(Mutex::new(Storm::new(seed, run)));
        let script = Arc::new(Script { bug, storm, ..Script::ordered(seed ^ run) });
        operator.run(&clouds, Wish::up(SMALL), &script).await;
        without_twins(&clouds)?;
        guarded(&[script])?;
    }
    let before = epoch(&clouds).await;
    ended_well(&clouds, &operator, bug, Wish::up(SMALL)).await?;
    let found = shown(&clouds.home().export());
    if found != expected {
        return Err(format!("another world: {}", differences(expected, &found)));
    }
    ended_well(&clouds, &operator, bug, Wish::up(SMALL).of("s2")).await?;
    if epoch(&clouds).await <= before {
        return Err("the lease's epoch does not grow".to_owned());
    }
    ended_well(&clouds, &operator, bug, Wish::up(SMALL).down()).await?;
    let left = shown(&clouds.home().export());
    let kept = |world: &str| world.lines().filter(|line| !line.contains("\"ssl\"")).count();
    if kept(&left) != kept(&nothing) {
        return Err(format!("down leaves: {}", differences(&nothing, &left)));
    }
    Ok(())
}

async fn ended_well(
    clouds: &Arc<Clouds>,
    operator: &Operator,
    bug: Option<Bug>,
    wish: Wish<'_>,
) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..2 {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        let script = Arc::new(Script { bug, ..Script::default() });
        match operator.run(clouds, wish, &script).await {
            Ended::Done(_) => {
                tokio::time::sleep(std::time::Duration::from_secs(60)).await;
                return Ok(());
            }
            Ended::Failed(failure) => last = failure.to_string(),
            Ended::Killed => "killed".clone_into(&mut last),
        }
    }
    Err(last)
}

/// The epoch that the lease shows.
async fn epoch(clouds: &Clouds) -> u64 {
    let namespace = &clouds.access().namespace;
    let path = format!("/n/{namespace}/b/deployer-sim-small/o/lease.json");
    let lease = clouds.asked(Method::GET, &path, &Value::Null).await;
    lease["epoch"].as_u64().unwrap_or_default()
}
