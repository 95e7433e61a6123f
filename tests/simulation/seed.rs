//! Randomness that is the same on every machine, and the line that replays it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::wire::locked;

/// `SplitMix64`.
#[derive(Debug, Clone)]
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Evenly spread in `0..end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let position = usize::try_from(self.below(of.len() as u64)).unwrap();
        &of[position]
    }
}

/// The share of the seeds that is run when nobody asks for all of them with `SIMULATION=all`.
const SHARE: u64 = 8;

/// Whether all seeds are run.
pub(crate) fn all() -> bool {
    std::env::var("SIMULATION").is_ok_and(|which| which == "all")
}

/// Runs `history` for a share of the seeds in `0..count`, or for all.
///
/// # Panics
/// As [`each`].
pub(crate) fn some(test: &str, count: u64, history: impl Fn(u64) -> Result<(), String> + Sync) {
    each(test, if all() { count } else { count / SHARE }, history);
}

/// Seeds that fail before the rest is let be.
const FAILURES: usize = 8;

/// Runs `history` for every seed in `0..count` on all cores. `SIMULATION_SEED=N` runs that one alone.
///
/// # Panics
/// When a seed fails, with the line that replays it.
pub(crate) fn each(test: &str, count: u64, history: impl Fn(u64) -> Result<(), String> + Sync) {
    if let Some(seed) = std::env::var("SIMULATION_SEED").ok().and_then(|seed| seed.parse().ok()) {
        history(seed).unwrap_or_else(|why| panic!("{}", told(test, seed, &why)));
        return;
    }
    let next = AtomicU64::new(0);
    let failures = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= count || locked(&failures).len() >= FAILURES {
                break;
            }
            if let Err(why) = history(seed) {
                locked(&failures).insert(seed, why);
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    let failures = locked(&failures);
    if !failures.is_empty() {
        let told = failures.iter().map(|(seed, why)| told(test, *seed, why));
        panic!("{}", told.collect::<Vec<_>>().join("\n\n"));
    }
}

fn told(test: &str, seed: u64, why: &str) -> String {
    format!(
        "seed {seed}: {why}\n\nreplay: SIMULATION_SEED={seed} cargo test --workspace --test simulation -- --exact {test}"
    )
}
