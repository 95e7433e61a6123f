//! Look, plan, carry out, and look again, until what is there is what was asked for.
//!
//! Nothing is remembered between two runs, or between two rounds of one: each begins with what the clouds show. So a
//! run that was killed anywhere is continued by the next, and a round that met somebody else's change by another round.

mod abroad;
mod alone;
mod kept;
mod rotation;
mod settle;
mod turn;

use std::ops::ControlFlow;
use std::time::Duration;

use deployer_core::address::Address;
use deployer_core::desired::Desired;
use deployer_core::environment::{Environment, Protected};
use deployer_core::guard::{self, Purpose};
use deployer_core::observed::Observed;
use deployer_core::plan::{self, Plan, Saved};
use deployer_core::render;

pub use self::alone::alone;
use self::rotation::Rotation;
use self::turn::Turn;
use crate::event::Event;
use crate::execute::{self, Report, World};
use crate::failure::{self, Failure};
use crate::lease::{Acquired, Lease, Seen};
use crate::providers::{self, Clouds};
use crate::session::Session;
use crate::stop::Stop;

/// How often a run plans anew because somebody else changed what it was about to change.
const ROUNDS: usize = 4;
/// How often it looks anew because somebody else had the lease in between: waiting for that has a limit of its own.
const LOOKS: usize = 50;

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
    /// Whether somebody's changes are a reason to stop instead of being set back.
    pub refuse_drift: bool,
    /// The only plan that may be carried out.
    pub saved: Option<Saved>,
    /// How long to wait while somebody else changes the environment.
    pub lock_timeout: Duration,
    pub stop: &'a Stop,
}

impl<'a> Terms<'a> {
    /// The usual ones.
    pub fn new(goal: Goal, lock_timeout: Duration, stop: &'a Stop) -> Self {
        Self { goal, prune: None, refuse_drift: false, saved: None, lock_timeout, stop }
    }
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

/// What a round decides by.
struct Picture {
    seen: Seen,
    desired: Desired,
    observed: Observed,
    plan: Plan,
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
    let turn = Turn::new(session, terms.goal.command(), terms.lock_timeout);
    let mut rotation = Rotation::default();
    let mut done = Done::default();
    let (mut rounds, mut looks) = (0, 0);
    loop {
        let picture = look(session, terms, &turn, &mut rotation).await?;
        check(session, terms, &picture, &done.report)?;
        if picture.is_done(terms.goal) {
            return Ok(picture.done(done));
        }
        if rounds == ROUNDS {
            return Err(unsettled(&picture.plan));
        }
        // Whoever has to wait for somebody else looks anew afterwards: there is nothing to agree to yet.
        if picture.seen.holder().is_none() {
            prepare(session, terms, &picture, consent).await?;
        }
        let lease = match turn.take(picture.seen.clone()).await? {
            Acquired::Held(lease) => lease,
            Acquired::Stale if looks < LOOKS => {
                looks += 1;
                continue;
            }
            Acquired::Stale => return Err(turn::contended()),
        };
        rounds += 1;
        let outcome = carry_out(session, terms, (picture, &lease), consent, &mut done).await;
        session.seat.fence.shut();
        match outcome {
            Ok(ControlFlow::Break(picture)) => return Ok(picture.done(done)),
            Ok(ControlFlow::Continue(rest)) if terms.saved.is_some() => {
                return Err(kept::beyond(&rest));
            }
            Ok(ControlFlow::Continue(_)) => {}
            Err(failure) if failure.kind == failure::Kind::Conflict && terms.saved.is_none() => {
                let text = format!("{}; looking again", failure.message);
                session.clouds.listener.event(Event::Note { text });
            }
            Err(failure) => return Err(resumable(session, terms.goal, failure)),
        }
    }
}

impl Picture {
    /// Whether nothing is left to do, leases of commands that were killed included.
    fn is_done(&self, goal: Goal) -> bool {
        let gone =
            goal != Goal::Down || (self.observed.strays.is_empty() && self.seen.is_nothing());
        self.plan.is_empty() && gone
    }

    fn done(self, done: Done) -> Done {
        Done { report: done.report, desired: self.desired, observed: self.observed }
    }
}

/// What there is and what would be done about it; reads only.
async fn look(
    session: &Session,
    terms: &Terms<'_>,
    turn: &Turn<'_>,
    rotation: &mut Rotation,
) -> Result<Picture, Failure> {
    // The lease comes first: nobody having taken it since is what makes the rest still true when it is acquired.
    let seen = turn.look().await?;
    let desired = match terms.goal {
        Goal::Up | Goal::Rotate => session.desired(),
        Goal::Down => Desired::new(),
    };
    let mut observed = settle::whole(session, &desired).await?;
    if terms.goal != Goal::Down {
        known(&session.clouds.environment, &desired, &observed)?;
    }
    if terms.goal == Goal::Rotate {
        rotation.ask(session, &mut observed)?;
    }
    let applied = turn::applied(&seen);
    let plan = plan::make(&session.basis(&desired, &observed, &applied));
    Ok(Picture { seen, desired, observed, plan })
}

/// What is protected must be something: a name that is nothing would protect nothing, without a word.
fn known(environment: &Environment, desired: &Desired, observed: &Observed) -> Result<(), Failure> {
    let is_nothing = |address: &&Address| {
        !desired.contains_key(*address) && !observed.resources.contains_key(*address)
    };
    let named = environment.protect.iter().filter_map(|protected| match protected {
        Protected::Address(address) => Some(address),
        Protected::Kind(_) => None,
    });
    let Some(unknown) = named.into_iter().find(is_nothing) else { return Ok(()) };
    let message =
        format!("`protect` names {unknown}, which this environment neither asks for nor has");
    let kind = unknown.kind;
    let alike = desired.keys().filter(|address| address.kind == kind).map(ToString::to_string);
    let alike = alike.collect::<Vec<_>>().join(", ");
    Err(Failure::new(failure::Kind::Usage, message).hint(match alike.is_empty() {
        true => format!("take it out of environments/{}.toml", environment.name),
        false => format!("there are: {alike}"),
    }))
}

/// As a run would plan, for whoever only wants to see: the plan, and the file that it is kept in.
///
/// # Errors
/// When anything could not be read.
pub async fn preview(session: &Session, stop: &Stop) -> Result<(Plan, serde_json::Value), Failure> {
    let terms = Terms::new(Goal::Up, Duration::ZERO, stop);
    let turn = Turn::new(session, terms.goal.command(), terms.lock_timeout);
    let picture = look(session, &terms, &turn, &mut Rotation::default()).await?;
    let applied = turn::applied(&picture.seen);
    let basis = session.basis(&picture.desired, &picture.observed, &applied);
    let file = plan::file(&picture.plan, &basis);
    guard::strays(&picture.observed).map_err(|refusal| refused(session, &refusal))?;
    Ok((picture.plan, file))
}

fn check(
    session: &Session,
    terms: &Terms<'_>,
    picture: &Picture,
    report: &Report,
) -> Result<(), Failure> {
    let Picture { desired, observed, plan, .. } = picture;
    let purpose = match terms.goal {
        Goal::Up | Goal::Rotate => {
            guard::strays(observed).map_err(|refusal| refused(session, &refusal))?;
            Purpose::Up { prune: terms.prune }
        }
        Goal::Down => Purpose::Down,
    };
    if let Some(saved) = &terms.saved {
        let applied = turn::applied(&picture.seen);
        kept::check(saved, plan, &session.basis(desired, observed, &applied))?;
    }
    guard::locked(plan, observed).map_err(|refusal| refused(session, &refusal))?;
    // What this run left half done is no reason to refuse the rest of it.
    let is_theirs = |step: &plan::Step| step.drift && !report.knows(&step.address);
    let drift = terms.refuse_drift && plan.steps.iter().any(is_theirs);
    guarded(&session.clouds.environment, plan, purpose, drift)
}

/// Whether a plan may be carried out.
///
/// # Errors
/// Why not, and what to do about it.
pub fn guarded(
    environment: &Environment,
    plan: &Plan,
    purpose: Purpose,
    refuse_drift: bool,
) -> Result<(), Failure> {
    let terms = guard::Terms { purpose, protected: &environment.protect, refuse_drift };
    guard::check(plan, &terms).map_err(|refusal| {
        Failure::new(failure::Kind::Refused, refusal.to_string())
            .hint(refusal.hint(&environment.name))
    })
}

fn refused(session: &Session, refusal: &guard::Refusal) -> Failure {
    Failure::new(failure::Kind::Refused, refusal.to_string())
        .hint(refusal.hint(&session.clouds.environment.name))
}

/// The last that can stop a plan before anything is touched: the user, and limits that can be read.
async fn prepare(
    session: &Session,
    terms: &Terms<'_>,
    picture: &Picture,
    consent: &dyn Consent,
) -> Result<(), Failure> {
    if picture.plan.is_empty() {
        return Ok(());
    }
    if terms.goal != Goal::Down {
        providers::preflight(&session.clouds, &picture.plan).await?;
    }
    consent.to(&picture.plan)
}

/// One round under the lease. Gives what is there when nothing is left to do, else what is left.
async fn carry_out(
    session: &Session,
    terms: &Terms<'_>,
    (picture, lease): (Picture, &Option<Lease>),
    consent: &dyn Consent,
    done: &mut Done,
) -> Result<ControlFlow<Picture, Plan>, Failure> {
    let work = async {
        if terms.goal == Goal::Down {
            abroad::remove(session, terms, &picture.observed.strays, consent, done).await?;
        }
        let world = picture.observed.clone();
        apply(session, &picture.plan, world, (terms.stop, &mut *done)).await?;
        settle::settled(session, &picture.desired, &picture.plan, &done.report).await
    };
    let (outcome, lost) = turn::kept(lease.as_ref(), work).await;
    let observed = match outcome {
        Ok(observed) => observed,
        Err(failure) => {
            turn::release(session, lease.as_ref(), None).await;
            return Err(lost.unwrap_or(failure));
        }
    };
    let nothing = turn::applied(&picture.seen);
    let plan = plan::make(&session.basis(&picture.desired, &observed, &nothing));
    if !plan.is_empty() {
        turn::release(session, lease.as_ref(), None).await;
        return Ok(ControlFlow::Continue(plan));
    }
    if terms.goal == Goal::Down {
        turn::remove(lease.as_ref()).await?;
    } else {
        let known = session.basis(&picture.desired, &observed, &nothing).known;
        let applied = plan::digests(&picture.desired, known);
        turn::release(session, lease.as_ref(), Some(applied)).await;
    }
    Ok(ControlFlow::Break(Picture { observed, plan, ..picture }))
}

/// Carries out a plan, and adds what came of it to `done`.
async fn apply(
    session: &Session,
    plan: &Plan,
    observed: Observed,
    (stop, done): (&Stop, &mut Done),
) -> Result<(), Failure> {
    if plan.is_empty() {
        return Ok(());
    }
    let clouds = &Clouds { stop: stop.clone(), ..(*session.clouds).clone() };
    let detail = format!("{} steps", plan.steps.len());
    clouds.listener.event(Event::Phase { phase: "apply", detail });
    let world = World::new(observed, clouds.variables.clone());
    let report = execute::execute(plan, clouds, &world, stop).await;
    clouds.store.learn(plan, &report);
    let failure = report.failure();
    done.report.append(report);
    failure.map_or(Ok(()), Err)
}

/// Why a run that did everything that it planned is not done.
fn unsettled(rest: &Plan) -> Failure {
    Failure::new(
        failure::Kind::Unverified,
        format!("carried out, but it still differs from what was asked:\n{}", render::text(rest)),
    )
    .hint("somebody else changes the same things, or this is a bug in deployer")
}

fn resumable(session: &Session, goal: Goal, failure: Failure) -> Failure {
    let name = &session.clouds.environment.name;
    failure.hint(format!("what was done stays; to go on: deployer {} --env {name}", goal.command()))
}
