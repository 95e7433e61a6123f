//! The one source of time; tests may move it forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const VENDOR: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

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
        let now = match &self.passing {
            Passing::Wall => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                OffsetDateTime::UNIX_EPOCH + since_epoch
            }
            Passing::Tokio { start, began } => *start + began.elapsed(),
        };
        now + time::Duration::milliseconds(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// The present as the vendors write it: RFC 3339 with milliseconds and `Z`.
    pub fn stamp(&self) -> String {
        stamp(self.now())
    }

    /// Moves this cloud's present forward; certificates age, nothing sleeps.
    pub fn advance(&self, by: std::time::Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(by, Ordering::Relaxed);
    }
}

/// A moment as the vendors write it.
pub fn stamp(moment: OffsetDateTime) -> String {
    moment.format(VENDOR).unwrap_or_default()
}
