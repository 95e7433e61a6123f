//! A moment that time is counted from.

use std::time::Duration;

use oci::Client;
use time::OffsetDateTime;
use tokio::time::Instant;

/// A moment on both clocks of this machine: the steady one stands still while a laptop sleeps, and the other one can be
/// set back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    steady: Instant,
    shown: OffsetDateTime,
}

impl Moment {
    pub(super) fn now(client: &Client) -> Self {
        Self { steady: Instant::now(), shown: client.clock().now() }
    }

    /// How long ago, by the clock that went further.
    pub(super) fn elapsed(&self, client: &Client) -> Duration {
        let shown = Duration::try_from(client.clock().now() - self.shown).unwrap_or_default();
        self.steady.elapsed().max(shown)
    }

    /// How long ago, by the clock that nobody can set.
    pub(super) fn watched(&self) -> Duration {
        self.steady.elapsed()
    }
}
