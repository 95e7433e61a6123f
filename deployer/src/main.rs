//! Parses, runs, tells how it ended.

use std::io::Write as _;
use std::process::ExitCode;

use deployer::failure::Kind;
use deployer::settings::Settings;
use deployer::ui::Ui;
use deployer::{cli, failure};

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
    let ui = Ui::new(cli.json, Settings::default_process().allows_colour());
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            ui.failure(&failure::Failure::because(Kind::Other, "async runtime", &error));
            return ExitCode::from(Kind::Other.exit_code());
        }
    };
    match runtime.block_on(cli::run(cli, &ui)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.kind == Kind::Changes => ExitCode::from(Kind::Changes.exit_code()),
        Err(failure) => {
            ui.failure(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}
