//! Which changes give an image another name, and which must not.

use std::time::{Duration, Instant};

use super::*;
use crate::image::scratch::Scratch;

fn toolchain() -> Toolchain {
    let text = |text: &str| text.to_owned();
    Toolchain { cargo: "cargo".into(), cargo_home: None, version: text("1.95"), host: text("x") }
}

fn workspace(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.append(
        "Cargo.toml",
        "[workspace]\nmembers = [\"site\", \"parts/*\"]\n[workspace.dependencies]\nengine = { path = \"parts/engine\" }\n",
    );
    scratch.append("Cargo.lock", "version = 4\n");
    scratch.append(
        "site/Cargo.toml",
        "[package]\nname = \"site\"\n[target.'cfg(unix)'.dependencies]\nengine.workspace = true\n",
    );
    scratch.append("site/src/main.rs", "fn main() {}");
    scratch.append(
        "parts/engine/Cargo.toml",
        "[package]\nname = \"engine\"\n[build-dependencies]\ntables = { path = \"../tables\" }\n",
    );
    scratch.append("parts/engine/src/lib.rs", "");
    scratch.append("parts/tables/Cargo.toml", "[package]\nname = \"tables\"\n");
    scratch.append("parts/other/Cargo.toml", "[package]\nname = \"other\"\n");
    scratch.append("templates/Dockerfile.hbs", "FROM scratch");
    scratch
}

fn tag(scratch: &Scratch) -> String {
    source_tag(&Inputs::of(scratch.path(), "site").unwrap(), &toolchain(), 80).unwrap()
}

#[test]
fn every_build_input_changes_the_tag() {
    let scratch = workspace("inputs");
    let mut seen = BTreeSet::from([tag(&scratch)]);
    for file in [
        "Cargo.toml",
        "Cargo.lock",
        "site/src/main.rs",
        "site/static/style.css",
        "site/src/target/mod.rs",
        "parts/engine/src/lib.rs",
        "parts/tables/Cargo.toml",
        "templates/Dockerfile.hbs",
    ] {
        scratch.append(file, "\n#");
        assert!(seen.insert(tag(&scratch)), "{file} does not change the tag");
    }
    let tag = seen.pop_last().unwrap();
    assert!(tag.len() == 16 && tag.bytes().all(|digit| digit.is_ascii_hexdigit()), "{tag}");
}

#[test]
fn what_no_build_reads_leaves_the_tag_alone() {
    let scratch = workspace("noise");
    let before = tag(&scratch);
    for file in ["site/target/x", "site/.hidden", "parts/other/src/lib.rs", "README.md"] {
        scratch.append(file, "noise");
    }
    std::os::unix::fs::symlink("/", scratch.path().join("site/link")).unwrap();
    assert_eq!(tag(&scratch), before);
}

#[test]
fn the_tag_does_not_depend_on_where_the_workspace_lies() {
    assert_eq!(tag(&workspace("here")), tag(&workspace("there-and-longer")));
}

#[test]
fn toolchain_target_and_port_are_part_of_the_tag() {
    let scratch = workspace("toolchain");
    let inputs = Inputs::of(scratch.path(), "site").unwrap();
    let newer = Toolchain { version: "1.96".to_owned(), ..toolchain() };
    let other = Toolchain { host: "y".to_owned(), ..toolchain() };
    let tags: BTreeSet<_> = [
        source_tag(&inputs, &toolchain(), 80),
        source_tag(&inputs, &toolchain(), 81),
        source_tag(&inputs, &newer, 80),
        source_tag(&inputs, &other, 80),
    ]
    .map(Result::unwrap)
    .into();
    assert_eq!(tags.len(), 4);
}

#[test]
fn an_unknown_package_and_a_dependency_from_outside_are_refused() {
    let scratch = workspace("refused");
    assert!(matches!(
        Inputs::of(scratch.path(), "absent"),
        Err(SourceError::NoPackage(_, name)) if name == "absent"
    ));
    scratch.append("site/Cargo.toml", "\n[dependencies]\ntemp = { path = \"../..\" }\n");
    assert!(matches!(Inputs::of(scratch.path(), "site"), Err(SourceError::Outside(..))));
}

#[test]
fn the_tag_of_this_repository_is_quick() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let measure = || {
        let started = Instant::now();
        source_tag(&Inputs::of(&workspace, "webapp").unwrap(), &toolchain(), 80).unwrap();
        started.elapsed()
    };
    let best = (0..5).map(|_| measure()).min().unwrap();
    println!("source tag of the web app: {best:?}");
    assert!(best < Duration::from_millis(100), "{best:?}"); // 20 ms, and room for a busy machine
}
