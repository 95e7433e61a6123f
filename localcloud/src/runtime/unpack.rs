//! Unpacks the layers of an image (image specification, layer.md), which may be hostile.
//!
//! Nothing is written outside of the root: not by absolute paths, `..`, links, or links through links. Absolute
//! symlinks mean the image's root and are rewritten. Owners, times and set-id bits are not taken over.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Puts one layer on top of what `root` holds. `budget` is the number of unpacked bytes that the image may still
/// have; it is lowered.
///
/// # Errors
/// When the layer is broken, too large, or wants something outside of the root.
pub(super) fn unpack(layer: &Path, root: &Path, budget: &mut u64) -> io::Result<()> {
    let root = root.canonicalize()?;
    // Whiteouts speak of the layers below only, wherever they stand among the entries: so they come first.
    for_each(layer, *budget, |entry, path| whiteout(entry, &root, path))?;
    let unpacked = for_each(layer, *budget, |entry, path| place(entry, &root, path))?;
    *budget -= unpacked;
    Ok(())
}

type Layer<'a> = Entry<'a, Box<dyn Read>>;

/// Calls `act` with every entry and its path in the image; returns the number of bytes that were read.
fn for_each(
    layer: &Path,
    budget: u64,
    mut act: impl FnMut(&mut Layer<'_>, &Path) -> io::Result<()>,
) -> io::Result<u64> {
    let mut read = 0;
    let mut archive = Archive::new(decoder(layer)?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        read += entry.size();
        if read > budget {
            return Err(refused(&entry.path()?, "the image is larger than its storage"));
        }
        let path = inside(&entry.path()?)?;
        if path.as_os_str().is_empty() {
            continue;
        }
        act(&mut entry, &path)?;
    }
    Ok(read)
}

fn decoder(layer: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(fs::File::open(layer)?);
    let start = file.fill_buf()?;
    if start.starts_with(&ZSTD) {
        let message = "the layer is compressed with zstd; push it with gzip";
        return Err(io::Error::new(io::ErrorKind::Unsupported, message));
    }
    if start.starts_with(&GZIP) {
        return Ok(Box::new(MultiGzDecoder::new(file)));
    }
    Ok(Box::new(file))
}

fn whiteout(_: &mut Layer<'_>, root: &Path, path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let Some(hidden) = name.strip_prefix(WHITEOUT) else { return Ok(()) };
    let folder = folder_of(root, path)?;
    if name == OPAQUE {
        if folder.is_dir() {
            for entry in fs::read_dir(folder)? {
                remove(&entry?.path())?;
            }
        }
        return Ok(());
    }
    if matches!(hidden, "" | "." | "..") {
        return Err(refused(path, "the whiteout hides no file"));
    }
    remove(&folder.join(hidden))
}

fn place(entry: &mut Layer<'_>, root: &Path, path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Ok(()) };
    if name.to_str().is_some_and(|name| name.starts_with(WHITEOUT)) {
        return Ok(());
    }
    let folder = folder_of(root, path)?;
    let target = folder.join(name);
    match entry.header().entry_type() {
        EntryType::Directory => {
            if !fs::symlink_metadata(&target).is_ok_and(|metadata| metadata.is_dir()) {
                remove(&target)?;
                fs::create_dir(&target)?;
            }
            Ok(())
        }
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            remove(&target)?;
            let mode = entry.header().mode()? & 0o777 | 0o600;
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&target)?;
            io::copy(entry, &mut file).map(|_| ())
        }
        EntryType::Symlink => {
            let link = entry.link_name()?.ok_or_else(|| refused(path, "the link has no target"))?;
            let depth = folder.strip_prefix(root).map_or(0, |folder| folder.components().count());
            let link = confined(&link, depth).ok_or_else(|| refused(path, "the link leads out"))?;
            remove(&target)?;
            symlink(link, &target)
        }
        EntryType::Link => {
            let link = entry.link_name()?.ok_or_else(|| refused(path, "the link has no target"))?;
            let link = inside(&link)?;
            let name = link.file_name().ok_or_else(|| refused(path, "the link has no target"))?;
            let existing = folder_of(root, &link)?.join(name);
            if existing == target {
                return Ok(());
            }
            remove(&target)?;
            fs::hard_link(existing, &target)
        }
        EntryType::XGlobalHeader => Ok(()),
        _ => Err(refused(path, "devices and pipes are not unpacked")),
    }
}

/// A path of the image, relative to its root.
fn inside(path: &Path) -> io::Result<PathBuf> {
    let mut inside = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) | Component::RootDir => {
                return Err(refused(path, "the path leads out of the image"));
            }
        }
    }
    Ok(inside)
}

/// The folder of a path, made where it is missing, with links followed as long as they stay in the root.
fn folder_of(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let mut folder = root.to_owned();
    for component in path.parent().into_iter().flat_map(Path::components) {
        let next = folder.join(component);
        match fs::symlink_metadata(&next) {
            Ok(metadata) if metadata.is_symlink() => {
                folder = next.canonicalize()?;
                if !folder.starts_with(root) {
                    return Err(refused(path, "a link leads out of the image"));
                }
            }
            Ok(_) => folder = next,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fs::create_dir(&next)?;
                folder = next;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(folder)
}

/// The target of a symlink that lies `depth` folders deep, as a relative path; `None` when it would leave the root.
fn confined(target: &Path, depth: usize) -> Option<PathBuf> {
    let mut level = if target.has_root() { 0 } else { depth };
    let up = if target.has_root() { depth } else { 0 };
    let mut confined: PathBuf = std::iter::repeat_n("..", up).collect();
    for component in target.components() {
        match component {
            Component::Normal(_) => level += 1,
            Component::ParentDir => level = level.checked_sub(1)?,
            Component::CurDir | Component::Prefix(_) | Component::RootDir => continue,
        }
        confined.push(component);
    }
    Some(if confined.as_os_str().is_empty() { PathBuf::from(".") } else { confined })
}

/// Removes whatever is there, without following a link.
fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) if is_absent(&e) => Ok(()),
        Err(e) => Err(e),
    }
}

/// Whether there is nothing at a path, be it that one of its folders is a file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn refused(path: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests;
