//! What the workspace pulls in: from where, under which licence, and that there is one of each heavy thing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::repository::{cargo, none, toml};
use crate::spdx;

/// Licences that may be linked into what we ship. `deny.toml` allows the same.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "IJG",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Other TLS and crypto: see docs/decisions/0004-one-crypto-backend-aws-lc-rs.md.
const UNWANTED: &[&str] = &["native-tls", "openssl", "openssl-sys", "ring"];

/// Two versions of these would be two HTTP or two TLS stacks.
const ONE_OF_EACH: &[&str] =
    &["aws-lc-rs", "h2", "http", "hyper", "reqwest", "rustls", "rustls-webpki", "tokio"];

/// The packages that are compiled on this machine, name and version.
fn compiled() -> BTreeSet<(String, String)> {
    let edges = "normal,build,dev";
    let tree = ["tree", "--workspace", "--edges", edges, "--prefix", "none", "--format", "{p}"];
    let tree = cargo(&[&tree[..], &["--offline", "--locked"]].concat());
    let package = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    tree.lines().filter_map(package).collect()
}

#[test]
fn no_other_crypto_backend_is_compiled() {
    let compiled = compiled();
    assert!(compiled.iter().any(|(name, _)| name == "aws-lc-rs"), "cargo tree says nothing");
    let unwanted = compiled.iter().filter(|(name, _)| UNWANTED.contains(&name.as_str()));
    none(unwanted.map(|(name, version)| format!("{name} {version} is compiled")));
}

#[test]
fn there_is_one_http_and_one_tls_stack() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version) in compiled() {
        versions.entry(name).or_default().push(version);
    }
    let several = ONE_OF_EACH.iter().filter(|name| versions.get(**name).map_or(0, Vec::len) != 1);
    none(several.map(|name| format!("{name}: {:?}, must be exactly one", versions.get(*name))));
}

#[test]
fn the_lock_file_names_no_openssl_and_nothing_outside_the_registry() {
    let lock = toml("Cargo.lock");
    let packages = lock["package"].as_array_of_tables().expect("a list of packages");
    let complaints = packages.iter().filter_map(|package| {
        let name = package["name"].as_str()?;
        // Absent for the packages of this workspace.
        let source = package.get("source").map_or("", |source| source.as_str().unwrap_or("?"));
        let is_known =
            source.is_empty() || source == "registry+https://github.com/rust-lang/crates.io-index";
        // `ring` is named there by optional features of others; whether it is compiled is asked above.
        let is_unwanted = UNWANTED.contains(&name) && name != "ring";
        (!is_known || is_unwanted).then(|| format!("{name} from `{source}`"))
    });
    none(complaints);
}

#[test]
fn every_licence_is_one_that_may_be_linked() {
    let host = cargo(&["-vV"]);
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo has a host");
    let metadata = ["metadata", "--format-version", "1", "--offline", "--locked"];
    let metadata = cargo(&[&metadata[..], &["--filter-platform", host]].concat());
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let used = |package: &&Value| {
        metadata["resolve"]["nodes"].as_array().unwrap().iter().any(|n| n["id"] == package["id"])
    };
    let packages = metadata["packages"].as_array().unwrap().iter().filter(used);
    let complaints = packages.filter_map(|package| {
        let licence = package["license"].as_str().unwrap_or_default();
        let name = package["name"].as_str().unwrap_or_default();
        (!spdx::is_met(licence, LICENCES)).then(|| format!("{name}: `{licence}`"))
    });
    none(complaints);
}

#[test]
fn cargo_deny_allows_the_same_licences() {
    let deny = toml("deny.toml");
    let allowed = deny["licenses"]["allow"].as_array().expect("a list");
    let allowed: BTreeSet<&str> = allowed.iter().filter_map(|licence| licence.as_str()).collect();
    assert_eq!(allowed, BTreeSet::from_iter(LICENCES.iter().copied()));
}
