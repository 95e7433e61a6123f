//! When a failed call is made again, and after what wait.
//!
//! Waits follow decorrelated jitter; all calls of one client share a budget, so that a broken service
//! is not answered with a storm of retries.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::Method;

use crate::error::{Error, Kind};

/// How often and how long a client tries.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Tries of one call, the first included.
    pub attempts: u32,
    /// The shortest wait between two tries.
    pub shortest_wait: Duration,
    /// The longest wait that the client chooses by itself.
    pub longest_wait: Duration,
    /// The longest `Retry-After` that is honoured; a service that asks for more gets no retry.
    pub longest_retry_after: Duration,
    /// Retries that all calls together have in hand at the start; a success gives a tenth back.
    pub budget: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 8,
            shortest_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(120),
            budget: 50,
        }
    }
}

/// What makes it safe to send the same request twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Safety {
    /// A second copy has no further effect.
    Idempotent,
    /// A second copy might do the work twice.
    Once,
}

impl Safety {
    /// `guarded`: the request carries a retry token, `if-match` or `if-none-match`.
    pub(crate) fn of(method: &Method, guarded: bool) -> Self {
        let repeatable = matches!(*method, Method::GET | Method::HEAD | Method::DELETE);
        if repeatable || guarded { Self::Idempotent } else { Self::Once }
    }
}

/// Whether the same request may be sent again after `error`.
///
/// A request that is not idempotent goes again only if the service surely did nothing: it was never
/// reached, or refused for the rate.
pub(crate) fn may_repeat(error: &Error, safety: Safety) -> bool {
    match error.kind() {
        Kind::RateLimited => true,
        Kind::Unreachable => safety == Safety::Idempotent || !error.may_have_happened(),
        Kind::IncorrectState | Kind::Unavailable => safety == Safety::Idempotent,
        _ => false,
    }
}

/// The retries that are left, and the randomness of waits; shared by all calls of a client.
#[derive(Debug)]
pub(crate) struct Budget {
    policy: Policy,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tenths: u32,
    random: u64,
}

/// What one retry costs, in the tenths that the budget is kept in.
const COST: u32 = 10;

impl Budget {
    pub(crate) fn new(policy: Policy, seed: u64) -> Self {
        let tenths = policy.budget.saturating_mul(COST);
        Self { policy, state: Mutex::new(State { tenths, random: seed }) }
    }

    /// A success earns a tenth of a retry.
    pub(crate) fn succeeded(&self) {
        let most = self.policy.budget.saturating_mul(COST);
        let mut state = self.lock();
        state.tenths = state.tenths.saturating_add(1).min(most);
    }

    /// The wait before the next try, or `None` when there should be none.
    pub(crate) fn wait(&self, attempt: u32, last: Duration, error: &Error) -> Option<Duration> {
        if attempt >= self.policy.attempts {
            return None;
        }
        let asked = error.retry_after().unwrap_or_default();
        if asked > self.policy.longest_retry_after {
            return None;
        }
        let mut state = self.lock();
        state.tenths = state.tenths.checked_sub(COST)?;
        let shortest = self.policy.shortest_wait;
        let spread = (last * 3).max(shortest).saturating_sub(shortest);
        let chosen = shortest + spread.mul_f64(state.fraction());
        Some(chosen.min(self.policy.longest_wait).max(asked))
    }

    /// 64 random bits.
    pub(crate) fn random(&self) -> u64 {
        self.lock().next()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `SplitMix64`: small, and good enough to spread waits and name requests.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Evenly spread in 0..1.
    fn fraction(&mut self) -> f64 {
        let bits = u32::try_from(self.next() >> 32).expect("32 bits are left after the shift");
        f64::from(bits) / (f64::from(u32::MAX) + 1.0)
    }
}
