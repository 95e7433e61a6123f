//! The lease while it is held: what may be done under it, its renewal, and its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Pace;
use super::fence::Lost;
use super::moment::Moment;
use super::record::{Applied, Record, State};
use super::shelf::{Shelf, Sight, Written};
use crate::failure::{Failure, Kind};

/// How long letting go may take: somebody may have pressed Ctrl-C.
const FAREWELL: Duration = Duration::from_secs(10);
/// Between two tries of a renewal that failed.
const PAUSE: Duration = Duration::from_secs(3);
/// How often a removal is tried anew because a renewal of our own came between.
const TRIES: usize = 5;

/// Leave to change the clouds. Clones are the same lease.
#[derive(Debug, Clone)]
pub struct Lease(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shelf: Arc<Shelf>,
    pace: Pace,
    record: Record,
    state: Mutex<Status>,
}

#[derive(Debug)]
struct Status {
    etag: String,
    /// Before the last writing that succeeded was sent: nobody can count its lifetime from an earlier moment.
    renewed: Moment,
    ended: Option<Lost>,
}

/// Why a writing gave no new etag.
enum Unwritten {
    Lost(Lost),
    Failed(Failure),
}

impl Lease {
    pub(super) fn new(
        shelf: Arc<Shelf>,
        pace: Pace,
        record: Record,
        etag: String,
        renewed: Moment,
    ) -> Self {
        let state = Mutex::new(Status { etag, renewed, ended: None });
        Self(Arc::new(Inner { shelf, pace, record, state }))
    }

    /// The number of this acquisition; each one has a higher number than the one before.
    pub fn epoch(&self) -> u64 {
        self.0.record.epoch
    }

    /// What the holder before applied last; empty when nobody knows.
    pub fn applied(&self) -> &Applied {
        &self.0.record.applied
    }

    /// Whether a call that is sent now ends while the lease is certainly ours. Asked before each changing call.
    ///
    /// # Errors
    /// When it is lost, or was not renewed for so long that somebody else may have it before the call is over.
    pub fn may_write(&self) -> Result<(), Lost> {
        let state = self.state();
        if let Some(lost) = &state.ended {
            return Err(lost.clone());
        }
        let since = state.renewed.elapsed(&self.0.shelf.client);
        let Pace { ttl, margin, .. } = self.0.pace;
        if since < ttl.saturating_sub(margin) { Ok(()) } else { Err(Lost::Unrenewed { since }) }
    }

    /// Renews the lease for as long as it is polled, and ends only when it is lost, with the reason. It may be dropped
    /// at any moment.
    pub async fn keep(&self) -> Failure {
        let Pace { ttl, .. } = self.0.pace;
        loop {
            let due = (ttl / 3).saturating_sub(self.unrenewed());
            self.sleep(due).await;
            let renewal = self.write(&self.0.record);
            // A call that hangs must not keep the next one from being tried in time.
            let failed = match tokio::time::timeout(ttl / 3, renewal).await {
                Ok(Ok(())) => continue,
                Ok(Err(Unwritten::Lost(lost))) => return lost.into(),
                Ok(Err(Unwritten::Failed(failure))) => Some(failure),
                Err(_) => None,
            };
            let since = self.unrenewed();
            if since >= ttl {
                let lost = self.end(Lost::Unrenewed { since });
                let failure = Failure::from(lost);
                return match failed {
                    Some(reason) => failure.hint(reason.message),
                    None => failure,
                };
            }
            self.sleep(PAUSE.min(ttl / 3)).await;
        }
    }

    /// Lets go, and leaves what was applied for the next one to read. Nothing may be written afterwards.
    ///
    /// # Errors
    /// When that could not be written: only worth a warning, because the lease expires by itself.
    pub async fn release(&self, applied: Applied) -> Result<(), Failure> {
        let record = Record { state: State::Released, applied, ..self.0.record.clone() };
        let written = tokio::time::timeout(FAREWELL, self.write(&record)).await;
        self.end(Lost::NotHeld);
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Unwritten::Lost(lost))) => Err(lost.into()),
            Ok(Err(Unwritten::Failed(failure))) => Err(failure),
            Err(_) => Err(self.unanswered()),
        }
    }

    /// Takes object and bucket away, at the very end of `down`. Nothing may be written afterwards.
    ///
    /// # Errors
    /// When somebody took the lease over, or it could not be deleted.
    pub async fn remove(&self) -> Result<(), Failure> {
        let removed = self.delete().await;
        self.end(Lost::NotHeld);
        removed?;
        self.0.shelf.delete_bucket().await
    }

    async fn delete(&self) -> Result<(), Failure> {
        for _ in 0..TRIES {
            let etag = self.state().etag.clone();
            if self.0.shelf.delete(&etag).await? {
                return Ok(());
            }
            match self.0.shelf.read().await? {
                Sight::Object { etag, record, .. } if record.nonce == self.0.record.nonce => {
                    self.state().etag = etag;
                }
                Sight::NoBucket | Sight::NoObject => return Ok(()),
                other @ Sight::Object { .. } => return Err(self.end(taken(other)).into()),
            }
        }
        Err(self.unanswered())
    }

    /// One writing against the last known etag.
    async fn write(&self, record: &Record) -> Result<(), Unwritten> {
        let (etag, ended) = {
            let state = self.state();
            (state.etag.clone(), state.ended.clone())
        };
        if let Some(lost) = ended {
            return Err(Unwritten::Lost(lost));
        }
        let written = self.0.shelf.write(record, Some(&etag)).await;
        match written.map_err(Unwritten::Failed)? {
            Written::Done { etag, sent } => {
                let mut state = self.state();
                (state.etag, state.renewed) = (etag, sent);
                Ok(())
            }
            Written::Refused(sight) => Err(Unwritten::Lost(self.end(taken(sight)))),
            Written::NoBucket(_) => Err(Unwritten::Lost(self.end(taken(Sight::NoBucket)))),
        }
    }

    /// Nothing may be written from now on; the first reason stays.
    fn end(&self, lost: Lost) -> Lost {
        self.state().ended.get_or_insert(lost).clone()
    }

    fn unrenewed(&self) -> Duration {
        self.state().renewed.elapsed(&self.0.shelf.client)
    }

    fn unanswered(&self) -> Failure {
        let text = "the lease could not be given back; it expires by itself";
        Failure::new(Kind::TimedOut, text)
    }

    async fn sleep(&self, duration: Duration) {
        self.0.shelf.client.clock().sleep(duration).await;
    }

    fn state(&self) -> MutexGuard<'_, Status> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has it now.
fn taken(sight: Sight) -> Lost {
    let by = match sight {
        Sight::Object { record, .. } => record.who(),
        Sight::NoBucket | Sight::NoObject => "somebody who removed it".to_owned(),
    };
    Lost::Taken { by }
}
