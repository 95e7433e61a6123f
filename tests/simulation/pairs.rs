//! Any environment becomes any other, and back, and nothing; what others own is never touched.

use crate::environments::Draft;
use crate::foreign;
use crate::invariants::{differences, rests, shown};
use crate::operator::{Ended, Operator, Wish};
use crate::seed::{self, Seed};
use crate::world::{Clouds, simulate};

const PAIRS: u64 = 600;

#[test]
fn any_environment_becomes_any_other_and_back_and_nothing() {
    let test = "pairs::any_environment_becomes_any_other_and_back_and_nothing";
    seed::each(test, PAIRS, |seed| simulate(pair(seed)));
}

async fn pair(seed: u64) -> Result<(), String> {
    let mut random = Seed::new(seed);
    let (one, other) = (Draft::random(&mut random), Draft::random(&mut random));
    let (there, back) = (one.text(), one.shuffled(&mut random).text());
    let other = other.text();
    let clouds = Clouds::open(1, |_| {});
    foreign::plant(&clouds).await;
    let operator = Operator::new("ada", &clouds);
    let nothing = shown(&clouds.home().export());

    let first = reached(&clouds, &operator, Wish::up(&there)).await?;
    reached(&clouds, &operator, Wish::up(&other)).await?;
    rests(&clouds, &operator, Wish::up(&other)).await?;
    // The order of the file's entries says nothing.
    let again = reached(&clouds, &operator, Wish::up(&back)).await?;
    same("another environment and back", &without_settings(&first), &without_settings(&again))?;
    let gone = reached(&clouds, &operator, Wish::up(&back).down()).await?;
    same("down", &without_settings(&nothing), &without_settings(&gone))
}

/// The world after a wish.
async fn reached(
    clouds: &std::sync::Arc<Clouds>,
    operator: &Operator,
    wish: Wish<'_>,
) -> Result<String, String> {
    match operator.calmly(clouds, wish).await {
        Ended::Done(_) => {}
        ended => return Err(format!("{ended:?}\nwanted:\n{}", wish.text)),
    }
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    Ok(shown(&clouds.home().export()))
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
