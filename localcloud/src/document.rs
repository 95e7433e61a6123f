//! A value that survives a restart and publishes itself.
//!
//! Writers change a copy under a lock, the copy is written to disk and only then published. A document without a file is
//! kept in memory alone. Readers take the latest snapshot without a lock, so the request path never waits for the control
//! plane.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

/// A value in JSON, its present file and its readers.
#[derive(Debug)]
pub struct Document<T> {
    files: Option<Files>,
    /// Number of the present file; held while the value is changed.
    writing: Mutex<u64>,
    published: watch::Sender<Arc<T>>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Document<T> {
    /// Opens the newest `<folder>/<name>.<number>.json`, or starts from `T::default()`.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold a `T`; the message names the file.
    pub fn open(folder: &Path, name: &str) -> io::Result<Self> {
        let files = Files { folder: folder.to_owned(), name: name.to_owned() };
        let newest = files.newest()?;
        let value = match newest {
            0 => T::default(),
            number => {
                let path = files.path(number);
                let named = |kind, error: &dyn Display| {
                    io::Error::new(kind, format!("{}: {error}", path.display()))
                };
                let text = fs::read(&path).map_err(|e| named(e.kind(), &e))?;
                serde_json::from_slice(&text).map_err(|e| named(io::ErrorKind::InvalidData, &e))?
            }
        };
        Ok(Self::new(Some(files), newest, value))
    }

    /// As [`Self::open`]; without a folder it starts from `T::default()` and ends with the process.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn keep(folder: Option<&Path>, name: &str) -> io::Result<Self> {
        folder
            .map_or_else(|| Ok(Self::new(None, 0, T::default())), |folder| Self::open(folder, name))
    }

    fn new(files: Option<Files>, newest: u64, value: T) -> Self {
        let published = watch::channel(Arc::new(value)).0;
        Self { files, writing: Mutex::new(newest), published }
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
        let mut present = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut value = T::clone(&self.read());
        let outcome = change(&mut value)?;
        // A full disk must not take the cloud down: the change stays in force and the next save tries again.
        if let Some(Ok(saved)) = self.files.as_ref().map(|files| files.save(*present, &value)) {
            *present = saved;
        }
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

/// `<folder>/<name>.<number>.json`, of which the highest number counts. Each change has a file of its own, because to put
/// one in the place of another makes some file systems write to the disk at once (ext4, `auto_da_alloc`), which takes
/// five times as long as all the rest of a change.
#[derive(Debug)]
struct Files {
    folder: PathBuf,
    name: String,
}

impl Files {
    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{}.{number}.json", self.name))
    }

    /// The highest number, 0 when there is no file; older files, left by a process that was killed, go.
    fn newest(&self) -> io::Result<u64> {
        let mut numbers = Vec::new();
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        for entry in entries {
            let file = entry?.file_name();
            let rest =
                file.to_str().and_then(|file| file.strip_prefix(&self.name)?.strip_prefix('.'));
            let number = rest.and_then(|rest| rest.strip_suffix(".json")?.parse::<u64>().ok());
            numbers.extend(number);
        }
        let newest = numbers.iter().copied().max().unwrap_or(0);
        for number in numbers.into_iter().filter(|number| *number < newest) {
            let _stays = fs::remove_file(self.path(number));
        }
        Ok(newest)
    }

    /// Saves what comes after file `present`; the number of the new file.
    fn save<T: Serialize>(&self, present: u64, value: &T) -> io::Result<u64> {
        write_private(&self.path(present + 1), &serde_json::to_vec(value)?)?;
        // One that stays goes at the next start.
        let _stays = fs::remove_file(self.path(present));
        Ok(present + 1)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let name = format!("localcloud-document-{}", crate::ids::hex::<8>());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn files(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.collect()
        }

        fn open(&self) -> Document<Vec<u8>> {
            Document::open(&self.0, "world").unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _gone = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_was_changed_is_there_after_a_restart_in_one_file() {
        let folder = Folder::new();
        let document = folder.open();
        document.update(|world| world.push(1));
        document.update(|world| world.push(2));
        assert_eq!(*folder.open().read(), [1, 2]);
        assert_eq!(folder.files(), ["world.2.json"]);
    }

    #[test]
    fn a_process_that_was_killed_between_two_files_leaves_the_newer_one() {
        let folder = Folder::new();
        for (file, text) in
            [("world.9.json", "[9]"), ("world.10.json", "[10]"), ("worlds.11.json", "[11]")]
        {
            fs::write(folder.0.join(file), text).unwrap();
        }
        let document = folder.open();
        assert_eq!(*document.read(), [10]);
        document.update(|world| world.push(11));
        let mut files = folder.files();
        files.sort();
        assert_eq!(files, ["world.11.json", "worlds.11.json"]);
    }

    #[test]
    fn a_file_that_holds_something_else_is_named_and_kept() {
        let folder = Folder::new();
        fs::write(folder.0.join("world.1.json"), "{}").unwrap();
        let error = Document::<Vec<u8>>::open(&folder.0, "world").unwrap_err();
        assert!(error.to_string().contains("world.1.json"), "{error}");
        assert_eq!(folder.files(), ["world.1.json"]);
    }
}
