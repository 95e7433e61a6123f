//! `deployer up`: build, push, create or change whatever differs, then prove from outside that it works.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use deployer_core::desired::{self, Desired};
use deployer_core::observed::Observed;
use deployer_core::plan::Plan;
use deployer_core::{guard, render};

use super::common::{self, Target};
use super::summary;
use crate::event::Event;
use crate::execute::{self, Report, World};
use crate::failure::{Failure, Kind};
use crate::providers::certificate;
use crate::session::Session;
use crate::ui::Ui;
use crate::verify::{self, Expectation};

/// Make the cloud match the environment file
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer up --env local\n  deployer up --env london --yes\n  \
    deployer up --env london --prune 12     confirm that 12 resources may go"
)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) target: Target,
    /// Go on without asking
    #[arg(long)]
    pub(super) yes: bool,
    /// How many resources that the file no longer asks for may be removed
    #[arg(long, value_name = "N")]
    pub(super) prune: Option<usize>,
    /// Leave the probes out
    #[arg(long)]
    pub(super) no_verify: bool,
}

pub(super) async fn run(
    arguments: Arguments,
    project: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let begun = Instant::now();
    let (session, _hold) = common::open_to_change(&arguments.target, project, ui).await?;
    let desired = session.desired();
    let observed = session.observe(&desired).await?;
    let plan = session.plan(&desired, &observed);
    guard::check(&plan, arguments.prune).map_err(|refusal| refused(&session, &refusal))?;
    let environment = &session.clouds.environment;
    if plan.is_empty() {
        ui.note(render::text(&plan).trim_end());
    } else {
        ui.note(render::text(&plan));
        common::consent(environment, arguments.yes, "Carry this out on", ui)?;
    }
    let applied = apply(&session, &plan, observed, ui).await;
    let applied = applied.map_err(resumed_by("up", &session))?;
    let probes = if arguments.no_verify { 0 } else { prove(&session, ui).await? };
    summary::up(&session, &applied, probes, begun.elapsed(), ui);
    Ok(())
}

fn refused(session: &Session, refusal: &guard::Refusal) -> Failure {
    Failure::new(Kind::Refused, refusal.to_string())
        .hint(refusal.hint(&session.clouds.environment.name))
}

/// Carries a plan out and checks that nothing is left to do.
pub(super) async fn apply(
    session: &Session,
    plan: &Plan,
    observed: Observed,
    ui: &Ui,
) -> Result<Report, Failure> {
    let swept = certificate::sweep(&session.clouds).await?;
    if swept > 0 {
        ui.note(format!("removed {swept} ACME challenges that an earlier run left behind"));
    }
    if plan.is_empty() {
        return Ok(Report::default());
    }
    ui.event(Event::Phase { phase: "apply", detail: format!("{} steps", plan.steps.len()) });
    let world = World::new(observed, session.clouds.variables.clone());
    let report = execute::execute(plan, &session.clouds, &world, ui.stop()).await;
    match report.failure() {
        Some(failure) => Err(failure),
        None => Ok(report),
    }
}

/// Says which command goes on where a plan was not carried out to its end.
pub(super) fn resumed_by(command: &str, session: &Session) -> impl FnOnce(Failure) -> Failure {
    let name = &session.clouds.environment.name;
    let hint = format!("what was done stays; to go on: deployer {command} --env {name}");
    |failure| failure.hint(hint)
}

/// Looks again: the plan must be empty, and every URL must work.
pub(super) async fn prove(session: &Session, ui: &Ui) -> Result<usize, Failure> {
    let desired = session.desired();
    let observed = session.observe(&desired).await?;
    let rest = session.plan(&desired, &observed);
    if !rest.is_empty() {
        return Err(Failure::new(
            Kind::Unverified,
            format!("applied, but it still differs from what was asked:\n{}", render::text(&rest)),
        )
        .hint("somebody else changes the same things, or this is a bug in deployer"));
    }
    certificate::forget_installed(&session.clouds);
    ui.event(Event::Phase { phase: "verify", detail: "from outside".to_owned() });
    let expectation = expectation(session, &desired, &observed);
    verify::verify(&session.clouds.environment, &session.clouds.site, &expectation, &ui.listener())
        .await
}

fn expectation(session: &Session, desired: &Desired, observed: &Observed) -> Expectation {
    let environment = &session.clouds.environment;
    let builds = environment
        .apps
        .iter()
        .filter_map(|(name, app)| Some((name, app.package()?)))
        .map(|(name, package)| (name.clone(), desired::build_id(&session.facts, package)))
        .collect();
    let balancer =
        desired.keys().find(|address| address.kind == deployer_core::address::Kind::LoadBalancer);
    let origin = balancer
        .and_then(|address| observed.resources.get(address)?.outputs.get("address").cloned());
    Expectation { builds, origin }
}
