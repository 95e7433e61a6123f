//! The bytes of blobs, and of uploads that are on their way.
//!
//! A blob gets its name only after its digest was checked against what is kept, so a name never lies.

mod disk;
mod memory;

use std::io;
use std::path::Path;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use self::disk::Disk;
use self::memory::Memory;
use super::Body;
use super::contents::Contents;
use super::digest::Digest;

const CHUNK: usize = 64 << 10;

#[derive(Debug)]
pub(super) enum Store {
    Disk(Disk),
    Memory(Memory),
}

/// A blob that can be read.
#[derive(Debug)]
pub(super) enum Blob {
    File(File),
    Bytes(Bytes),
}

impl Store {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        Disk::open(folder).map(Self::Disk)
    }

    pub(super) fn in_memory() -> Self {
        Self::Memory(Memory::default())
    }

    /// Removes blobs that no repository needs and uploads that nobody went on with for a day.
    pub(super) fn sweep(&self, contents: &Contents) -> io::Result<()> {
        match self {
            Self::Disk(disk) => disk.sweep(contents),
            Self::Memory(_) => Ok(()),
        }
    }

    /// The blob for reading, and its bytes; `None` when it is not here.
    pub(super) async fn read(&self, digest: &Digest) -> io::Result<Option<(Blob, u64)>> {
        match self {
            Self::Disk(disk) => {
                Ok(disk.read(digest).await?.map(|(file, size)| (Blob::File(file), size)))
            }
            Self::Memory(memory) => {
                let sized = |bytes: Bytes| (bytes.len() as u64, bytes);
                let found = memory.read(digest).map(sized);
                Ok(found.map(|(size, bytes)| (Blob::Bytes(bytes), size)))
            }
        }
    }

    /// Keeps bytes that are at hand under the digest that was computed from them.
    pub(super) fn put(&self, digest: &Digest, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Disk(disk) => disk.put(digest, bytes),
            Self::Memory(memory) => {
                memory.put(digest, bytes);
                Ok(())
            }
        }
    }

    /// Starts an upload; returns its identifier.
    pub(super) fn start(&self, repository: &str) -> io::Result<String> {
        match self {
            Self::Disk(disk) => disk.start(repository),
            Self::Memory(memory) => Ok(memory.start(repository)),
        }
    }

    /// An upload of this repository, if it is one and nobody else is writing to it.
    pub(super) fn upload(&self, repository: &str, id: &str) -> io::Result<Upload> {
        match self {
            Self::Disk(disk) => disk.upload(repository, id).map(Upload::Disk),
            Self::Memory(memory) => memory.upload(repository, id).map(Upload::Memory),
        }
    }

    /// Checks the upload's digest and makes it a blob; `false` when it is something else.
    pub(super) async fn keep(&self, upload: Upload, digest: Digest) -> io::Result<bool> {
        match (self, upload) {
            (Self::Disk(disk), Upload::Disk(upload)) => disk.keep(upload, digest).await,
            (Self::Memory(memory), Upload::Memory(upload)) => Ok(memory.keep(&upload, digest)),
            _ => Ok(false),
        }
    }
}

impl Blob {
    /// Some of its bytes.
    pub(super) async fn part(self, first: u64, length: u64) -> io::Result<Body> {
        match self {
            Self::File(mut file) => {
                file.seek(io::SeekFrom::Start(first)).await?;
                let chunks = ReaderStream::with_capacity(file.take(length), CHUNK);
                Ok(StreamBody::new(chunks.map_ok(Frame::data)).boxed())
            }
            Self::Bytes(bytes) => {
                let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
                let part = bytes.slice(at(first)..at(first.saturating_add(length)));
                Ok(Full::new(part).map_err(|never| match never {}).boxed())
            }
        }
    }
}

/// A started upload.
#[derive(Debug)]
pub(super) enum Upload {
    Disk(disk::Upload),
    Memory(memory::Upload),
}

impl Upload {
    /// Bytes that arrived.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Disk(upload) => upload.size,
            Self::Memory(upload) => upload.size,
        }
    }

    pub(super) async fn append(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Disk(upload) => upload.append(data).await,
            Self::Memory(upload) => {
                upload.append(data);
                Ok(())
            }
        }
    }

    /// Brings to its place what was appended.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Disk(upload) => upload.flush().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// Takes back what came after `size`.
    pub(super) fn truncate(&mut self, size: u64) -> io::Result<()> {
        match self {
            Self::Disk(upload) => upload.truncate(size),
            Self::Memory(upload) => {
                upload.truncate(size);
                Ok(())
            }
        }
    }

    pub(super) fn cancel(self) -> io::Result<()> {
        match self {
            Self::Disk(upload) => upload.cancel(),
            Self::Memory(upload) => {
                upload.cancel();
                Ok(())
            }
        }
    }
}
