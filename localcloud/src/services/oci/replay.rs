//! `opc-retry-token`: a call that is sent twice is carried out once.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::call::{Answer, Call};
use super::failure::Failure;
use crate::table::Table;

const VALID_FOR: Duration = Duration::hours(24);

/// The answers of the calls that carried a token, by operation and token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Replays {
    kept: Table<Kept>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    body_hash: String,
    /// Seconds since 1970.
    time: i64,
    answer: Answer,
    /// Whether what the call made was deleted since.
    invalidated: bool,
}

impl Replays {
    /// The answer that the token's first call got; none for a new token.
    ///
    /// # Errors
    /// 409 when the token came with another body, or when what it made is deleted.
    pub(crate) fn find(&self, call: &Call, now: OffsetDateTime) -> Result<Option<Answer>, Failure> {
        let Some(kept) = key(call).and_then(|key| self.kept.get(&key)) else { return Ok(None) };
        if now.unix_timestamp() - kept.time > VALID_FOR.whole_seconds() {
            return Ok(None);
        }
        if kept.invalidated || kept.body_hash != hash(call) {
            let message =
                "The retry token was used for another request, or for a resource that is deleted.";
            return Err(Failure::new(StatusCode::CONFLICT, "InvalidatedRetryToken", message));
        }
        Ok(Some(kept.answer.clone()))
    }

    /// Keeps the answer of a call that carried a token.
    pub(crate) fn keep(&mut self, call: &Call, answer: &Answer, now: OffsetDateTime) {
        let now = now.unix_timestamp();
        self.kept.retain(|_, kept| now - kept.time <= VALID_FOR.whole_seconds());
        if let Some(key) = key(call) {
            let kept = Kept {
                body_hash: hash(call),
                time: now,
                answer: answer.clone(),
                invalidated: false,
            };
            self.kept.insert(key, kept);
        }
    }

    /// Makes the tokens of something that was deleted, and of all below it, good for nothing.
    pub(crate) fn invalidate(&mut self, deleted: &str) {
        let below = |made: &str| {
            made.strip_prefix(deleted).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        };
        self.kept.change_where(
            |kept| kept.answer.made.as_deref().is_some_and(below),
            |kept| kept.invalidated = true,
        );
    }
}

/// The same token may be used for different operations and different parents.
fn key(call: &Call) -> Option<String> {
    let token = call.header("opc-retry-token").filter(|token| !token.is_empty())?;
    let parameters: Vec<&str> = call.parameters().values().map(String::as_str).collect();
    Some(format!("{} {} {token}", call.name(), parameters.join("/")))
}

fn hash(call: &Call) -> String {
    STANDARD.encode(digest(&SHA256, &call.bytes))
}
