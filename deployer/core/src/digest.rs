//! Short names for content.

use aws_lc_rs::digest::{SHA256, digest};

/// The first `length` hex letters of the SHA-256 of `content`.
pub fn short(content: &[u8], length: usize) -> String {
    let letter = |nibble: u8| char::from_digit(u32::from(nibble), 16);
    let digest = digest(&SHA256, content);
    let nibbles = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(letter).take(length).collect()
}
