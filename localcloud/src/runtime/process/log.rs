//! The bounded record of what a container prints: two files, the older of which is thrown away in turn.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::runtime::LOG_BYTES;

#[derive(Debug)]
pub(super) struct Log {
    current: PathBuf,
    previous: PathBuf,
    file: Mutex<(fs::File, usize)>,
}

impl Log {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let current = folder.join("log");
        let file = fs::File::create(&current)?;
        Ok(Self { previous: folder.join("log.1"), current, file: Mutex::new((file, 0)) })
    }

    /// Writes all that comes out of a pipe, until it ends.
    pub(super) async fn take(&self, mut pipe: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; 8 << 10];
        while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
            // Output that cannot be kept must not stop the program.
            let _unkept = self.write(&buffer[..read]);
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.1 + bytes.len() > LOG_BYTES {
            fs::rename(&self.current, &self.previous)?;
            *file = (fs::File::create(&self.current)?, 0);
        }
        file.1 += bytes.len();
        file.0.write_all(bytes)
    }

    /// The last bytes, at most [`LOG_BYTES`].
    pub(super) fn tail(&self) -> Bytes {
        let _unmoved = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = fs::read(&self.previous).unwrap_or_default();
        text.extend(fs::read(&self.current).unwrap_or_default());
        let surplus = text.len().saturating_sub(LOG_BYTES);
        Bytes::from(text).slice(surplus..)
    }
}
