//! Small secrets that must survive a run: the ACME account, an order under way with its key, and a certificate between
//! issue and installation.
//!
//! Beside them lies how long steps took, to tell how long a plan will take. Deleting the folder costs at most one
//! certificate and one account registration.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deployer_core::digest;
use deployer_core::plan::{Durations, Plan};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::event::{Event, Listener};
use crate::execute::{Outcome, Report};
use crate::failure::{Failure, Kind};
use crate::lease;
use crate::secret::Secret;

const DURATIONS: &str = "durations.json";

/// A certificate with its key, PEM.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    pub chain: String,
    pub key: String,
}

impl std::fmt::Debug for Kept {
    /// Leaves the key out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// An order at an ACME authority and the key of the certificate that it is for, PEM.
#[derive(Clone, Serialize, Deserialize)]
pub struct PlacedOrder {
    pub url: String,
    pub key: String,
}

impl std::fmt::Debug for PlacedOrder {
    /// Leaves the key out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlacedOrder").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Keeps other commands of this machine from changing the same environment while it lives.
///
/// The lock goes with the process, whatever ends it, so there is never one to remove by hand. It is a courtesy: what
/// makes two operators harmless to each other are retry tokens and etags.
#[derive(Debug)]
pub struct Hold {
    _locked: fs::File,
}

/// Between two looks at whether another command has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

impl Hold {
    /// Takes the environment that keeps its things in `folder`; waits for another command that has it.
    ///
    /// # Errors
    /// [`Kind::Locked`] when it still has it after `patience`.
    pub async fn wait(
        folder: &Path,
        patience: Duration,
        listener: &dyn Listener,
    ) -> Result<Self, Failure> {
        let deadline = Instant::now() + patience;
        let mut is_told = false;
        loop {
            let taken = match Self::take(folder) {
                Err(failure) if failure.kind == Kind::Locked => failure,
                outcome => return outcome,
            };
            if Instant::now() >= deadline {
                return Err(taken);
            }
            if !is_told {
                let text = format!("waiting: {}", taken.message);
                listener.event(Event::Note { text });
                is_told = true;
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Takes it, or says who has it.
    ///
    /// # Errors
    /// [`Kind::Locked`] when another command has it.
    pub fn take(folder: &Path) -> Result<Self, Failure> {
        let unwritable = |error: io::Error| Failure::because(Kind::Other, folder.display(), &error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
        let path = folder.join("lock");
        let open =
            fs::OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = open.map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {
                let who = format!("process {}", std::process::id());
                let written = file.set_len(0).and_then(|()| file.write_all(who.as_bytes()));
                written.map_err(unwritable)?;
                Ok(Self { _locked: file })
            }
            Err(fs::TryLockError::Error(error)) => Err(unwritable(error)),
            Err(fs::TryLockError::WouldBlock) => {
                let who = fs::read_to_string(&path).unwrap_or_default();
                let message = format!(
                    "another deployer is changing this environment on this machine ({who})"
                );
                Err(Failure::new(Kind::Locked, message)
                    .hint("wait until it has ended, then run the command again"))
            }
        }
    }
}

/// The small secrets of one environment.
#[derive(Debug, Clone)]
pub struct Store(Shelf);

/// Where a store keeps its things.
#[derive(Debug, Clone)]
enum Shelf {
    Folder(PathBuf),
    /// For simulations: survives a run that is dropped in the middle, as a disk does.
    Memory(Arc<Things>),
}

impl Store {
    /// In files below `folder`, which only their owner can read.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self(Shelf::Folder(folder))
    }

    /// In memory, shared by all clones.
    pub fn in_memory() -> Self {
        Self(Shelf::Memory(Arc::default()))
    }

    /// The certificate that was issued under this base name and not yet installed.
    pub fn certificate(&self, base: &str) -> Option<Kept> {
        self.read(&certificate_name(base))
    }

    /// # Errors
    /// When the folder cannot be written: a certificate that cannot be kept must not be lost silently.
    pub fn keep_certificate(&self, base: &str, kept: &Kept) -> Result<(), Failure> {
        self.write(&certificate_name(base), kept)
    }

    /// The order that was placed for this base name and not seen to its end.
    pub fn order(&self, base: &str) -> Option<PlacedOrder> {
        self.read(&order_name(base))
    }

    /// # Errors
    /// When the folder cannot be written: without its key the order would be lost.
    pub fn keep_order(&self, base: &str, order: &PlacedOrder) -> Result<(), Failure> {
        self.write(&order_name(base), order)
    }

    pub fn forget_order(&self, base: &str) {
        self.0.remove(&order_name(base));
    }

    /// Forgets every certificate and order; what was asked for is installed.
    pub fn forget_certificates(&self) {
        self.0.remove("certificates");
    }

    /// Names this folder among all machines', for whoever has its [`Hold`]; empty when it cannot be kept.
    pub fn place(&self) -> String {
        let known = self.0.read("place").and_then(|known| String::from_utf8(known).ok());
        if let Some(known) = known.filter(|known| !known.is_empty()) {
            return known;
        }
        let fresh = lease::nonce().unwrap_or_default();
        let kept = self.0.write("place", fresh.as_bytes());
        if kept.is_ok() { fresh } else { String::new() }
    }

    /// Credentials of the account at an ACME directory.
    pub fn account(&self, directory: &str) -> Option<String> {
        String::from_utf8(self.0.read(&account_name(directory))?).ok()
    }

    pub fn keep_account(&self, directory: &str, credentials: &Secret) {
        // Without it the next run registers a new account, which is free.
        let _kept = self.0.write(&account_name(directory), credentials.expose().as_bytes());
    }

    /// How long steps took here; without it plans show what is usual.
    pub fn durations(&self) -> Durations {
        self.read(DURATIONS).unwrap_or_default()
    }

    /// Takes in how long the steps of a plan took.
    pub fn learn(&self, plan: &Plan, report: &Report) {
        let mut durations = self.durations();
        durations.learn_all(
            plan,
            report.outcomes.iter().filter_map(|outcome| {
                let (address, verb, outcome, seconds) = outcome;
                (*outcome == Outcome::Done).then_some((address, *verb, *seconds))
            }),
        );
        // What is lost is only how well the next plan guesses.
        let _kept = self.write(DURATIONS, &durations);
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&self.0.read(name)?).ok()
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_vec(value)
            .map_err(|error| Failure::because(Kind::Bug, "store", &error))?;
        self.0.write(name, &text).map_err(|error| Failure::because(Kind::Other, name, &error))
    }
}

fn certificate_name(base: &str) -> String {
    format!("certificates/{base}.json")
}

fn order_name(base: &str) -> String {
    format!("certificates/{base}.order.json")
}

fn account_name(directory: &str) -> String {
    format!("accounts/{}.json", digest::short(directory.as_bytes(), 16))
}

impl Shelf {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        match self {
            Self::Folder(folder) => fs::read(folder.join(name)).ok(),
            Self::Memory(things) => locked(things).get(name).cloned(),
        }
    }

    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        match self {
            Self::Folder(folder) => write_private(&folder.join(name), content)?,
            Self::Memory(things) => {
                locked(things).insert(name.to_owned(), content.to_vec());
            }
        }
        Ok(())
    }

    /// Removes a file, or a folder with all that is in it.
    fn remove(&self, name: &str) {
        match self {
            Self::Folder(folder) => {
                // What cannot be removed is looked at again by nobody: the next need has another name, or is fresh.
                let path = folder.join(name);
                let _gone =
                    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
            Self::Memory(things) => locked(things).retain(|key, _| !key.starts_with(name)),
        }
    }
}

type Things = Mutex<BTreeMap<String, Vec<u8>>>;

fn locked(things: &Things) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
    things.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let temporary = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_at_a_time_may_change_an_environment() {
        let folder = std::env::temp_dir().join(format!("deployer-hold-{}", std::process::id()));
        let first = Hold::take(&folder).unwrap();
        let second = Hold::take(&folder).unwrap_err();
        drop(first);
        let third = Hold::take(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(second.kind, Kind::Locked);
        assert!(third.is_ok());
    }

    #[test]
    fn a_folder_keeps_its_name_and_no_other_has_it() {
        let root = std::env::temp_dir().join(format!("deployer-place-{}", std::process::id()));
        let store = |name: &str| Store::in_folder(root.join(name));
        let (first, again, other) = (store("a").place(), store("a").place(), store("b").place());
        fs::remove_dir_all(&root).unwrap();
        assert!(!first.is_empty());
        assert_eq!(first, again);
        assert_ne!(first, other);
    }
}
