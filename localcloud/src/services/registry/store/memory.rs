//! Bytes in memory, for a simulation.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::super::digest::Digest;
use crate::ids;

#[derive(Debug, Default)]
pub(in crate::services::registry) struct Memory {
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    blobs: BTreeMap<Digest, Bytes>,
    /// By repository and identifier.
    uploads: BTreeMap<(String, String), Vec<u8>>,
}

impl Memory {
    pub(super) fn read(&self, digest: &Digest) -> Option<Bytes> {
        lock(&self.held).blobs.get(digest).cloned()
    }

    pub(super) fn put(&self, digest: &Digest, bytes: &[u8]) {
        lock(&self.held).blobs.insert(digest.clone(), Bytes::copy_from_slice(bytes));
    }

    pub(super) fn start(&self, repository: &str) -> String {
        let id = ids::hex::<16>();
        lock(&self.held).uploads.insert((repository.to_owned(), id.clone()), Vec::new());
        id
    }

    pub(super) fn upload(&self, repository: &str, id: &str) -> io::Result<Upload> {
        let key = (repository.to_owned(), id.to_owned());
        let size = lock(&self.held).uploads.get(&key).map(|bytes| bytes.len() as u64);
        let size = size.ok_or(io::ErrorKind::NotFound)?;
        Ok(Upload { key, size, held: Arc::clone(&self.held) })
    }

    pub(super) fn keep(&self, upload: &Upload, digest: Digest) -> bool {
        let mut held = lock(&self.held);
        let Some(bytes) = held.uploads.get(&upload.key) else { return false };
        if Digest::of(bytes) != digest {
            return false;
        }
        let bytes = held.uploads.remove(&upload.key).unwrap_or_default();
        held.blobs.insert(digest, bytes.into());
        true
    }
}

/// A started upload.
#[derive(Debug)]
pub(in crate::services::registry) struct Upload {
    key: (String, String),
    pub(super) size: u64,
    held: Arc<Mutex<Held>>,
}

impl Upload {
    pub(super) fn append(&mut self, data: &[u8]) {
        self.change(|bytes| bytes.extend_from_slice(data));
    }

    pub(super) fn truncate(&mut self, size: u64) {
        self.change(|bytes| bytes.truncate(usize::try_from(size).unwrap_or(usize::MAX)));
    }

    pub(super) fn cancel(&self) {
        lock(&self.held).uploads.remove(&self.key);
    }

    fn change(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(bytes) = lock(&self.held).uploads.get_mut(&self.key) {
            change(bytes);
            self.size = bytes.len() as u64;
        }
    }
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
