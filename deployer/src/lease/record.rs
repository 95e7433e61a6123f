//! What the lease's object says: who holds it, since when, and which writing of it this is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind};

/// Version of the form; a higher one was written by a newer deployer.
pub(super) const SCHEMA: u32 = 1;
/// Limits of what another holder's record may ask us to wait for.
const SHORTEST: u64 = 1;
const LONGEST: u64 = 3600;
/// The lifetime of a record that does not say one.
const USUAL: u64 = 120;

/// Address to digest of what was applied last: tells drift from change in a plan, and decides nothing.
pub type Applied = BTreeMap<String, String>;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    #[default]
    Held,
    Released,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub schema: u32,
    /// Grows with each acquisition.
    pub epoch: u64,
    /// Names one command of one operator.
    pub nonce: String,
    /// Grows with each writing under one nonce, so that a holder knows which of its own it reads back.
    pub count: u64,
    /// `user@host`.
    pub holder: String,
    /// Names the folder whose lock file the holder has.
    pub place: String,
    pub command: String,
    /// When it was acquired, RFC 3339; only shown.
    pub since: String,
    pub state: State,
    pub ttl_seconds: u64,
    pub applied: Applied,
}

impl Record {
    /// What an object says. Text that is none of ours is a holder that nobody knows: it expires like any other.
    ///
    /// # Errors
    /// When a newer deployer wrote it.
    pub(super) fn read(content: &[u8]) -> Result<Self, Failure> {
        let record: Self = serde_json::from_slice(content).unwrap_or_default();
        if record.schema > SCHEMA {
            return Err(Failure::new(
                Kind::Refused,
                format!("the lease was written by a newer deployer, for {}", record.who()),
            )
            .hint("use that version for this environment"));
        }
        Ok(record)
    }

    pub(super) fn written(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("text, numbers and maps of text are JSON")
    }

    /// Whether `other` is the very same writing.
    pub(super) fn is_same_writing(&self, other: &Self) -> bool {
        (&self.nonce, self.count) == (&other.nonce, other.count)
    }

    /// How long it is valid after it was written.
    pub(super) fn ttl(&self) -> Duration {
        let seconds = if self.ttl_seconds == 0 { USUAL } else { self.ttl_seconds };
        Duration::from_secs(seconds.clamp(SHORTEST, LONGEST))
    }

    /// The holder, as a person is told.
    pub(super) fn who(&self) -> String {
        let or = |text: &str, otherwise: &str| {
            if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
        };
        let holder = or(&self.holder, "somebody unknown");
        let command = or(&self.command, "deployer");
        format!("{holder} (`{command}` since {})", or(&self.since, "an unknown time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_read_is_held_by_somebody_unknown_until_it_expires() {
        let record = Record::read(b"edited by hand").unwrap();
        assert_eq!(record.state, State::Held);
        assert_eq!(record.ttl(), Duration::from_mins(2));
        assert!(record.who().starts_with("somebody unknown"));
    }

    #[test]
    fn a_record_of_a_newer_deployer_is_refused() {
        let failure = Record::read(br#"{"schema": 2, "holder": "bob@desk"}"#).unwrap_err();
        assert_eq!(failure.kind, Kind::Refused);
        assert!(failure.message.contains("bob@desk"));
    }

    #[test]
    fn nobody_can_ask_for_more_patience_than_an_hour() {
        let record = Record { ttl_seconds: u64::MAX, ..Record::default() };
        assert_eq!(record.ttl(), Duration::from_hours(1));
    }
}
