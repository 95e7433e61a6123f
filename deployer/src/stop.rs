//! How a user stops a command. Ctrl-C ends it, unless it is changing things: then nothing new is begun, what is under
//! way is finished, and a second Ctrl-C ends it at once.
//!
//! Ending at any moment is safe: the world is the state, and the next run finishes the job.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Kind;

/// Whether the user asked to stop, and whether the command must come to an orderly end first.
#[derive(Debug, Clone)]
pub struct Stop {
    asked: watch::Receiver<bool>,
    orderly: Arc<AtomicUsize>,
}

impl Stop {
    /// Listens for Ctrl-C, SIGTERM and SIGHUP from now on; the second of them ends the process.
    pub fn listen() -> Self {
        let (sender, asked) = watch::channel(false);
        tokio::spawn(async move {
            terminated().await;
            sender.send_replace(true);
            terminated().await;
            std::process::exit(i32::from(Kind::Cancelled.exit_code()));
        });
        Self { asked, orderly: Arc::default() }
    }

    /// Nobody ever asks: for runs that no terminal belongs to.
    pub fn never() -> Self {
        Self { asked: watch::channel(false).1, orderly: Arc::default() }
    }

    /// Somebody has asked already.
    #[cfg(test)]
    pub(crate) fn at_hand() -> Self {
        Self { asked: watch::channel(true).1, orderly: Arc::default() }
    }

    /// From now on, and as long as the answer lives, the command ends by itself when it is asked to.
    pub fn orderly(&self) -> Orderly {
        self.orderly.fetch_add(1, Ordering::SeqCst);
        Orderly(Arc::clone(&self.orderly))
    }

    pub fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Until the user asks.
    pub async fn asked(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Until the user asks while nothing needs an orderly end.
    pub async fn at_once(&self) {
        self.asked().await;
        if self.orderly.load(Ordering::SeqCst) > 0 {
            std::future::pending::<()>().await;
        }
    }
}

/// A part of a command that ends by itself; see [`Stop::orderly`].
#[derive(Debug)]
pub struct Orderly(Arc<AtomicUsize>);

impl Drop for Orderly {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
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
