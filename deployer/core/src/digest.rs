//! Short names for content.

use aws_lc_rs::digest::{SHA256, digest};

/// The first `length` hex letters of the SHA-256 of `content`.
pub fn short(content: &[u8], length: usize) -> String {
    let full: String =
        digest(&SHA256, content).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    full[..length.min(full.len())].to_owned()
}
