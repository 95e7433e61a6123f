//! Seeded schedules of faults: whatever goes wrong, the next runs in fair weather lead to the same world.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deployer::engine::Goal;
use localcloud::faults::{Fault as Planned, Outcome};
use localcloud::simulation::Options;

use crate::environments::SMALL;
use crate::foreign;
use crate::invariants::{bounded, canonical, converges, differences, rests, shown, without_twins};
use crate::meddling::meddle;
use crate::operator::{Ended, Operator, Wish};
use crate::seed::{self, Seed};
use crate::wire::{Script, Storm, locked};
use crate::world::{Clouds, simulate};

/// Worlds, in each of which every wish of the story has a schedule of faults of its own: 20,000 in all.
const WORLDS: u64 = 4_000;
/// Runs in bad weather, at most.
const STORMY: u64 = 3;
/// How often each fault must have met each operation that can meet it.
const ENOUGH: u64 = 20;

/// [`SMALL`] with other hosts, each on an app of its own.
const GROWN: &str = r#"
uid = "sim-small"
[oci]
region = "uk-london-1"
compartment = "ocid1.compartment.oc1..simulated"
[network]
cidr = "10.20.0.0/16"
[apps.web]
build = "site"
[apps.shop]
build = "site"
[apps.blog]
build = "site"
[hosts."www.example.net"]
"/" = "web"
[hosts."shop.example.net"]
"/" = "shop"
[hosts."blog.example.net"]
"/" = "blog"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
settings = { ssl = "strict", always_use_https = "on" }
"#;

/// What is wanted, one after the other.
const STORY: [Wish<'static>; 5] = [
    Wish::up(SMALL),
    Wish::up(GROWN),
    Wish::up(SMALL).of("s2"),
    Wish::up(SMALL).of("s2").rotate(),
    Wish::up(SMALL).of("s2").down(),
];

/// How often each fault met each operation.
type Coverage = BTreeMap<(String, &'static str), u64>;

#[test]
fn whatever_goes_wrong_the_next_runs_lead_to_the_same_world() {
    let expected: Vec<String> = (1..=STORY.len()).map(|until| canonical(&STORY[..until])).collect();
    let coverage = Mutex::new(Coverage::new());
    seed::some(
        "storms::whatever_goes_wrong_the_next_runs_lead_to_the_same_world",
        WORLDS,
        |seed| simulate(history(seed, &expected, &coverage)),
    );
    if seed::all() && std::env::var_os("SIMULATION_SEED").is_none() {
        assert_enough(&locked(&coverage));
    }
}

async fn history(seed: u64, expected: &[String], coverage: &Mutex<Coverage>) -> Result<(), String> {
    let mut random = Seed::new(seed);
    let clouds = Clouds::open(1, |options| conditions(options, &mut random));
    foreign::plant(&clouds).await;
    let operator = Operator::new("ada", &clouds);
    if random.once_in(4) {
        operator.set_ahead(i64::try_from(random.below(7200)).unwrap_or_default() - 3600);
    }
    for (number, (wish, expected)) in (0..).zip(STORY.into_iter().zip(expected)) {
        trouble(&clouds, &mut random);
        if wish.goal != Goal::Down {
            meddle(&clouds, "sim-small", &mut random).await;
            // No run can set back what no list shows yet.
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        let schedule = seed * STORY.len() as u64 + number;
        weathered(&clouds, &operator, (wish, expected), (schedule, coverage))
            .await
            .map_err(|why| format!("{:?}, schedule {schedule}: {why}", wish.goal))?;
        clouds.home().cloud().faults.clear();
        converges(&clouds, &operator, wish, expected).await?;
    }
    rests(&clouds, &operator, STORY[STORY.len() - 1]).await
}

/// Runs in bad weather, until one says that it is done.
async fn weathered(
    clouds: &Arc<Clouds>,
    operator: &Operator,
    (wish, expected): (Wish<'_>, &str),
    (schedule, coverage): (u64, &Mutex<Coverage>),
) -> Result<(), String> {
    for run in 0..STORMY {
        let storm = Some(Mutex::new(Storm::new(schedule, run)));
        let script = Arc::new(Script { storm, ..Script::ordered(schedule ^ (run << 40)) });
        let begun = clouds.milliseconds();
        let ended = operator.run(clouds, wish, &script).await;
        count(&script, coverage);
        bounded(&script, (clouds.milliseconds() - begun) / 1000)?;
        without_twins(clouds)?;
        if let Ended::Done(_) = ended {
            // I9: a run that says it is done has done it.
            tokio::time::sleep(Duration::from_secs(60)).await;
            let found = shown(&clouds.home().export());
            if found != expected {
                let what = differences(expected, &found);
                return Err(format!("a run ended well, and its work was not done:\n{what}"));
            }
            break;
        }
    }
    Ok(())
}

/// Circumstances that are nobody's fault.
fn conditions(options: &mut Options, random: &mut Seed) {
    options.work_time = Duration::from_secs(1 + random.below(15));
    if random.once_in(3) {
        options.conduct.list_lag_ms = random.below(60_000);
    }
}

/// Work that fails after it was accepted, and hosts without room.
fn trouble(clouds: &Clouds, random: &mut Seed) {
    let faults = &clouds.home().cloud().faults;
    if random.once_in(3) {
        let operation = *random.pick(&[
            "CreateLoadBalancer",
            "CreateContainerInstance",
            "DeleteContainerInstance",
            "DeleteLoadBalancer",
            "UpdateBackendSet",
            "CreateBackendSet",
            "CreateCertificate",
            "UpdateListener",
            "CreateListener",
        ]);
        let after = u32::try_from(random.below(2)).unwrap_or_default();
        let outcome = Outcome::FailedWork;
        faults.plan(Planned {
            operation: operation.to_owned(),
            outcome,
            after,
            ..Planned::default()
        });
    }
    if random.once_in(5) {
        let operation = "CreateContainerInstance".to_owned();
        let outcome = *random.pick(&[Outcome::NoCapacity, Outcome::NoCapacityLate]);
        let times = u32::try_from(1 + random.below(5)).unwrap_or(1);
        faults.plan(Planned { operation, outcome, times, ..Planned::default() });
    }
}

fn count(script: &Script, coverage: &Mutex<Coverage>) {
    let mut coverage = locked(coverage);
    for call in script.trace() {
        for possible in &call.possible {
            coverage.entry((call.operation.clone(), possible.name())).or_default();
        }
        if let Some(fault) = call.fault {
            *coverage.entry((call.operation.clone(), fault.name())).or_default() += 1;
        }
    }
}

#[track_caller]
fn assert_enough(coverage: &Coverage) {
    let rare: Vec<String> = coverage
        .iter()
        .filter(|(_, count)| **count < ENOUGH)
        .map(|((operation, fault), count)| format!("{operation}: {fault}: {count}"))
        .collect();
    let least = coverage.values().min().copied().unwrap_or_default();
    println!("{} pairs of operation and fault, each at least {least} times", coverage.len());
    assert!(rare.is_empty(), "hardly met:\n{}", rare.join("\n"));
}
