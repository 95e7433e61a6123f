//! Time as this crate sees it: what time it is, and waiting. A test replaces both.

use std::{fmt, pin::Pin, time::Duration};

use time::OffsetDateTime;

/// A wait under way.
pub type Sleeping<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where the time comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now, in UTC.
    fn now(&self) -> OffsetDateTime;

    /// Returns after `duration` has passed.
    fn sleep(&self, duration: Duration) -> Sleeping<'_>;
}

/// The clock of this machine. Waiting needs a running tokio runtime with its timer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn sleep(&self, duration: Duration) -> Sleeping<'_> {
        Box::pin(tokio::time::sleep(duration))
    }
}
