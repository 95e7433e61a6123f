//! The project folder that all tests share, so that its image is compiled once: a copy of the repository's sources
//! below its `target/`. Files that are already the same are left alone, as cargo looks at their times.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Copies the project, once.
pub(super) fn shared() -> PathBuf {
    static PROJECT: OnceLock<PathBuf> = OnceLock::new();
    let folder = PROJECT.get_or_init(|| {
        let repository =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent");
        let folder = repository.join("target/it");
        copy(repository, &folder);
        // The last environment that goes takes an empty `.deployer` with it, while the next one may just arrive.
        fs::create_dir_all(folder.join(".deployer/in-use")).expect("target/ can be written");
        folder
    });
    folder.clone()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("target/ can be written");
    for entry in fs::read_dir(from).expect("sources can be read").flatten() {
        let name = entry.file_name();
        let is_source = !name.as_encoded_bytes().starts_with(b".") && name != "target";
        let (from, to) = (entry.path(), to.join(&name));
        if from.is_dir() && is_source {
            copy(&from, &to);
        } else if from.is_file() && is_source {
            let text = fs::read(&from).expect("sources can be read");
            if fs::read(&to).ok().as_ref() != Some(&text) {
                fs::write(&to, text).expect("target/ can be written");
            }
        }
    }
}
