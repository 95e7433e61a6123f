//! Parses, runs, tells how it ended.

use std::io::Write as _;
use std::process::ExitCode;

use deployer::cli::{self, Cli};
use deployer::failure::{Failure, Kind};
use deployer::settings::Settings;
use deployer::stop::Stop;
use deployer::ui::Ui;

fn main() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err((0, text)) => {
            let _closed = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err((code, text)) => {
            let _closed = std::io::stderr().write_all(text.as_bytes());
            return ExitCode::from(code);
        }
    };
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => {
            let _closed = writeln!(std::io::stderr(), "error: async runtime: {error}");
            ExitCode::from(Kind::Other.exit_code())
        }
    }
}

async fn run(cli: Cli) -> ExitCode {
    let stop = Stop::listen();
    let ui = Ui::new(cli.json, Settings::default_process().allows_colour(), stop.clone());
    let outcome = tokio::select! {
        outcome = cli::run(cli, &ui) => outcome,
        () = stop.at_once() => Err(Failure::new(Kind::Cancelled, "stopped")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.kind == Kind::Changes => ExitCode::from(Kind::Changes.exit_code()),
        Err(failure) => {
            ui.failure(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}
