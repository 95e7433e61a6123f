//! What a job may cost. What cannot be counted here is bounded by the process that it runs in.

use crate::{Refusal, Why};

/// Files of one job.
pub const FILES: usize = 64;
/// Pages of one document, made or read.
pub const PAGES: usize = 2_000;
/// Steps in one walk over a page tree, an outline or a chain of parents.
pub const STEPS: usize = 100_000;
/// Bytes that one stream may decompress to while a document is read.
pub const STREAM_BYTES: usize = 64 << 20;
/// Bytes of all results of one job.
pub const OUTPUT_BYTES: usize = 256 << 20;
/// Longest side of a page that is drawn, in points: 200 inches.
pub const SIDE: f32 = 14_400.0;

/// Refuses a `found` number of `things` above its limit.
pub(super) fn check(
    file: Option<usize>,
    things: &str,
    found: usize,
    limit: usize,
) -> Result<(), Refusal> {
    if found <= limit {
        return Ok(());
    }
    let detail = format!("{found} {things} are more than the limit of {limit}");
    Err(Refusal { why: Why::TooLarge, file, option: None, detail })
}
