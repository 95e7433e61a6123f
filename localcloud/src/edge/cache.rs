//! What the edge keeps of origins' answers, shared by the edge, which fills it, and the API, which purges it.
//!
//! In memory and bounded: what was asked for longest ago goes first.

pub(crate) mod freshness;
pub(crate) mod keeping;
pub(crate) mod purge;
pub(crate) mod stored;
#[cfg(test)]
mod tests;
pub(crate) mod wish;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::purge::Purge;
use self::stored::Stored;

/// Bytes of all answers together, and of the largest one. The vendor's are 512 MB for each, which is more than one
/// machine should lend to this.
const MOST: usize = 64 << 20;
pub(crate) const LARGEST: usize = 8 << 20;

/// What tells one cached answer from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Id of the zone.
    pub(crate) zone: String,
    pub(crate) scheme: &'static str,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    /// Codings of the content that the visitor takes, of those that origins use.
    pub(crate) codings: String,
}

/// All cached answers.
#[derive(Debug)]
pub(crate) struct Cache {
    most: usize,
    shelves: Mutex<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    answers: HashMap<Key, Shelved>,
    /// Keys by the turn in which they were last asked for.
    by_turn: BTreeMap<u64, Key>,
    turn: u64,
    bytes: usize,
    purges: u64,
}

#[derive(Debug)]
struct Shelved {
    stored: Arc<Stored>,
    turn: u64,
}

/// Purges so far. An answer that was asked for before a purge must not be kept after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

impl Default for Cache {
    fn default() -> Self {
        Self::with_room(MOST)
    }
}

impl Cache {
    fn with_room(most: usize) -> Self {
        Self { most, shelves: Mutex::default() }
    }

    /// The answer kept under a key, stale or not, and the present epoch.
    pub(crate) fn find(&self, key: &Key) -> (Option<Arc<Stored>>, Epoch) {
        let mut shelves = self.shelves();
        let epoch = Epoch(shelves.purges);
        shelves.turn += 1;
        let turn = shelves.turn;
        let Some(shelved) = shelves.answers.get_mut(key) else { return (None, epoch) };
        let before = std::mem::replace(&mut shelved.turn, turn);
        let stored = shelved.stored.clone();
        if let Some(key) = shelves.by_turn.remove(&before) {
            shelves.by_turn.insert(turn, key);
        }
        (Some(stored), epoch)
    }

    /// Keeps an answer that was asked for in `epoch`, and forgets as many others as it takes.
    pub(crate) fn keep(&self, key: Key, stored: Arc<Stored>, epoch: Epoch) {
        let mut shelves = self.shelves();
        let size = stored.size();
        if Epoch(shelves.purges) != epoch || size > self.most {
            return;
        }
        shelves.remove(&key);
        while shelves.bytes + size > self.most {
            let Some((_, oldest)) = shelves.by_turn.first_key_value() else { break };
            let oldest = oldest.clone();
            shelves.remove(&oldest);
        }
        shelves.turn += 1;
        let turn = shelves.turn;
        shelves.bytes += size;
        shelves.by_turn.insert(turn, key.clone());
        shelves.answers.insert(key, Shelved { stored, turn });
    }

    /// Forgets what a purge of a zone names.
    pub(crate) fn purge(&self, zone: &str, purge: &Purge) {
        let mut shelves = self.shelves();
        shelves.purges += 1;
        let named = |(key, shelved): &(&Key, &Shelved)| {
            key.zone == zone && purge.names(key, &shelved.stored)
        };
        let gone: Vec<Key> = shelves.answers.iter().filter(named).map(|(k, _)| k.clone()).collect();
        for key in gone {
            shelves.remove(&key);
        }
    }

    /// Held only to look up and to move; nothing waits while it is.
    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    fn remove(&mut self, key: &Key) {
        if let Some(gone) = self.answers.remove(key) {
            self.by_turn.remove(&gone.turn);
            self.bytes -= gone.stored.size();
        }
    }
}
