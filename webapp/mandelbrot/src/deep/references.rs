//! Reference orbits that jobs share: a value the caller keeps, bounded in bytes.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Key, Reference};
use crate::render::Cancelled;

/// Reference orbits kept for the next job near them, the least recently used going first.
pub struct References {
    most_bytes: usize,
    kept: Mutex<Vec<(Key, Arc<Reference>)>>,
}

impl References {
    /// Keeps at most that many bytes between jobs.
    pub const fn new(most_bytes: usize) -> Self {
        Self { most_bytes, kept: Mutex::new(Vec::new()) }
    }

    pub(crate) fn find_or(
        &self,
        key: Key,
        compute: impl FnOnce(&Key) -> Result<Reference, Cancelled>,
    ) -> Result<Arc<Reference>, Cancelled> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().position(|(other, _)| *other == key) {
            let entry = kept.remove(at);
            let found = Arc::clone(&entry.1);
            kept.push(entry);
            return Ok(found);
        }
        drop(kept);
        let reference = Arc::new(compute(&key)?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((key, Arc::clone(&reference)));
        while kept.iter().map(|(_, reference)| reference.bytes()).sum::<usize>() > self.most_bytes {
            kept.remove(0);
        }
        Ok(reference)
    }
}

impl fmt::Debug for References {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("References").field("most_bytes", &self.most_bytes).finish_non_exhaustive()
    }
}
