//! `docs/environment.md` against the code that reads environment files.

use std::collections::BTreeSet;

use deployer_core::environment;

use crate::repository::{files, none, read};

const PAGE: &str = "docs/environment.md";

/// The words of the reader: keys, and the values that a key may have.
fn words() -> BTreeSet<String> {
    let reader = read("deployer/core/src/environment/read.rs");
    let is_word = |text: &&str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
    };
    // A quote inside a text is escaped; without those, every second part is a text.
    let plain = reader.replace("\\\"", "");
    plain.split('"').skip(1).step_by(2).filter(is_word).map(str::to_owned).collect()
}

#[test]
fn every_key_and_every_value_that_is_read_stands_on_the_page() {
    let (words, page) = (words(), read(PAGE));
    assert!(words.contains("replicas") && words.contains("tls_1_3"), "not all found: {words:?}");
    let stands = |word: &str| {
        let forms = [format!("`{word}`"), format!("`{word}."), format!("\"{word}\"")];
        forms.iter().any(|form| page.contains(form))
    };
    let missing = words.iter().filter(|word| !stands(word));
    none(missing.map(|word| format!("{PAGE}: says nothing of `{word}`")));
}

#[test]
fn every_key_on_the_page_is_read() {
    let (words, page) = (words(), read(PAGE));
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let unknown = rows.filter(|key| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    none(
        unknown.filter(|key| !words.contains(*key)).map(|key| format!("{PAGE}: `{key}` is no key")),
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
