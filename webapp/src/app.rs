//! The app as a process holds it: what answers, and what is done beside answering.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;

use crate::routes;
use crate::settings::Settings;
use crate::site::Site;

/// How often what changed is written down and what nobody uses is forgotten.
const TIDIED_EVERY: Duration = Duration::from_secs(2);

/// The site of one process.
#[derive(Debug, Clone)]
pub struct App(Arc<Site>);

impl App {
    /// `program` is what workers are started from; once `stopping` is set the site says that it is not ready.
    #[must_use]
    pub fn new(settings: Settings, program: PathBuf, stopping: Arc<AtomicBool>) -> Self {
        Self(Arc::new(Site::new(settings, program, stopping)))
    }

    /// Everything that the site answers.
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.0))
    }

    /// Keeps house for as long as it is polled.
    pub async fn keep(self) {
        let mut rounds = tokio::time::interval(TIDIED_EVERY);
        loop {
            rounds.tick().await;
            let site = Arc::clone(&self.0);
            // A round that panicked has said so; the next one may succeed.
            let _ = tokio::task::spawn_blocking(move || site.workspaces.tidy()).await;
        }
    }

    /// Keeps house for the last time.
    pub fn settle(&self) {
        self.0.workspaces.tidy();
    }
}
