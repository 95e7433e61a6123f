//! The gate that every changing call asks before it is sent.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::held::Lease;
use crate::failure::{Failure, Kind};

/// Why nothing may be written any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    #[error("{by} took the lease over")]
    Taken { by: String },
    #[error("the lease could not be renewed for {} s", .since.as_secs())]
    Unrenewed { since: Duration },
    #[error("the lease is not held")]
    NotHeld,
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        let kind = match lost {
            Lost::Taken { .. } => Kind::Locked,
            Lost::Unrenewed { .. } => Kind::TimedOut,
            Lost::NotHeld => Kind::Bug,
        };
        Self::new(kind, lost.to_string())
            .hint("what was done stays; run the command again to go on")
    }
}

/// Shut until a lease is held. Clones are the same gate, so that it can be built into a transport before anything is
/// known of a lease.
#[derive(Debug, Clone, Default)]
pub struct Fence(Arc<RwLock<Gate>>);

#[derive(Debug, Default)]
enum Gate {
    #[default]
    Shut,
    Held(Lease),
    Open,
}

impl Fence {
    /// Lets everything through: the environment says `lease = false`.
    pub fn open(&self) {
        self.set(Gate::Open);
    }

    /// From now on `lease` is asked.
    pub fn hold(&self, lease: Lease) {
        self.set(Gate::Held(lease));
    }

    /// Lets nothing through.
    pub fn shut(&self) {
        self.set(Gate::Shut);
    }

    fn set(&self, gate: Gate) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = gate;
    }

    /// Asked before each changing call; reading needs no leave.
    ///
    /// # Errors
    /// When no lease is held, or the held one may have passed to somebody else before the call is over.
    pub fn may_write(&self) -> Result<(), Lost> {
        match &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            Gate::Shut => Err(Lost::NotHeld),
            Gate::Held(lease) => lease.may_write(),
            Gate::Open => Ok(()),
        }
    }
}
