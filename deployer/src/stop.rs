//! How a user stops a command: the first Ctrl-C begins nothing new, the second ends at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Kind;

/// Turns true at the first Ctrl-C, SIGTERM or SIGHUP; the second ends the process.
///
/// Ending at any moment is safe: the world is the state, and the next run finishes the job.
pub fn requested() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        terminated().await;
        sender.send_replace(true);
        terminated().await;
        #[expect(clippy::exit, reason = "the user asked twice")]
        std::process::exit(i32::from(Kind::Cancelled.exit_code()));
    });
    receiver
}

/// Until the process is asked to end.
pub async fn terminated() {
    let wait = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = wait(SignalKind::interrupt()) => {}
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::hangup()) => {}
    }
}
