//! Small secrets that must survive a run: the ACME account, and a certificate between issue and installation.
//!
//! Beside them lies how long steps took, to tell how long a plan will take. Deleting the folder costs at most one
//! certificate and one account registration.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use deployer_core::digest;
use deployer_core::plan::{Durations, Plan};
use serde::{Deserialize, Serialize};

use crate::execute::{Outcome, Report};
use crate::failure::{Failure, Kind};
use crate::providers::Clouds;
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

/// Keeps other commands of this machine from changing the same environment while it lives.
///
/// The lock goes with the process, whatever ends it, so there is never one to remove by hand. It is a courtesy: what
/// makes two operators harmless to each other are retry tokens and etags.
#[derive(Debug)]
pub struct Hold {
    _locked: fs::File,
}

impl Hold {
    /// Takes the environment that keeps its things in `folder`.
    ///
    /// # Errors
    /// [`Kind::Locked`] when another command has it.
    pub fn take(folder: &Path) -> Result<Self, Failure> {
        let unwritable = |error: io::Error| Failure::because(Kind::Other, folder.display(), &error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
        let file = fs::File::create(folder.join("lock")).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _locked: file }),
            Err(fs::TryLockError::Error(error)) => Err(unwritable(error)),
            Err(fs::TryLockError::WouldBlock) => Err(Failure::new(
                Kind::Locked,
                "another deployer is changing this environment on this machine",
            )
            .hint("wait until it has ended, then run the command again")),
        }
    }
}

/// The folder of one environment.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    pub fn of(clouds: &Clouds) -> Self {
        Self { folder: clouds.store.clone() }
    }

    /// The certificate that was issued under this base name and not yet installed.
    pub fn certificate(&self, base: &str) -> Option<Kept> {
        serde_json::from_slice(&fs::read(self.certificate_path(base)).ok()?).ok()
    }

    /// # Errors
    /// When the folder cannot be written: a certificate that cannot be kept must not be lost silently.
    pub fn keep_certificate(&self, base: &str, kept: &Kept) -> Result<(), Failure> {
        let text = serde_json::to_vec(kept)
            .map_err(|error| Failure::because(Kind::Bug, "store", &error))?;
        write_private(&self.certificate_path(base), &text)
            .map_err(|error| Failure::because(Kind::Other, self.folder.display(), &error))
    }

    /// Forgets every certificate; they are installed.
    pub fn forget_certificates(&self) {
        // What cannot be removed is looked at again by nobody: the next need has another name, or is fresh.
        let _gone = fs::remove_dir_all(self.folder.join("certificates"));
    }

    fn certificate_path(&self, base: &str) -> PathBuf {
        self.folder.join("certificates").join(format!("{base}.json"))
    }

    /// Credentials of the account at an ACME directory.
    pub fn account(&self, directory: &str) -> Option<String> {
        fs::read_to_string(self.account_path(directory)).ok()
    }

    pub fn keep_account(&self, directory: &str, credentials: &Secret) {
        // Without it the next run registers a new account, which is free.
        let _kept = write_private(&self.account_path(directory), credentials.expose().as_bytes());
    }

    /// How long steps took here; without it plans show what is usual.
    pub fn durations(&self) -> Durations {
        let text = fs::read(self.folder.join(DURATIONS)).ok();
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    pub fn keep_durations(&self, durations: &Durations) {
        let text = serde_json::to_vec(durations).unwrap_or_default();
        // What is lost is only how well the next plan guesses.
        let _kept = write_private(&self.folder.join(DURATIONS), &text);
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
        self.keep_durations(&durations);
    }

    fn account_path(&self, directory: &str) -> PathBuf {
        self.folder
            .join("accounts")
            .join(format!("{}.json", digest::short(directory.as_bytes(), 16)))
    }
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
}
