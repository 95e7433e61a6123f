//! A value that survives a restart and publishes itself.
//!
//! Writers change a copy under a lock, the copy is written to disk (temporary file, then rename) and only then
//! published. A document without a file is kept in memory alone. Readers take the latest snapshot without a lock, so the request path never waits for the control plane.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

/// One JSON file, its present value and its readers.
#[derive(Debug)]
pub struct Document<T> {
    path: Option<PathBuf>,
    writing: Mutex<()>,
    published: watch::Sender<Arc<T>>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Document<T> {
    /// Opens `<folder>/<name>.json`, or starts from `T::default()`.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold a `T`; the message names the file.
    pub fn open(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(format!("{name}.json"));
        let value = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|e| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{}: {e}", path.display()))
            })?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => T::default(),
            Err(e) => return Err(io::Error::new(e.kind(), format!("{}: {e}", path.display()))),
        };
        Ok(Self::new(Some(path), value))
    }

    /// As [`Self::open`]; without a folder it starts from `T::default()` and ends with the process.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn keep(folder: Option<&Path>, name: &str) -> io::Result<Self> {
        folder.map_or_else(|| Ok(Self::new(None, T::default())), |folder| Self::open(folder, name))
    }

    fn new(path: Option<PathBuf>, value: T) -> Self {
        Self { path, writing: Mutex::new(()), published: watch::channel(Arc::new(value)).0 }
    }

    /// The latest snapshot.
    pub fn read(&self) -> Arc<T> {
        self.published.borrow().clone()
    }

    /// Told of every change.
    pub fn subscribe(&self) -> watch::Receiver<Arc<T>> {
        self.published.subscribe()
    }

    /// Changes the value, saves it, publishes it. A change that returns `Err` leaves everything as it was.
    ///
    /// # Errors
    /// What `change` returned.
    pub fn try_update<R, E>(&self, change: impl FnOnce(&mut T) -> Result<R, E>) -> Result<R, E> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut value = T::clone(&self.read());
        let outcome = change(&mut value)?;
        // A full disk must not take the cloud down: the change stays in force and the next save tries again.
        let _unsaved = self.path.as_ref().map(|path| save(path, &value));
        self.published.send_replace(Arc::new(value));
        Ok(outcome)
    }

    /// As [`Self::try_update`], for a change that cannot fail.
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let outcome: Result<R, std::convert::Infallible> =
            self.try_update(|value| Ok(change(value)));
        match outcome {
            Ok(result) => result,
            Err(never) => match never {},
        }
    }
}

fn save<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    write_private(path, &serde_json::to_vec(value)?)
}

/// Writes a file that only its owner can read, whole or not at all.
///
/// # Errors
/// As the file system says.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let temporary = path.with_file_name(name);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(bytes)?;
    fs::rename(&temporary, path)
}
