//! `deployer up`: build, push, create or change whatever differs, then prove from outside that it works.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use deployer_core::desired::{self, Desired};
use deployer_core::observed::Observed;
use deployer_core::plan::{self, Plan, Saved};
use deployer_core::render;

use super::common::{self, Target};
use super::lock::Lock;
use super::summary;
use crate::engine::{self, Consent, Done, Goal, Terms};
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::providers::certificate;
use crate::session::Session;
use crate::ui::Ui;
use crate::verify::{self, Expectation};

/// Make the cloud match the environment file
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer up --env local\n  deployer up --env london --yes\n  \
    deployer up --env london --prune 12     confirm that 12 resources may go\n  \
    deployer up --env london --plan plan.json   exactly what `plan --out plan.json` showed, or nothing"
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
    /// Stop with code 6 when somebody changed what deployer had applied, instead of setting it back
    #[arg(long)]
    pub(super) refuse_drift: bool,
    /// Carry out this plan and no other; it comes from `deployer plan --out FILE`
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) lock: Lock,
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
    let (session, _hold) =
        common::open_to_change(&arguments.target, (project, &arguments.lock), ui).await?;
    let saved = arguments.plan.as_deref().map(read_saved).transpose()?;
    let terms = Terms {
        prune: arguments.prune,
        refuse_drift: arguments.refuse_drift,
        saved,
        ..Terms::new(Goal::Up, arguments.lock.lock_timeout, ui.stop())
    };
    let consent = Asking { session: &session, yes: arguments.yes, what: "Carry this out on", ui };
    let done = engine::run(&session, &terms, &consent).await?;
    if done.report.outcomes.is_empty() {
        let nothing = BTreeMap::new();
        let rest = plan::make(&session.basis(&done.desired, &done.observed, &nothing));
        ui.note(render::text(&rest).trim_end());
    }
    let probes = if arguments.no_verify { 0 } else { prove(&session, &done, ui).await? };
    summary::up(&session, &done.report, probes, begun.elapsed(), ui);
    Ok(())
}

fn read_saved(path: &Path) -> Result<Saved, Failure> {
    let unreadable = |error: &dyn std::error::Error| {
        Failure::because(Kind::Usage, path.display(), error)
            .hint("a plan is kept by: deployer plan --out FILE")
    };
    let text = fs::read(path).map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(&error))
}

/// Shows each plan and asks; one that is made because somebody else changed something needs a yes of its own.
pub(super) struct Asking<'a> {
    pub(super) session: &'a Session,
    pub(super) yes: bool,
    pub(super) what: &'static str,
    pub(super) ui: &'a Ui,
}

impl Consent for Asking<'_> {
    fn to(&self, plan: &Plan) -> Result<(), Failure> {
        self.ui.note(render::text(plan));
        common::consent(&self.session.clouds.environment, self.yes, self.what, self.ui)
    }
}

/// Every URL must work, seen from outside.
pub(super) async fn prove(session: &Session, done: &Done, ui: &Ui) -> Result<usize, Failure> {
    certificate::forget_installed(&session.clouds);
    ui.event(Event::Phase { phase: "verify", detail: "from outside".to_owned() });
    let expectation = expectation(session, &done.desired, &done.observed);
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
