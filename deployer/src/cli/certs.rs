//! `deployer certs`: a new certificate before the old one would be renewed by itself.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};
use deployer_core::address::Kind;
use deployer_core::render;

use super::common::{self, Target};
use super::{summary, up};
use crate::failure::{self, Failure};
use crate::ui::Ui;

/// Certificates
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  deployer certs rotate --env local")]
pub enum Command {
    Rotate(Rotate),
}

/// Issue a new certificate, switch every listener to it, delete the old one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  deployer certs rotate --env local\n\n\
    Listeners are switched one after another; at every moment each shows a valid certificate.\n\
    Let's Encrypt issues at most 5 certificates a week for the same names.")]
pub struct Rotate {
    #[command(flatten)]
    target: Target,
    /// Go on without asking
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(
    command: Command,
    project: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let Command::Rotate(arguments) = command;
    let begun = Instant::now();
    if common::is_absent(&arguments.target, project.clone()).await? {
        let name = &arguments.target.env;
        return Err(Failure::new(failure::Kind::Usage, format!("{name} is not up"))
            .hint(format!("deployer up --env {name}")));
    }
    let (session, _hold) = common::open_to_change(&arguments.target, project, ui).await?;
    let desired = session.desired();
    let mut observed = session.observe(&desired).await?;
    let mut certificates =
        observed.resources.iter_mut().filter(|(address, _)| address.kind == Kind::Certificate);
    let Some((_, certificate)) = certificates.next() else {
        let name = &session.clouds.environment.name;
        return Err(Failure::new(failure::Kind::Usage, format!("{name} has no certificate yet"))
            .hint(format!("deployer up --env {name}")));
    };
    certificate.broken = Some("rotation was asked for".to_owned());
    crate::providers::certificate::forget_installed(&session.clouds);
    let plan = session.plan(&desired, &observed);
    ui.note(render::text(&plan));
    common::consent(&session.clouds.environment, arguments.yes, "Carry this out on", ui)?;
    let report = up::apply(&session, &plan, observed, ui).await;
    let report = report.map_err(up::resumed_by("certs rotate", &session))?;
    let probes = up::prove(&session, ui).await?;
    summary::up(&session, &report, probes, begun.elapsed(), ui);
    Ok(())
}
