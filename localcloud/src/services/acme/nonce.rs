//! Nonces: each good for one request, for an hour (RFC 8555 section 6.5).

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

use crate::ids;

const KEPT: usize = 10_000;
const LIFETIME: Duration = Duration::HOUR;

/// The nonces that were given out and not yet used. A restart forgets them; clients then meet one `badNonce`.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    given: HashMap<String, OffsetDateTime>,
    /// In the order they were given, used ones included: the oldest makes room.
    order: VecDeque<String>,
}

impl Nonces {
    /// A new nonce.
    pub(super) fn issue(&self, now: OffsetDateTime) -> String {
        let nonce = ids::token();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.order.len() >= KEPT
            && let Some(oldest) = open.order.pop_front()
        {
            open.given.remove(&oldest);
        }
        open.order.push_back(nonce.clone());
        open.given.insert(nonce.clone(), now + LIFETIME);
        nonce
    }

    /// Uses a nonce up; whether it was good.
    pub(super) fn redeem(&self, nonce: &str, now: OffsetDateTime) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.given.remove(nonce).is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, KEPT, Nonces, OffsetDateTime};

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn a_nonce_is_good_once() {
        let nonces = Nonces::default();
        let nonce = nonces.issue(NOW);
        assert!(nonces.redeem(&nonce, NOW));
        assert!(!nonces.redeem(&nonce, NOW));
    }

    #[test]
    fn a_nonce_is_good_for_an_hour() {
        let nonces = Nonces::default();
        let nonce = nonces.issue(NOW);
        assert!(!nonces.redeem(&nonce, NOW + Duration::HOUR));
    }

    #[test]
    fn a_flood_of_nonces_forgets_the_oldest() {
        let nonces = Nonces::default();
        let first = nonces.issue(NOW);
        for _ in 0..KEPT {
            nonces.issue(NOW);
        }
        assert!(!nonces.redeem(&first, NOW));
    }
}
