//! Builds and pushes without an engine: one layer, one configuration, one manifest, straight to the
//! registry. The way where no Docker runs, and the quicker one where it does.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;

use super::{
    Progress,
    layer::{File, Layer, pack},
    manifest::{Document, Platform, Runtime, config, manifest},
    registry::{Registry, RegistryError, Upload},
};

/// Largest compressed layer, in bytes: a static site program that outgrows it has swallowed data.
pub const LARGEST: usize = 15_000_000;

/// An image ready to be pushed.
#[derive(Debug)]
pub struct Image {
    layer: Layer,
    config: Document,
    /// What the tag will show.
    pub manifest: Document,
}

/// Why no image was made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The tar cannot hold the program.
    #[error("the layer cannot be packed")]
    Pack(#[source] io::Error),
    /// It would be slow to pull and is most likely a mistake.
    #[error("the image's layer is {size} bytes compressed; at most {LARGEST} are allowed")]
    TooLarge { size: usize },
}

impl Image {
    /// Packs `program` under the name that `runtime` gives it; a second of CPU time at most.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn pack(runtime: &Runtime, platform: &Platform, program: &[u8]) -> Result<Self, PackError> {
        let file = File { path: &runtime.binary, content: program };
        let layer = pack(&[file]).map_err(PackError::Pack)?;
        let size = layer.bytes.len();
        if size > LARGEST {
            return Err(PackError::TooLarge { size });
        }
        let config = config(runtime, platform, &layer);
        let manifest = manifest(&config, &layer);
        Ok(Self { layer, config, manifest })
    }

    /// Pushes what the registry lacks, then the manifest as `tag`, and looks that it is shown.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn push(
        self,
        tag: &str,
        registry: &Registry<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<[Upload; 2], RegistryError> {
        let (layer, config) = (Bytes::from(self.layer.bytes), Bytes::from(self.config.bytes));
        let total = (layer.len() + config.len()) as u64;
        let sent = AtomicU64::new(0);
        let count = |bytes| {
            let sent = sent.fetch_add(bytes, Ordering::Relaxed) + bytes;
            progress(Progress::Sent { bytes: sent, total });
        };
        let uploads = tokio::try_join!(
            registry.upload_blob(self.layer.digest, &layer, &count),
            registry.upload_blob(self.config.digest, &config, &count),
        )?;
        registry.put_manifest(tag, &self.manifest).await?;
        Ok(uploads.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform() -> Platform {
        Platform::of("x86_64-unknown-linux-gnu")
    }

    #[test]
    fn the_same_program_gives_the_same_image() {
        let make = || Image::pack(&Runtime::new("site", 80, "0"), &platform(), b"program").unwrap();
        assert_eq!(make().manifest.digest, make().manifest.digest);
    }

    #[test]
    fn an_image_that_swallowed_data_is_refused_by_its_size() {
        let mut noise = vec![0; LARGEST + 1_000_000];
        aws_lc_rs::rand::fill(&mut noise).unwrap();
        let error = Image::pack(&Runtime::new("site", 80, "0"), &platform(), &noise).unwrap_err();
        assert!(matches!(error, PackError::TooLarge { size } if size > LARGEST), "{error}");
    }
}
