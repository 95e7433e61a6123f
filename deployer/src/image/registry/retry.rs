//! When to try again, and how long to wait first.

use std::time::Duration;

use aws_lc_rs::rand;
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};

/// How often a step is tried in all.
pub(super) const TRIES: u32 = 4;
const FIRST: Duration = Duration::from_millis(200);
/// However long a registry asks for.
const LONGEST: Duration = Duration::from_secs(30);

/// May an answer of this status be another one in a moment?
pub(super) fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 429)
}

/// Waits after the failed `attempt` (from 1): as long as was asked, else doubling with jitter, so
/// that many who failed together do not come back together.
pub(super) async fn pause(attempt: u32, asked: Option<Duration>) {
    let longest = FIRST * 2_u32.pow(attempt - 1);
    let mut random = [0_u8];
    // Without randomness there is no jitter, and still a wait.
    let _ = rand::fill(&mut random);
    let jittered = longest / 2 + longest / 2 * u32::from(random[0]) / 255;
    tokio::time::sleep(asked.unwrap_or(jittered).min(LONGEST)).await;
}

/// The seconds of a `Retry-After` header (RFC 9110, 10.2.3); its form with a date is not used here.
pub(super) fn asked(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
