//! Look, plan, carry out, and look again, until what is there is what was asked for.
//!
//! Nothing is remembered between two runs, or between two rounds of one: each begins with what the clouds show. So a
//! run that was killed anywhere is continued by the next, and a round that met somebody else's change by another round.

use std::collections::BTreeSet;
use std::time::Duration;

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Observed;
use deployer_core::plan::{Action, Plan};
use deployer_core::{guard, render};
use tokio::time::{Instant, sleep};

use crate::event::Event;
use crate::execute::{self, Report, World};
use crate::failure::{self, Failure};
use crate::providers::certificate;
use crate::session::Session;
use crate::stop::Stop;

/// How often a run plans anew because somebody else changed what it was about to change.
const ROUNDS: usize = 4;
/// How long a list may take until it shows what was just made.
const SETTLING: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// What the environment file asks for.
    Up,
    /// The same, with another certificate.
    Rotate,
    /// Nothing.
    Down,
}

impl Goal {
    /// The command that goes on where a run ended.
    fn command(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Rotate => "certs rotate",
            Self::Down => "down",
        }
    }
}

/// What a run may do.
#[derive(Debug)]
pub struct Terms<'a> {
    pub goal: Goal,
    /// How many removals the user has confirmed.
    pub prune: Option<usize>,
    pub stop: &'a Stop,
}

/// Sees each plan before it is carried out, and may refuse.
pub trait Consent {
    /// # Errors
    /// When the plan is not to be carried out.
    fn to(&self, plan: &Plan) -> Result<(), Failure>;
}

/// What was done, and what is there now.
#[derive(Debug, Default)]
pub struct Done {
    pub report: Report,
    pub desired: Desired,
    pub observed: Observed,
}

/// Makes the clouds match the goal.
///
/// # Errors
/// When a guard or the user refuses, a step fails, or somebody else keeps changing the same things. What was done stays,
/// and running again continues.
pub async fn run(
    session: &Session,
    terms: &Terms<'_>,
    consent: &dyn Consent,
) -> Result<Done, Failure> {
    let mut done = Done::default();
    let mut replaced = Replaced::default();
    for _ in 0..ROUNDS {
        let desired = desired(session, terms.goal);
        let mut observed = session.observe(&desired).await?;
        if terms.goal == Goal::Rotate {
            replaced.mark(session, &mut observed)?;
        }
        let plan = session.plan(&desired, &observed);
        check(session, &plan, terms)?;
        if plan.is_empty() {
            return Ok(Done { desired, observed, ..done });
        }
        consent.to(&plan)?;
        let report = carry_out(session, &plan, observed, terms.stop).await;
        let outcome = report.failure();
        let made = made(&plan, &report);
        done.report.append(report);
        match outcome {
            None => {
                let observed = settled(session, &desired, &made).await?;
                if session.plan(&desired, &observed).is_empty() {
                    return Ok(Done { desired, observed, ..done });
                }
            }
            Some(failure) if failure.kind == failure::Kind::Conflict => {
                session
                    .clouds
                    .listener
                    .event(Event::Note { text: format!("{}; looking again", failure.message) });
            }
            Some(failure) => return Err(resumable(session, terms.goal, failure)),
        }
    }
    Err(unsettled(session, terms.goal).await)
}

fn desired(session: &Session, goal: Goal) -> Desired {
    match goal {
        Goal::Up | Goal::Rotate => session.desired(),
        Goal::Down => Desired::new(),
    }
}

fn check(session: &Session, plan: &Plan, terms: &Terms<'_>) -> Result<(), Failure> {
    if terms.goal == Goal::Down {
        return Ok(());
    }
    guard::check(plan, terms.prune).map_err(|refusal| {
        Failure::new(failure::Kind::Refused, refusal.to_string())
            .hint(refusal.hint(&session.clouds.environment.name))
    })
}

async fn carry_out(session: &Session, plan: &Plan, observed: Observed, stop: &Stop) -> Report {
    let clouds = &session.clouds;
    match certificate::sweep(clouds).await {
        Ok(0) => {}
        Ok(swept) => {
            let text = format!("removed {swept} ACME challenges that an earlier run left behind");
            clouds.listener.event(Event::Note { text });
        }
        Err(failure) => return Report::failed(failure),
    }
    let detail = format!("{} steps", plan.steps.len());
    clouds.listener.event(Event::Phase { phase: "apply", detail });
    let world = World::new(observed, clouds.variables.clone());
    execute::execute(plan, clouds, &world, stop).await
}

/// What this run made that lists must show.
fn made(plan: &Plan, report: &Report) -> BTreeSet<Address> {
    let created = plan.steps.iter().filter(|step| matches!(step.action, Action::Create { .. }));
    let created = created.map(|step| &step.address).filter(|address| report.did(address));
    created.filter(|address| address.kind != Kind::Certificate).cloned().collect()
}

/// What is there, once the lists show everything that was made: a list may be a minute behind.
async fn settled(
    session: &Session,
    desired: &Desired,
    made: &BTreeSet<Address>,
) -> Result<Observed, Failure> {
    let deadline = Instant::now() + SETTLING;
    loop {
        let observed = session.observe(desired).await?;
        let missing = made.iter().find(|address| !observed.resources.contains_key(address));
        let Some(missing) = missing else { return Ok(observed) };
        if Instant::now() > deadline {
            let message =
                format!("{missing} was made {} s ago, and no list shows it", SETTLING.as_secs());
            return Err(Failure::new(failure::Kind::TimedOut, message)
                .hint("look at it in the console; running the command again goes on"));
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// Why a run that did everything that it planned is not done.
async fn unsettled(session: &Session, goal: Goal) -> Failure {
    let desired = desired(session, goal);
    let rest = match session.observe(&desired).await {
        Ok(observed) => session.plan(&desired, &observed),
        Err(failure) => return failure,
    };
    Failure::new(
        failure::Kind::Unverified,
        format!("carried out, but it still differs from what was asked:\n{}", render::text(&rest)),
    )
    .hint("somebody else changes the same things, or this is a bug in deployer")
}

fn resumable(session: &Session, goal: Goal, failure: Failure) -> Failure {
    let name = &session.clouds.environment.name;
    failure.hint(format!("what was done stays; to go on: deployer {} --env {name}", goal.command()))
}

/// The certificate that a rotation replaces: the one that was there when it began, and no other.
#[derive(Debug, Default)]
struct Replaced(Option<String>);

impl Replaced {
    fn mark(&mut self, session: &Session, observed: &mut Observed) -> Result<(), Failure> {
        let mut certificates =
            observed.resources.iter_mut().filter(|(address, _)| address.kind == Kind::Certificate);
        let Some((_, certificate)) = certificates.next() else {
            let name = &session.clouds.environment.name;
            let message = format!("{name} has no certificate yet");
            return Err(Failure::new(failure::Kind::Usage, message)
                .hint(format!("deployer up --env {name}")));
        };
        if self.0.is_none() {
            certificate::forget_installed(&session.clouds);
        }
        if *self.0.get_or_insert_with(|| certificate.id.clone()) == certificate.id {
            certificate.broken = Some("rotation was asked for".to_owned());
        }
        Ok(())
    }
}
