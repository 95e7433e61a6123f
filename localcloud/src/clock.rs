//! The one source of time; tests may move it forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const VENDOR: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// How far a clock can be moved forward: a century.
const FARTHEST_MS: i64 = 36_525 * 86_400_000;

/// A time that passes, plus a displacement.
#[derive(Debug, Default)]
pub struct Clock {
    passing: Passing,
    ahead_ms: AtomicI64,
}

#[derive(Debug, Default)]
enum Passing {
    #[default]
    Wall,
    /// As tokio's does, which a simulation pauses: what waits for tokio and what asks this clock agree.
    Tokio { start: OffsetDateTime, began: tokio::time::Instant },
}

impl Clock {
    /// A clock that shows `start` now and goes as tokio's does.
    pub fn following_tokio(start: OffsetDateTime) -> Self {
        let passing = Passing::Tokio { start, began: tokio::time::Instant::now() };
        Self { passing, ahead_ms: AtomicI64::default() }
    }

    /// The present, UTC.
    pub fn now(&self) -> OffsetDateTime {
        self.undisplaced() + self.ahead()
    }

    /// The present of whoever does not go by this clock: clients that sign, browsers.
    pub(crate) fn undisplaced(&self) -> OffsetDateTime {
        match &self.passing {
            Passing::Wall => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                OffsetDateTime::UNIX_EPOCH + since_epoch
            }
            Passing::Tokio { start, began } => *start + began.elapsed(),
        }
    }

    /// How far it was moved forward.
    pub(crate) fn ahead(&self) -> time::Duration {
        time::Duration::milliseconds(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// The present as the vendors write it: RFC 3339 with milliseconds and `Z`.
    pub fn stamp(&self) -> String {
        stamp(self.now())
    }

    /// Moves this cloud's present forward; certificates age, nothing sleeps. False, and nothing moves, when it would be
    /// more than a century ahead.
    pub fn advance(&self, by: std::time::Duration) -> bool {
        let Ok(by) = i64::try_from(by.as_millis()) else { return false };
        let farther = |ahead: i64| ahead.checked_add(by).filter(|ahead| *ahead <= FARTHEST_MS);
        self.ahead_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, farther).is_ok()
    }
}

/// A moment as the vendors write it.
pub fn stamp(moment: OffsetDateTime) -> String {
    moment.format(VENDOR).unwrap_or_default()
}
