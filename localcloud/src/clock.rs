//! The one source of time; tests may move it forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const VENDOR: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Wall time plus a displacement.
#[derive(Debug, Default)]
pub struct Clock {
    ahead_ms: AtomicI64,
}

impl Clock {
    /// The present, UTC.
    pub fn now(&self) -> OffsetDateTime {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ahead = time::Duration::milliseconds(self.ahead_ms.load(Ordering::Relaxed));
        OffsetDateTime::UNIX_EPOCH + since_epoch + ahead
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
