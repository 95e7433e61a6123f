//! `docs/environment.md` against the code that reads environment files.

use std::collections::BTreeSet;

use deployer_core::environment;

use crate::repository::{files, none, read};

const PAGE: &str = "docs/environment.md";

/// Keys as the reader names them: text that is the first argument of a call or the head of a tuple.
fn keys() -> BTreeSet<String> {
    let reader = read("deployer/core/src/environment/read.rs");
    let first = |rest: &str| {
        let literal = rest.trim_start().strip_prefix('"')?.split('"').next()?.to_owned();
        let is_key = literal.starts_with(|c: char| c.is_ascii_lowercase())
            && literal.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        is_key.then_some(literal)
    };
    reader.match_indices('(').filter_map(|(at, _)| first(&reader[at + 1..])).collect()
}

#[test]
fn every_key_that_is_read_stands_on_the_page() {
    let (keys, page) = (keys(), read(PAGE));
    assert!(keys.contains("replicas") && keys.contains("tls_1_3"), "not all keys found: {keys:?}");
    let missing = keys.iter().filter(|key| !page.contains(&format!("`{key}`")));
    none(missing.map(|key| format!("{PAGE}: says nothing of `{key}`")));
}

#[test]
fn every_key_on_the_page_is_read() {
    let (keys, page) = (keys(), read(PAGE));
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let unknown = rows.filter(|key| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    none(
        unknown.filter(|key| !keys.contains(*key)).map(|key| format!("{PAGE}: `{key}` is no key")),
    );
}

#[test]
fn the_examples_on_the_page_are_right() {
    let page = read(PAGE);
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "{PAGE}: no example");
    let problems = blocks.into_iter().filter_map(|text| environment::parse(PAGE, "x", text).err());
    none(problems.flatten().map(|problem| problem.to_string()));
}

#[test]
fn every_environment_file_is_right() {
    let problems = files("environments").into_iter().filter_map(|path| {
        let name = path.strip_prefix("environments/")?.strip_suffix(".toml")?.to_owned();
        environment::parse(&path, &name, &read(&path)).err()
    });
    none(problems.flatten().map(|problem| problem.to_string()));
}
