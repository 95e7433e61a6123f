//! What all requests share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::Semaphore;

use crate::assets::Assets;
use crate::fractal::renderer::Renderer;
use crate::metrics::Metrics;
use crate::mock::workspaces::Workspaces;
use crate::pages::Pages;
use crate::settings::Settings;
use crate::toolbox;
use crate::visitor::Allowance;
use crate::worker::pool::Pool;

/// Settings and everything made once from them.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) settings: Settings,
    pub(crate) pages: Pages,
    pub(crate) assets: Assets,
    pub(crate) renderer: Renderer,
    pub(crate) metrics: Metrics,
    pub(crate) allowance: Allowance,
    /// Megabytes of uploads that may still be held.
    pub(crate) uploads: Semaphore,
    pub(crate) workers: Pool,
    /// Mock API servers of visitors.
    pub(crate) workspaces: Workspaces,
    /// Whether the process was asked to stop.
    pub(crate) stopping: Arc<AtomicBool>,
}

impl Site {
    /// `program` is the web app itself, for its workers.
    pub(crate) fn new(settings: Settings, program: PathBuf, stopping: Arc<AtomicBool>) -> Self {
        Self {
            pages: Pages::compiled(),
            assets: Assets::embedded(),
            renderer: Renderer::new(),
            metrics: Metrics::new(&settings.build_id),
            allowance: Allowance::new(),
            uploads: Semaphore::new(toolbox::BUDGET as usize),
            workers: Pool::new(program),
            workspaces: Workspaces::open(&settings),
            stopping,
            settings,
        }
    }
}
