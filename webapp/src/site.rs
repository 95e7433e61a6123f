//! What every request shares: settings, compiled templates, embedded assets, places at the drawing board.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::assets::Assets;
use crate::pages::Pages;
use crate::settings::Settings;

/// Pictures drawn at one time; each already uses every core.
const DRAWN_AT_ONCE: usize = 2;

/// The state behind the routes, immutable but for the semaphore.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) settings: Settings,
    pub(crate) pages: Pages,
    pub(crate) assets: Assets,
    pub(crate) drawing: Arc<Semaphore>,
}

impl Site {
    pub(crate) fn new(settings: Settings) -> Self {
        let assets = Assets::embedded();
        let pages = Pages::compiled();
        Self { settings, pages, assets, drawing: Arc::new(Semaphore::new(DRAWN_AT_ONCE)) }
    }
}
