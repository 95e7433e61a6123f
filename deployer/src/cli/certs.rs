//! `deployer certs`: a new certificate before the old one would be renewed by itself.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};

use super::common::{self, Target};
use super::lock::Lock;
use super::summary;
use super::up::{self, Asking};
use crate::engine::{self, Goal, Terms};
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
    #[command(flatten)]
    lock: Lock,
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
    let (session, _hold) =
        common::open_to_change(&arguments.target, (project, &arguments.lock), ui).await?;
    let terms = Terms::new(Goal::Rotate, arguments.lock.lock_timeout, ui.stop());
    let consent = Asking { session: &session, yes: arguments.yes, what: "Carry this out on", ui };
    let done = engine::run(&session, &terms, &consent).await?;
    let probes = up::prove(&session, &done, ui).await?;
    summary::up(&session, &done.report, probes, begun.elapsed(), ui);
    Ok(())
}
