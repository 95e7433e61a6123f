//! The process: settings from the environment, one listener, an orderly end on SIGTERM or SIGINT.
//! Exit codes: 0 stopped when asked, 1 could not serve, 2 wrong settings. All that is said goes to stderr.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use webapp::App;
use webapp::serve::{Drained, serve};
use webapp::settings::Settings;
use webapp::worker;

/// How long requests in flight may take to finish once the process is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(worker::ARGUMENT) {
        return worker::main();
    }
    let settings = match Settings::read(|name| std::env::var(name)) {
        Ok(settings) => settings,
        Err(wrong) => {
            say(&format!("webapp: {wrong}"));
            return ExitCode::from(2);
        }
    };
    match run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("webapp: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(settings: Settings) -> io::Result<()> {
    tracing_subscriber::fmt().with_ansi(false).with_writer(io::stderr).with_target(false).init();
    let runtime = Runtime::new()?;
    let served = runtime.block_on(listen(settings));
    // A picture that nobody waits for any more must not delay the exit.
    runtime.shutdown_background();
    served
}

async fn listen(settings: Settings) -> io::Result<()> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let address = settings.address;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })?;
    say(&format!(
        "webapp: {} (build {}) listening on {}",
        settings.app_name,
        settings.build_id,
        listener.local_addr()?
    ));
    let stopping = Arc::new(AtomicBool::new(false));
    let app = App::new(settings, std::env::current_exe()?, Arc::clone(&stopping));
    let housekeeping = tokio::spawn(app.clone().keep());
    let asked_to_stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.store(true, Ordering::Relaxed);
        say("webapp: stopping, requests in flight are finished first");
    };
    if serve(listener, app.router(), asked_to_stop, GRACE).await? == Drained::Abandoned {
        say(&format!("webapp: stopped with requests unfinished after {} s", GRACE.as_secs()));
    }
    housekeeping.abort();
    app.settle();
    Ok(())
}

/// The one place that writes for people. A closed stderr is no reason to stop serving.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
