//! Who may know whom. The invariants of ARCHITECTURE.md that a dependency list or a source text decides.

use std::collections::BTreeSet;

use toml_edit::{DocumentMut, Item, TableLike};

use crate::repository::{code, is_test, members, none, sources, toml};

/// Packages of this workspace, each with those that it may use. `system-tests` may use any.
const MAY_USE: &[(&str, &[&str])] = &[
    ("deployer", &["deployer-core", "localcloud", "oci"]),
    ("deployer-core", &[]),
    ("localcloud", &[]),
    ("mandelbrot", &[]),
    ("mock", &[]),
    ("oci", &[]),
    ("tools", &[]),
    ("webapp", &["mandelbrot", "mock", "tools"]),
];

/// All that the pure half is built from.
const CORE: [&str; 5] = ["aws-lc-rs", "serde", "serde_json", "thiserror", "toml_edit"];

/// What would let I/O, time or tasks into the pure half.
const IMPURE: &[&str] =
    &["std::env", "std::fs", "std::io", "std::net", "std::process", "std::time"];

/// Parts of an impure module that are plain values.
const VALUES: &[&str] = &["std::net::Ipv4Addr", "std::net::Ipv6Addr", "std::net::IpAddr"];

fn manifests() -> impl Iterator<Item = (String, DocumentMut)> {
    members().into_iter().map(|folder| {
        let manifest = toml(&format!("{folder}/Cargo.toml"));
        (manifest["package"]["name"].as_str().unwrap().to_owned(), manifest)
    })
}

/// Every dependency of a manifest's table of that name, those of single targets included.
fn dependencies<'a>(manifest: &'a DocumentMut, table: &'a str) -> Vec<(&'a str, &'a Item)> {
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(TableLike::iter).map(|(_, target)| target);
    std::iter::once(manifest.as_item())
        .chain(targets)
        .filter_map(|place| place.get(table)?.as_table_like())
        .flat_map(TableLike::iter)
        .collect()
}

fn all_dependencies(manifest: &DocumentMut) -> Vec<(&str, &Item)> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .flat_map(|table| dependencies(manifest, table))
        .collect()
}

#[test]
fn packages_use_each_other_only_as_drawn() {
    let ours: BTreeSet<String> = manifests().map(|(name, _)| name).collect();
    let mut complaints = Vec::new();
    for (name, manifest) in manifests().filter(|(name, _)| name != "system-tests") {
        let rule = MAY_USE.iter().find(|(package, _)| *package == name);
        let may_use = rule.unwrap_or_else(|| panic!("{name} has no line in MAY_USE")).1;
        let used = all_dependencies(&manifest).into_iter().map(|(used, _)| used);
        let foreign = used.filter(|used| ours.contains(*used) && !may_use.contains(used));
        complaints.extend(foreign.map(|used| format!("{name} must not use {used}")));
    }
    none(complaints);
}

#[test]
fn the_pure_half_is_built_from_nothing_that_does_io() {
    let manifest = toml("deployer/core/Cargo.toml");
    let used: BTreeSet<&str> =
        dependencies(&manifest, "dependencies").into_iter().map(|(name, _)| name).collect();
    assert_eq!(used, BTreeSet::from(CORE));
}

#[test]
fn the_pure_half_names_no_file_no_socket_and_no_clock() {
    let mut complaints = Vec::new();
    for path in sources("deployer/core/src").into_iter().filter(|path| !is_test(path)) {
        let named = standard_paths(&code(&path));
        let impure = named.into_iter().filter(|named| {
            IMPURE.iter().any(|impure| named.starts_with(impure))
                && !VALUES.iter().any(|value| named.starts_with(value))
        });
        complaints.extend(impure.map(|named| format!("{path}: names {named}")));
    }
    none(complaints);
}

/// The paths below `std` that a source names, groups like `std::{fs, io}` taken apart.
fn standard_paths(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect()
    };
    let mut paths = Vec::new();
    for (_, rest) in code.match_indices("std::").map(|(at, _)| code.split_at(at + 5)) {
        match rest.strip_prefix('{') {
            None => paths.push(format!("std::{}", word(rest))),
            Some(group) => {
                let group = group.split("};").next().unwrap_or_default();
                paths.extend(group.split(',').map(|item| format!("std::{}", word(item.trim()))));
            }
        }
    }
    paths
}

#[test]
fn grouped_imports_do_not_hide_a_path() {
    let paths =
        standard_paths("use std::{collections::BTreeMap, fs, net::Ipv4Addr};\nstd::env::var");
    assert_eq!(
        paths,
        ["std::collections::BTreeMap", "std::fs", "std::net::Ipv4Addr", "std::env::var"]
    );
}

/// What may be named in few files only: the words, where they are looked for, the files that may, why.
const CONFINED: &[(&[&str], &str, &[&str], &str)] = &[
    (
        &["localcloud::", "use localcloud"],
        "deployer/src",
        &["deployer/src/local.rs"],
        "everything else sees a cloud by its addresses",
    ),
    (
        &["writer::"],
        "deployer/src",
        &["deployer/src/execute.rs"],
        "clouds change by carrying out a plan, in no other way",
    ),
    (
        &["adopted::mark"],
        "deployer/src",
        &["deployer/src/cli/adopt.rs"],
        "marks alone are set outside a plan, and only on what is taken over",
    ),
    (
        &["env::var"],
        "deployer",
        &["deployer/src/image/toolchain.rs", "deployer/src/settings.rs"],
        "what the process was told is read in one place; the compiler's own variables in another",
    ),
    (
        &["io::stdout", "io::stderr", "Term::"],
        "deployer",
        &["deployer/src/main.rs", "deployer/src/ui.rs", "deployer/src/ui/json.rs"],
        "one place talks to the terminal; main.rs shows the help",
    ),
    (
        &["TcpListener::bind", "UdpSocket::bind"],
        "localcloud/src",
        &["localcloud/src/loopback.rs", "localcloud/src/services/acme/lookup.rs"],
        "nothing of the embedded cloud is reached from another machine",
    ),
    (
        &["Client::builder", "Client::new()"],
        "deployer/src",
        &["deployer/src/http.rs"],
        "one HTTP client, with its roots and deadlines",
    ),
];

#[test]
fn some_words_are_named_in_few_files_only() {
    let mut complaints = Vec::new();
    for (words, folder, allowed, why) in CONFINED {
        for path in sources(folder).into_iter().filter(|path| !is_test(path)) {
            let code = code(&path);
            let named = words.iter().find(|word| code.contains(**word));
            match (named, allowed.contains(&path.as_str())) {
                (Some(word), false) => complaints.push(format!("{path}: names {word}: {why}")),
                (None, true) => {
                    complaints.push(format!("{path}: names none of {words:?} any more"));
                }
                _ => {}
            }
        }
    }
    none(complaints);
}

/// Packages that stay free of a whole kind of dependency: package, names, why.
const WITHOUT: &[(&str, &[&str], &str)] = &[
    (
        "mandelbrot",
        &["axum", "futures-util", "hyper", "tokio"],
        "the engine computes, and waits for nobody",
    ),
    (
        "oci",
        &["hyper", "hyper-util", "reqwest", "rustls"],
        "whoever uses the client brings the transport",
    ),
];

#[test]
fn packages_stay_without_what_is_not_theirs() {
    let mut complaints = Vec::new();
    for (package, unwanted, why) in WITHOUT {
        let (_, manifest) = manifests().find(|(name, _)| name == package).expect("a member");
        let used = all_dependencies(&manifest).into_iter().map(|(used, _)| used);
        let unwanted = used.filter(|used| unwanted.contains(used));
        complaints.extend(unwanted.map(|used| format!("{package} uses {used}: {why}")));
    }
    none(complaints);
}

#[test]
fn versions_stand_in_the_root_manifest_only() {
    let mut complaints = Vec::new();
    for (package, manifest) in manifests() {
        let own = all_dependencies(&manifest).into_iter().filter(|(_, dependency)| {
            dependency.get("workspace").and_then(Item::as_bool) != Some(true)
        });
        complaints
            .extend(own.map(|(name, _)| format!("{package}: {name} is not workspace = true")));
    }
    none(complaints);
}

#[test]
fn every_package_takes_the_workspace_lints() {
    let without = manifests().filter(|(_, manifest)| {
        manifest.get("lints").and_then(|l| l.get("workspace")?.as_bool()) != Some(true)
    });
    none(without.map(|(name, _)| format!("{name}: no [lints] workspace = true")));
}
