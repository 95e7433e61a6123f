//! Identifiers in the vendors' shapes.
//!
//! They come from the system's generator. A simulation [seeds] the thread it runs on instead: everything of it happens
//! on that one thread, and a generator handed to each of the many places that make an identifier would be in the way of
//! reading them.
//!
//! [seeds]: Seeded

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::rand;

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const HEX: &[u8; 16] = b"0123456789abcdef";

thread_local! {
    /// Number of the seed and state of this thread's generator; none: the system's is asked.
    static STATE: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
}

/// Seeds so far, to tell them apart.
static SEEDS: AtomicU64 = AtomicU64::new(0);

/// As long as this lives, identifiers of the thread on which it began follow from the seed; the newest seed counts.
#[derive(Debug)]
pub(crate) struct Seeded {
    number: u64,
}

impl Seeded {
    pub(crate) fn with(seed: u64) -> Self {
        let number = SEEDS.fetch_add(1, Ordering::Relaxed);
        STATE.set(Some((number, seed)));
        Self { number }
    }
}

impl Drop for Seeded {
    fn drop(&mut self) {
        if STATE.get().is_some_and(|(number, _)| number == self.number) {
            STATE.set(None);
        }
    }
}

/// An OCID, `ocid1.<kind>.oc1.<region>.<60 base32 letters>`; `region` is empty for global kinds.
pub fn ocid(kind: &str, region: &str) -> String {
    let mut id = format!("ocid1.{kind}.oc1.{region}.");
    id.extend(bytes::<60>().iter().map(|b| char::from(BASE32[usize::from(b & 31)])));
    id
}

/// `N` random bytes in lower-case hex.
pub fn hex<const N: usize>() -> String {
    let mut text = String::with_capacity(2 * N);
    for byte in bytes::<N>() {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    text
}

/// An opaque word for URLs, of 160 bits.
pub fn token() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes::<20>())
}

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    match STATE.get() {
        Some((number, mut state)) => {
            for chunk in out.chunks_mut(8) {
                chunk.copy_from_slice(&split_mix(&mut state).to_le_bytes()[..chunk.len()]);
            }
            STATE.set(Some((number, state)));
        }
        None => rand::fill(&mut out).expect("the system's random generator works"),
    }
    out
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
pub(crate) fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_identifiers_and_its_end_ends_that() {
        let drawn = |seed| {
            let _seeded = Seeded::with(seed);
            (ocid("vcn", "uk-london-1"), hex::<16>(), token())
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert_ne!(token(), token());
    }
}
