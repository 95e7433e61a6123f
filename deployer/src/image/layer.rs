//! A layer that is the same bytes wherever and whenever it is made: fixed times, owners and modes,
//! sorted names, a gzip header without time or system (OCI image spec, layer.md).

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

use super::digest::{Digest, Hashing};

/// Read and run for all, write for none: the container's user cannot change its own program.
pub(super) const MODE: u32 = 0o555;

/// One file to be put in an image, owned by root.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Where it goes, relative to the image's root, with `/` between names.
    pub path: &'a str,
    /// What is in it.
    pub content: &'a [u8],
}

/// A compressed layer and both of its names.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The gzip stream.
    pub bytes: Vec<u8>,
    /// Digest of the gzip stream: what the manifest lists.
    pub digest: Digest,
    /// Digest of the tar inside: what the image's configuration lists.
    pub diff_id: Digest,
}

/// Packs `files` and the folders that lead to them, in one pass over the content.
///
/// # Errors
/// A path that tar cannot hold (absolute, `..`, too long).
pub fn pack(files: &[File<'_>]) -> io::Result<Layer> {
    let gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255) // "unknown" (RFC 1952, 2.3.1): the header must not tell Linux from macOS
        .write(Hashing::new(Vec::new()), Compression::new(6));
    let (gzip, diff_id) = archive(files, Hashing::new(gzip))?.finish();
    let (bytes, digest) = gzip.finish()?.finish();
    Ok(Layer { bytes, digest, diff_id })
}

/// Writes `files` as a tar whose bytes depend on nothing else.
pub(super) fn archive<W: Write>(files: &[File<'_>], into: W) -> io::Result<W> {
    let mut files = files.to_vec();
    files.sort_by_key(|file| file.path);
    let mut tar = tar::Builder::new(into);
    let mut folders = BTreeSet::new();
    for file in &files {
        for (end, _) in file.path.match_indices('/') {
            if folders.insert(&file.path[..end]) {
                let mut header = header(EntryType::Directory, 0);
                tar.append_data(&mut header, &file.path[..=end], io::empty())?;
            }
        }
        let mut header = header(EntryType::Regular, file.content.len() as u64);
        tar.append_data(&mut header, file.path, file.content)?;
    }
    tar.into_inner()
}

fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(MODE);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use expect_test::expect;

    use super::*;

    const FILES: [File<'_>; 2] = [
        File { path: "usr/share/note", content: b"hello\n" },
        File { path: "app", content: b"\x7fELF" },
    ];

    #[test]
    fn the_same_files_in_any_order_give_the_same_layer() {
        let layer = pack(&FILES).unwrap();
        let again = pack(&[FILES[1], FILES[0]]).unwrap();
        assert_eq!(layer.bytes, again.bytes);
        expect!["sha256:796d1404b001437b9ad3c4e059eb89c8f9cdf5e7c60afc75819b48e10f438eb5"]
            .assert_eq(&layer.digest.to_string());
        expect!["sha256:5417cd2f3cf240b7af338858c08b603c26bea808d10c4beefa7ecb7172377d00"]
            .assert_eq(&layer.diff_id.to_string());
    }

    #[test]
    fn both_digests_are_those_of_the_bytes() {
        let layer = pack(&FILES).unwrap();
        let mut tar = Vec::new();
        flate2::read::GzDecoder::new(&layer.bytes[..]).read_to_end(&mut tar).unwrap();
        assert_eq!(Digest::of(&layer.bytes), layer.digest);
        assert_eq!(Digest::of(&tar), layer.diff_id);
    }

    #[test]
    fn entries_are_owned_by_root_and_writable_by_nobody() {
        let tar = archive(&FILES, Vec::new()).unwrap();
        let listing: String = tar::Archive::new(&tar[..])
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let header = entry.header();
                format!(
                    "{:o} {}:{} {} {}\n",
                    header.mode().unwrap(),
                    header.uid().unwrap(),
                    header.gid().unwrap(),
                    header.mtime().unwrap(),
                    entry.path().unwrap().display(),
                )
            })
            .collect();
        expect![[r#"
            555 0:0 0 app
            555 0:0 0 usr/
            555 0:0 0 usr/share/
            555 0:0 0 usr/share/note
        "#]]
        .assert_eq(&listing);
    }

    #[test]
    fn a_path_that_leaves_the_image_is_refused() {
        assert!(pack(&[File { path: "../app", content: b"" }]).is_err());
    }
}
