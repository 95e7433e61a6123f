//! Names an image after what it is made of, so that "is it built already?" is a question to the
//! registry and not to a cache. Reads files; compiles nothing, asks cargo nothing.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};
use toml_edit::{DocumentMut, Item, TableLike};

use super::toolchain::Toolchain;

/// Raised when what the deployer makes of equal sources changes: layer, configuration, flags.
const FORMAT: &str = "deployer image 1";

/// Why the inputs of a build could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder cannot be read.
    #[error("{0} cannot be read")]
    Read(PathBuf, #[source] io::Error),
    /// A manifest is not TOML.
    #[error("{0} is not valid TOML")]
    Manifest(PathBuf, #[source] toml_edit::TomlError),
    /// No member has the name asked for.
    #[error("{0} has no member package named {1:?}")]
    NoPackage(PathBuf, String),
    /// A path dependency that moves with something else than the workspace.
    #[error("{0} lies outside the workspace {1}; an image is made from one workspace only")]
    Outside(PathBuf, PathBuf),
}

/// The files that decide what a package's binary will be.
#[derive(Debug)]
pub struct Inputs {
    workspace: PathBuf,
    /// Relative to the workspace.
    files: BTreeSet<PathBuf>,
}

impl Inputs {
    /// The package's folder, those of its path dependencies, `templates/`, and the root manifest
    /// and lock file. Hidden files, symbolic links and `target/` are left out.
    ///
    /// # Errors
    /// [`SourceError`] when something cannot be read or `package` is not a member.
    pub fn of(workspace: &Path, package: &str) -> Result<Self, SourceError> {
        let workspace = fs::canonicalize(workspace)
            .map_err(|error| SourceError::Read(workspace.to_owned(), error))?;
        let mut files = BTreeSet::from(["Cargo.toml".into(), "Cargo.lock".into()]);
        let mut folders = folders(&workspace, package)?;
        folders.insert(workspace.join("templates"));
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            collect(&workspace, folder, &mut files)?;
        }
        Ok(Self { workspace, files })
    }
}

/// The first 16 hex digits of a SHA-256 over the inputs' names and content, the toolchain, its
/// target and the port that is written into the image.
///
/// # Errors
/// [`SourceError::Read`] when a file cannot be read.
pub fn source_tag(
    inputs: &Inputs,
    toolchain: &Toolchain,
    port: u16,
) -> Result<String, SourceError> {
    let mut context = Context::new(&SHA256);
    // Each part is preceded by its length, so that no two lists of parts look alike.
    let mut add = |part: &[u8]| {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part);
    };
    for setting in [FORMAT, &toolchain.version, &toolchain.host, &port.to_string()] {
        add(setting.as_bytes());
    }
    for file in &inputs.files {
        let path = inputs.workspace.join(file);
        let content = fs::read(&path).map_err(|error| SourceError::Read(path, error))?;
        add(file.as_os_str().as_encoded_bytes());
        add(&content);
    }
    let digest = context.finish();
    Ok(digest.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The folders of `package` and of everything it reaches through path dependencies.
fn folders(workspace: &Path, package: &str) -> Result<BTreeSet<PathBuf>, SourceError> {
    let root = manifest(workspace)?;
    let mut pending = vec![member(workspace, &root, package)?];
    let mut found = BTreeSet::new();
    while let Some(folder) = pending.pop() {
        let folder = fs::canonicalize(&folder).map_err(|error| SourceError::Read(folder, error))?;
        if !folder.starts_with(workspace) {
            return Err(SourceError::Outside(folder, workspace.to_owned()));
        }
        if found.insert(folder.clone()) {
            let manifest = manifest(&folder)?;
            let inherited = root.get("workspace").and_then(|table| table.get("dependencies"));
            for (name, dependency) in dependencies(&manifest) {
                if let Some(path) = text(dependency, "path") {
                    pending.push(folder.join(path));
                } else if dependency.get("workspace").is_some()
                    && let Some(path) = inherited.and_then(|all| text(all.get(name)?, "path"))
                {
                    pending.push(workspace.join(path));
                }
            }
        }
    }
    Ok(found)
}

fn member(workspace: &Path, root: &DocumentMut, package: &str) -> Result<PathBuf, SourceError> {
    let listed = root.get("workspace").and_then(|table| table.get("members")?.as_array());
    let mut candidates = vec![workspace.to_owned()];
    for pattern in listed.into_iter().flatten().filter_map(|pattern| pattern.as_str()) {
        match pattern.strip_suffix("/*") {
            Some(parent) => candidates.extend(children(&workspace.join(parent))?),
            None => candidates.push(workspace.join(pattern)),
        }
    }
    for folder in candidates.into_iter().filter(|folder| folder.join("Cargo.toml").is_file()) {
        if manifest(&folder)?.get("package").and_then(|table| text(table, "name")) == Some(package)
        {
            return Ok(folder);
        }
    }
    Err(SourceError::NoPackage(workspace.to_owned(), package.to_owned()))
}

/// Everything a build of `manifest` links or runs; what only its tests need is left out.
fn dependencies(manifest: &DocumentMut) -> impl Iterator<Item = (&str, &Item)> {
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let conditional = targets.into_iter().flat_map(TableLike::iter).map(|(_, table)| table);
    [manifest.as_item()].into_iter().chain(conditional).flat_map(|table| {
        ["dependencies", "build-dependencies"]
            .into_iter()
            .filter_map(|kind| table.get(kind)?.as_table_like())
            .flat_map(TableLike::iter)
    })
}

fn manifest(folder: &Path) -> Result<DocumentMut, SourceError> {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|error| SourceError::Read(path.clone(), error))?;
    text.parse().map_err(|error| SourceError::Manifest(path, error))
}

fn text<'a>(table: &'a Item, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

/// Adds the files under `folder`, as paths relative to `workspace`.
fn collect(
    workspace: &Path,
    folder: &Path,
    files: &mut BTreeSet<PathBuf>,
) -> Result<(), SourceError> {
    // A folder named target is cargo's only where cargo works: `src/target/` is a module.
    let is_package = folder.join("Cargo.toml").is_file();
    for path in children(folder)? {
        let name = path.file_name().unwrap_or_default();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if hidden || path.is_symlink() || (is_package && name == OsStr::new("target")) {
            continue;
        }
        if path.is_dir() {
            collect(workspace, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(workspace) {
            files.insert(relative.to_owned());
        }
    }
    Ok(())
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let read = |error| SourceError::Read(folder.to_owned(), error);
    fs::read_dir(folder).map_err(read)?.map(|entry| Ok(entry.map_err(read)?.path())).collect()
}

#[cfg(test)]
mod tests;
