//! Several people at once, some of whom fall asleep: with the lease their work does not overlap, and without it nobody
//! overwrites unseen what another did, and nothing is there twice.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::Value;
use tokio::time::{Instant, Sleep, sleep};

use crate::environments::{COMPARTMENT, SMALL};
use crate::foreign;
use crate::invariants::{canonical, converges, guarded, without_twins};
use crate::operator::{Ended, Operator, Wish};
use crate::seed::{self, Seed};
use crate::wire::{Bug, Call, Script, Storm};
use crate::world::{Clouds, simulate};

/// Worlds, in each of which so many histories follow each other: 20,000 in all.
const WORLDS: u64 = 4_000;
const HISTORIES: u64 = 5;
const NAMES: [&str; 4] = ["ada", "ben", "cleo", "dan"];

/// One of the runs of a history.
struct Shift {
    who: usize,
    begins: Duration,
    /// From when on, and for how long, its machine sleeps.
    nap: Option<(Duration, Duration)>,
    /// Whether it has another idea of the environment.
    differs: bool,
}

#[test]
fn operators_take_turns_and_without_turns_do_no_harm() {
    let texts = [SMALL.to_owned(), SMALL.replacen("uid = ", "lease = false\nuid = ", 1)];
    let expected = texts.each_ref().map(|text| canonical(&[Wish::up(text)]));
    let test = "operators::operators_take_turns_and_without_turns_do_no_harm";
    seed::some(test, WORLDS, |seed| {
        let number = usize::try_from(seed % 2).unwrap();
        simulate(histories(seed, &texts[number], &expected[number]))
    });
}

#[test]
fn who_waits_for_another_is_not_asked_about_what_the_other_does_meanwhile() {
    simulate(async {
        let clouds = Clouds::open(1, |options| options.work_time = Duration::from_secs(20));
        let [ada, ben] = ["ada", "ben"].map(|name| Operator::new(name, &clouds));
        let [first, second] = [Arc::<Script>::default(), Arc::<Script>::default()];
        let late = async {
            sleep(Duration::from_secs(10)).await;
            ben.run(&clouds, Wish::up(SMALL), &second).await
        };
        let (_, ended) = tokio::join!(ada.run(&clouds, Wish::up(SMALL), &first), late);
        assert!(matches!(ended, Ended::Done(_)));
        let asked = [first, second].map(|script| script.asked.load(Ordering::Relaxed));
        assert_eq!(asked, [1, 0]);
    });
}

async fn histories(seed: u64, text: &str, expected: &str) -> Result<(), String> {
    let mut random = Seed::new(seed);
    let clouds = Clouds::open(1, |options| {
        options.work_time = Duration::from_secs(1 + random.below(10));
    });
    foreign::plant(&clouds).await;
    let operators = NAMES.map(|name| Operator::new(name, &clouds));
    for number in 0..HISTORIES {
        let shifts = shifts(&mut random);
        history(&clouds, &operators, (seed * HISTORIES + number, text, None), &shifts)
            .await
            .map_err(|why| format!("history {number}: {why}"))?;
    }
    // Without the lease, proofs that a killed order left go when their time is over.
    sleep(Duration::from_secs(7200)).await;
    let last = Operator::new("eve", &clouds);
    converges(&clouds, &last, Wish::up(text), expected).await
}

/// Calls of everybody take the same time, so that both look for a load balancer before either makes one.
#[test]
fn operators_in_step_who_want_different_things_make_one_load_balancer() {
    let text = SMALL.replacen("uid = ", "lease = false\nuid = ", 1);
    let [this, other] = ["this", "other"].map(|title| titled(&text, title));
    let expected = canonical(&[Wish::up(&this)]);
    let together = async {
        let clouds = Clouds::open(1, |_| {});
        foreign::plant(&clouds).await;
        let [ada, ben] = ["ada", "ben"].map(|name| Operator::new(name, &clouds));
        ada.calmly(&clouds, Wish::up(&text)).await.unwrap();
        let list = format!("/20170115/loadBalancers?compartmentId={COMPARTMENT}");
        for lb in clouds.asked(Method::GET, &list, &Value::Null).await.as_array().unwrap() {
            let path = format!("/20170115/loadBalancers/{}", lb["id"].as_str().unwrap());
            clouds.by_hand(Method::DELETE, &path, &Value::Null).await;
        }
        sleep(Duration::from_secs(60)).await;
        let scripts = [Arc::<Script>::default(), Arc::default()];
        tokio::join!(
            ada.run(&clouds, Wish::up(&this), &scripts[0]),
            ben.run(&clouds, Wish::up(&other), &scripts[1])
        );
        let calls = scripts.iter().flat_map(|script| script.trace());
        let is_make = |call: &Call| call.operation == "POST /20170115/loadBalancers";
        assert_eq!(calls.filter(|call| is_make(call) && call.accepted).count(), 1);
        converges(&clouds, &ada, Wish::up(&this), &expected).await
    };
    simulate(together).unwrap_or_else(|why| panic!("{why}"));
}

/// One history in a world of its own, with a mistake.
pub(crate) async fn crowd(bug: Option<Bug>, seed: u64, text: &str) -> Result<(), String> {
    let mut random = Seed::new(seed);
    let clouds = Clouds::open(1, |_| {});
    let operators = NAMES.map(|name| Operator::new(name, &clouds));
    let shifts = shifts(&mut random);
    history(&clouds, &operators, (seed, text, bug), &shifts).await
}

async fn history(
    clouds: &Arc<Clouds>,
    operators: &[Operator],
    (seed, text, bug): (u64, &str, Option<Bug>),
    shifts: &[Shift],
) -> Result<(), String> {
    let scripts: Vec<Arc<Script>> = (0..shifts.len() as u64)
        .map(|run| {
            let storm = Some(Mutex::new(Storm::light(seed, run)));
            Arc::new(Script { bug, storm, ..Script::ordered(seed ^ (run << 32)) })
        })
        .collect();
    // What some want differs from history to history, so that there always is something to do.
    let (this, other) = (titled(text, &(seed % 3).to_string()), titled(text, "other"));
    let runs = shifts.iter().zip(&scripts).map(|(shift, script)| {
        let (operator, clouds) = (operators[shift.who].clone(), Arc::clone(clouds));
        let wish = Wish::up(if shift.differs { &other } else { &this });
        let run = async move {
            sleep(shift.begins).await;
            operator.run(&clouds, wish, script).await
        };
        Sleepy::new(run, shift.nap)
    });
    join_all(runs).await;
    without_twins(clouds)?;
    if !text.contains("lease = false") {
        without_overlap(shifts, &scripts)?;
    }
    guarded(&scripts)
}

/// The environment whose app is built with this title, and so is another generation.
fn titled(text: &str, title: &str) -> String {
    let app = format!("build = \"site\"\nvariables = {{ TITLE = \"{title}\" }}");
    text.replacen("build = \"site\"", &app, 1)
}

fn shifts(random: &mut Seed) -> Vec<Shift> {
    let count = 2 + random.below(3);
    let shift = |random: &mut Seed, who: u64| Shift {
        who: usize::try_from(who).unwrap_or_default(),
        begins: Duration::from_secs(random.below(150)),
        nap: random.once_in(3).then(|| {
            let begins = Duration::from_secs(random.below(200));
            (begins, Duration::from_secs(30 + random.below(600)))
        }),
        differs: random.once_in(3),
    };
    (0..count).map(|who| shift(random, who)).collect()
}

/// The lease object's conditional writes are the history of whose turn it was; between two of them only one writes.
fn without_overlap(shifts: &[Shift], scripts: &[Arc<Script>]) -> Result<(), String> {
    let mut calls: Vec<(usize, Call)> = Vec::new();
    for (number, script) in scripts.iter().enumerate() {
        calls.extend(script.trace().into_iter().map(|call| (number, call)));
    }
    calls.retain(|(_, call)| call.arrived.is_some() && call.accepted);
    calls.sort_by_key(|(_, call)| (call.arrived, call.number));
    let mut turn = None;
    for (number, call) in &calls {
        let who = NAMES[shifts[*number].who];
        if call.is_lease_write() {
            turn = Some(*number);
        } else if call.is_mutation()
            // What is pushed is named after its content, and waits for nobody.
            && !call.operation.contains(" /v2/")
            && turn != Some(*number)
        {
            let other = turn.map_or("nobody", |number| NAMES[shifts[number].who]);
            let (operation, at) = (&call.operation, call.arrived.unwrap_or_default());
            return Err(format!(
                "at {at} ms {who} did {operation} while it was the turn of {other}"
            ));
        }
    }
    Ok(())
}

/// A machine that sleeps for a while: nothing of it happens then, whatever becomes ready.
struct Sleepy<F> {
    run: Pin<Box<F>>,
    nap: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<F: Future> Sleepy<F> {
    fn new(run: F, nap: Option<(Duration, Duration)>) -> Self {
        let now = Instant::now();
        let nap = nap.map(|(begins, lasts)| (now + begins, Box::pin(sleep(begins + lasts))));
        Self { run: Box::pin(run), nap }
    }
}

impl<F: Future> Future for Sleepy<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if let Some((begins, end)) = &mut self.nap
            && Instant::now() >= *begins
        {
            match end.as_mut().poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => self.nap = None,
            }
        }
        self.run.as_mut().poll(cx)
    }
}
