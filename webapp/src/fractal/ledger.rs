//! How much computing each visitor may still ask for. A job is paid for before it begins, with what it should cost at
//! most, and what it did not take is paid back.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds of computing on a full account, and how many come back in a second.
const FULL: f64 = 60.0;
const PER_SECOND: f64 = 0.5;
/// How many accounts are kept before the full ones are forgotten.
const REMEMBERED: usize = 10_000;

/// The accounts of all visitors; those whom nobody vouches for share one.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<HashMap<Option<IpAddr>, Account>>);

#[derive(Debug, Clone, Copy)]
struct Account {
    seconds: f64,
    at: Instant,
}

impl Account {
    fn at(self, now: Instant) -> Self {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        Self { seconds: (self.seconds + since * PER_SECOND).min(FULL), at: now }
    }
}

impl Ledger {
    /// Takes the price of a job, or says in how many seconds there is enough.
    pub(super) fn pay(
        &self,
        visitor: Option<IpAddr>,
        price: Duration,
        now: Instant,
    ) -> Result<(), u32> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() > REMEMBERED {
            accounts.retain(|_, account| account.at(now).seconds < FULL);
        }
        let account = accounts.entry(visitor).or_insert(Account { seconds: FULL, at: now });
        *account = account.at(now);
        // Whoever has a full account may ask for what costs more than that, once.
        let missing = price.as_secs_f64().min(FULL) - account.seconds;
        if missing > 0.0 {
            return Err(seconds(missing / PER_SECOND));
        }
        account.seconds -= price.as_secs_f64();
        Ok(())
    }

    /// Puts right what a job was paid for by what it took.
    pub(super) fn settle(&self, visitor: Option<IpAddr>, price: Duration, took: Duration) {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get_mut(&visitor) {
            account.seconds += price.as_secs_f64() - took.as_secs_f64();
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few minutes")]
fn seconds(wait: f64) -> u32 {
    wait.ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISITOR: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    #[test]
    fn an_empty_account_says_when_there_is_enough() {
        let (ledger, now, price) = (Ledger::default(), Instant::now(), Duration::from_secs(20));
        assert!((0..3).all(|_| ledger.pay(VISITOR, price, now).is_ok()));
        assert_eq!(ledger.pay(VISITOR, price, now), Err(40));
        assert_eq!(ledger.pay(None, price, now), Ok(()));
        assert_eq!(ledger.pay(VISITOR, price, now + Duration::from_secs(40)), Ok(()));
    }

    #[test]
    fn what_a_job_did_not_take_is_paid_back() {
        let (ledger, now, price) = (Ledger::default(), Instant::now(), Duration::from_secs(60));
        assert_eq!(ledger.pay(VISITOR, price, now), Ok(()));
        ledger.settle(VISITOR, price, Duration::from_secs(1));
        assert_eq!(ledger.pay(VISITOR, Duration::from_secs(59), now), Ok(()));
    }

    #[test]
    fn what_costs_more_than_a_full_account_can_be_had_once() {
        let (ledger, now, price) = (Ledger::default(), Instant::now(), Duration::from_secs(90));
        assert_eq!(ledger.pay(VISITOR, price, now), Ok(()));
        assert_eq!(ledger.pay(VISITOR, price, now), Err(180));
    }
}
