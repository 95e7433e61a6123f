//! What the lease looked like before the clouds were looked at.

use std::time::Duration;

use super::record::{Applied, Record};

/// One look at the lease. It proves, when the lease is acquired from it later, that nobody else acquired or released
/// it in between: what was observed since is still true as far as other deployers go.
#[derive(Debug, Clone)]
pub struct Seen {
    pub(super) version: Version,
    pub(super) standing: Standing,
    pub(super) record: Record,
    /// The server's time of the look, as text.
    pub(super) at: String,
}

/// What an exchange must find unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Version {
    NoBucket,
    NoObject,
    Etag(String),
}

impl Version {
    pub(super) fn etag(&self) -> Option<&str> {
        match self {
            Self::Etag(etag) => Some(etag),
            Self::NoBucket | Self::NoObject => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Free,
    /// Somebody else has it, and if they are gone it is free after this long.
    Taken {
        expires_in: Duration,
    },
}

impl Seen {
    /// No lease at all, for an environment that does without.
    pub(crate) fn nothing() -> Self {
        Self {
            version: Version::NoBucket,
            standing: Standing::Free,
            record: Record::default(),
            at: String::new(),
        }
    }

    /// Whether there is not even a bucket: `down` has nothing to remove.
    pub fn is_nothing(&self) -> bool {
        self.version == Version::NoBucket
    }

    /// What the last holder applied; empty when nobody knows.
    pub fn applied(&self) -> &Applied {
        &self.record.applied
    }

    /// Who else has it now, with command and time; `None` when it is free.
    pub fn holder(&self) -> Option<String> {
        match self.standing {
            Standing::Free => None,
            Standing::Taken { .. } => Some(self.record.who()),
        }
    }
}
