//! Bytes on disk: `blobs/sha256/<hex>`, and `uploads/<repository>/<id>` for what is on its way.

use std::fs;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::super::contents::Contents;
use super::super::digest::Digest;
use crate::{document, ids};

/// Age at which a started upload is given up.
const ABANDONED: Duration = Duration::from_hours(24);

#[derive(Debug)]
pub(in crate::services::registry) struct Disk {
    blobs: PathBuf,
    uploads: PathBuf,
}

impl Disk {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let store =
            Self { blobs: folder.join("blobs").join("sha256"), uploads: folder.join("uploads") };
        fs::create_dir_all(&store.blobs)?;
        fs::create_dir_all(&store.uploads)?;
        Ok(store)
    }

    /// Removes blobs that no repository needs and uploads that nobody went on with for a day.
    pub(super) fn sweep(&self, contents: &Contents) -> io::Result<()> {
        for entry in fs::read_dir(&self.blobs)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let digest = Digest::parse(&format!("sha256:{name}"));
            if !digest.is_some_and(|digest| contents.needs(&digest)) {
                fs::remove_file(entry.path())?;
            }
        }
        for folder in fs::read_dir(&self.uploads)?.flatten() {
            for upload in fs::read_dir(folder.path())?.flatten() {
                let age = upload.metadata()?.modified()?.elapsed().unwrap_or_default();
                if age > ABANDONED {
                    fs::remove_file(upload.path())?;
                }
            }
        }
        Ok(())
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.blobs.join(digest.hex())
    }

    /// The blob for reading, and its bytes; `None` when it is not here.
    pub(super) async fn read(&self, digest: &Digest) -> io::Result<Option<(File, u64)>> {
        match File::open(self.blob(digest)).await {
            Ok(file) => {
                let size = file.metadata().await?.len();
                Ok(Some((file, size)))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Keeps bytes that are at hand under the digest that was computed from them.
    pub(super) fn put(&self, digest: &Digest, bytes: &[u8]) -> io::Result<()> {
        document::write_private(&self.blob(digest), bytes)
    }

    /// Starts an upload; returns its identifier.
    pub(super) fn start(&self, repository: &str) -> io::Result<String> {
        let folder = self.uploads.join(repository);
        fs::create_dir_all(&folder)?;
        let id = ids::hex::<16>();
        fs::File::create_new(folder.join(&id))?;
        Ok(id)
    }

    /// An upload of this repository, if it is one and nobody else is writing to it.
    pub(super) fn upload(&self, repository: &str, id: &str) -> io::Result<Upload> {
        // The identifier comes from a URL and must stay a file name.
        if id.len() != 32 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let path = self.uploads.join(repository).join(id);
        let file = fs::OpenOptions::new().read(true).append(true).open(&path)?;
        file.try_lock()?;
        let size = file.metadata()?.len();
        let writer = File::from_std(file.try_clone()?);
        Ok(Upload { path, size, file, writer })
    }

    /// Checks the upload's digest and makes it a blob; `false` when it is something else.
    pub(super) async fn keep(&self, upload: Upload, digest: Digest) -> io::Result<bool> {
        let target = self.blob(&digest);
        let checked = tokio::task::spawn_blocking(move || {
            let mut upload = upload;
            upload.file.rewind()?;
            if Digest::of_reader(&upload.file)? != digest {
                return Ok(false);
            }
            upload.file.sync_all()?;
            fs::rename(&upload.path, target).map(|()| true)
        });
        checked.await.map_err(io::Error::other)?
    }
}

/// A started upload, locked against a second writer while this value lives.
#[derive(Debug)]
pub(in crate::services::registry) struct Upload {
    path: PathBuf,
    /// Bytes that arrived.
    pub(super) size: u64,
    file: fs::File,
    /// Appends to the same file.
    writer: File,
}

impl Upload {
    pub(super) async fn append(&mut self, data: &[u8]) -> io::Result<()> {
        self.writer.write_all(data).await?;
        self.size += data.len() as u64;
        Ok(())
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.writer.flush().await
    }

    /// Takes back what came after `size`.
    pub(super) fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.file.set_len(size)?;
        self.size = size;
        Ok(())
    }

    pub(super) fn cancel(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}
