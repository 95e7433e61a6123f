//! The commands: what they are called, what they take, and which file carries each out.

mod adopt;
mod certs;
mod common;
mod down;
mod host;
mod local;
pub mod lock;
mod plan;
mod policy;
mod rehearse;
mod status;
mod summary;
mod topology;
mod up;

use std::path::PathBuf;
use std::pin::Pin;

use clap::{Parser, Subcommand};

use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Makes an Oracle Cloud and a Cloudflare zone match a folder of files.
#[derive(Debug, Parser)]
#[command(
    name = "deployer",
    version,
    after_help = "Examples:\n  \
        deployer up --env local                 everything, on this machine\n  \
        deployer plan --env london              what `up` would do, and why\n  \
        deployer rehearse --env london          the same file against a private local cloud\n  \
        deployer host add files.example.net --app files --env london\n\n\
        Exit codes: 0 done · 1 other · 2 changes (plan --exit-code) · 3 usage or files · 4 not allowed\n  \
        5 provider failed · 6 refused by a guard · 7 timed out · 8 cancelled · 9 locked\n  \
        10 applied, but a probe failed · 70 bug in deployer"
)]
pub struct Cli {
    /// Folder that holds `environments/`; default: the nearest from here upwards
    #[arg(long, global = true, value_name = "FOLDER")]
    pub project: Option<PathBuf>,
    /// One JSON object a line on stdout, for machines
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Up(up::Arguments),
    Plan(plan::Arguments),
    Status(status::Arguments),
    Down(down::Arguments),
    Adopt(adopt::Arguments),
    #[command(subcommand)]
    Certs(certs::Command),
    #[command(subcommand)]
    Host(host::Command),
    Topology(topology::Arguments),
    #[command(subcommand)]
    Policy(policy::Command),
    Rehearse(rehearse::Arguments),
    #[command(subcommand)]
    Local(local::Command),
}

/// Carries the command out.
///
/// Boxed, so that everything below it is compiled with this library and not once more with each of its users.
///
/// # Errors
/// What a person is to be told, with the exit code that goes with it.
pub fn run(cli: Cli, ui: &Ui) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + '_>> {
    Box::pin(dispatch(cli, ui))
}

async fn dispatch(cli: Cli, ui: &Ui) -> Result<(), Failure> {
    let project = cli.project;
    match cli.command {
        Command::Up(arguments) => up::run(arguments, project, ui).await,
        Command::Plan(arguments) => plan::run(arguments, project, ui).await,
        Command::Status(arguments) => status::run(arguments, project, ui).await,
        Command::Down(arguments) => down::run(arguments, project, ui).await,
        Command::Adopt(arguments) => adopt::run(arguments, project, ui).await,
        Command::Certs(command) => certs::run(command, project, ui).await,
        Command::Host(command) => host::run(command, project, ui),
        Command::Topology(arguments) => topology::run(arguments, project, ui),
        Command::Policy(command) => policy::run(command, project, ui),
        Command::Rehearse(arguments) => rehearse::run(arguments, project, ui).await,
        Command::Local(command) => local::run(command, project, ui).await,
    }
}

/// What clap found wrong, with our exit code instead of its own; help and version are no failure.
///
/// # Errors
/// The text to show.
pub fn parse(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Cli, (u8, String)> {
    Cli::try_parse_from(arguments).map_err(|error| {
        let code = if error.use_stderr() { Kind::Usage.exit_code() } else { 0 };
        (code, error.render().to_string())
    })
}
