//! What must hold in every history.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deployer::engine::Goal;
use serde_json::Value;
use tokio::time::sleep;

use crate::foreign;
use crate::operator::{Ended, Operator, Wish};
use crate::wire::Script;
use crate::world::{Clouds, simulate};

/// Longer than any work request takes.
const QUIET: Duration = Duration::from_secs(60);

/// The world of an uninterrupted run of these wishes, one after another, among the things of others.
pub(crate) fn canonical(wishes: &[Wish<'_>]) -> String {
    simulate(async {
        let clouds = Clouds::open(1, |_| {});
        foreign::plant(&clouds).await;
        let operator = Operator::new("reference", &clouds);
        for wish in wishes {
            operator.calmly(&clouds, *wish).await.unwrap();
        }
        sleep(QUIET).await;
        shown(&clouds.home().export())
    })
}

/// What a person needs to type a command again.
const BREATH: Duration = Duration::from_secs(10);

/// The canonical export as text, which is compared byte by byte, without what tells of detours: how long the lease is
/// depends on who had it last, an epoch on what failed before, and a generation on what was wanted at first.
pub(crate) fn shown(export: &Value) -> String {
    let text = serde_json::to_string_pretty(export).expect("an export is JSON");
    let history = ["\"lease.json\"", "\"deployer-epoch\"", "\"deployer-generation\""];
    let tells = |line: &&str| history.iter().any(|word| line.contains(word));
    text.lines().filter(|line| !tells(line)).collect::<Vec<_>>().join("\n")
}

/// The lines in which two worlds differ; when they have the same lines, where their order is another.
pub(crate) fn differences(expected: &str, found: &str) -> String {
    let surplus = |of: &str, over: &str, sign: char| -> Vec<String> {
        let mut over: Vec<&str> = over.lines().collect();
        let mut is_new = |line: &&str| {
            let there = over.iter().position(|other| other == line);
            there.map(|position| over.swap_remove(position)).is_none()
        };
        of.lines().filter(&mut is_new).map(|line| format!("{sign} {line}")).collect()
    };
    let mut told = surplus(expected, found, '-');
    told.extend(surplus(found, expected, '+'));
    if told.is_empty() {
        let mut pairs = expected.lines().zip(found.lines());
        let first = pairs.find(|(left, right)| left != right);
        told.extend(first.map(|(left, right)| format!("- {left}\n+ {right}, in another order")));
    }
    told.truncate(40);
    told.join("\n")
}

/// I4: at most two runs after the trouble is over lead to the world of an uninterrupted run, byte by byte.
pub(crate) async fn converges(
    clouds: &Arc<Clouds>,
    operator: &Operator,
    wish: Wish<'_>,
    expected: &str,
) -> Result<(), String> {
    converges_in(2, clouds, (operator, wish), expected).await
}

/// As [`converges`], in so many runs.
pub(crate) async fn converges_in(
    runs: u32,
    clouds: &Arc<Clouds>,
    (operator, wish): (&Operator, Wish<'_>),
    expected: &str,
) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..runs {
        sleep(BREATH).await;
        last = match operator.calmly(clouds, wish).await {
            Ended::Done(_) => String::new(),
            Ended::Failed(failure) => failure.to_string(),
            Ended::Killed => "killed".to_owned(),
        };
        if last.is_empty() {
            break;
        }
    }
    if !last.is_empty() {
        return Err(format!("{runs} runs in fair weather do not end well: {last}"));
    }
    // What the clouds were asked for and answered, they are still carrying out.
    sleep(QUIET).await;
    let found = shown(&clouds.home().export());
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "the world is not that of an uninterrupted run:\n{}",
        differences(expected, &found)
    ))
}

/// I2: of nothing that is ours and works there are two.
pub(crate) fn without_twins(clouds: &Clouds) -> Result<(), String> {
    let export = clouds.home().export();
    let mut seen = BTreeSet::new();
    for (name, thing) in export.as_object().into_iter().flatten() {
        let state = thing["lifecycleState"].as_str().unwrap_or_default();
        let works = !matches!(state, "DELETING" | "DELETED" | "FAILED" | "TERMINATING");
        let tags = &thing["freeformTags"];
        let mark = format!("{} {}", tags["deployer-environment"], tags["deployer-address"]);
        if works && tags["deployer-address"].is_string() && !seen.insert(mark) {
            return Err(format!("there is another {name}, {state}"));
        }
    }
    Ok(())
}

/// I10: a run is bounded in calls and in time.
pub(crate) fn bounded(script: &Script, seconds: u64) -> Result<(), String> {
    let calls = script.calls.load(Ordering::Relaxed);
    if calls > 6_000 || seconds > 4 * 3600 {
        return Err(format!("a run made {calls} calls and took {seconds} s"));
    }
    Ok(())
}

/// I5: a run on what is as it should be changes nothing.
pub(crate) async fn rests(
    clouds: &Arc<Clouds>,
    operator: &Operator,
    wish: Wish<'_>,
) -> Result<(), String> {
    let script = Arc::new(Script::default());
    let wish = if wish.goal == Goal::Rotate { Wish { goal: Goal::Up, ..wish } } else { wish };
    if let Ended::Failed(failure) = operator.run(clouds, wish, &script).await {
        return Err(format!("a run with nothing to do fails: {failure}"));
    }
    let changes: Vec<String> = script
        .trace()
        .into_iter()
        .filter(|call| call.is_mutation())
        .map(|call| call.operation)
        .collect();
    if changes.is_empty() {
        Ok(())
    } else {
        Err(format!("a run with nothing to do changes: {changes:?}"))
    }
}

/// Whoever changes or deletes something that exists says which version of it was seen.
pub(crate) fn guarded(scripts: &[Arc<Script>]) -> Result<(), String> {
    for script in scripts {
        let blind = script.trace().into_iter().find(|call| {
            let operation = call.operation.as_str();
            let oci = operation.contains(" /2016")
                || operation.contains(" /2017")
                || operation.contains(" /2021");
            let changes = operation.starts_with("PUT ") || operation.starts_with("DELETE ");
            oci && changes && call.accepted && !call.guarded
        });
        if let Some(call) = blind {
            return Err(format!("{} says of no version that it was seen", call.operation));
        }
    }
    Ok(())
}
