//! Whether the documents tell the truth: the commands they show exist, the paths they name are there, the lists they
//! repeat are complete.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use deployer::{cli, settings};

use crate::repository::{files, none, read, root};

/// Documents that name paths and commands.
fn pages() -> Vec<String> {
    files("").into_iter().filter(|path| path.ends_with(".md")).collect()
}

/// The parts of a page that are code: fenced blocks, and what stands between backticks.
fn code(page: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut blocks, mut spans) = (Vec::new(), Vec::new());
    for (number, part) in page.split("```").enumerate() {
        if number % 2 == 1 {
            blocks.extend(part.lines().skip(1));
        } else {
            spans.extend(part.split('`').skip(1).step_by(2));
        }
    }
    (blocks, spans)
}

/// The arguments of a line that runs deployer; `None` when it runs something else.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let line = line.trim().trim_start_matches("$ ");
    let started = ["./target/release/deployer ", "cargo run --release -- ", "deployer "];
    let rest = started.iter().find_map(|start| line.strip_prefix(start))?;
    // What follows two blanks, or a comment sign, is talk; a redirection is the shell's.
    let rest = rest.split("  ").next()?.split(" #").next()?.split(" >").next()?;
    Some(rest.split_whitespace().collect())
}

fn complaint(place: &str, arguments: &[&str]) -> Option<String> {
    let words = std::iter::once("deployer").chain(arguments.iter().copied()).map(OsString::from);
    let (code, text) = cli::parse(words).err()?;
    (code != 0).then(|| format!("{place}: deployer {}: {text}", arguments.join(" ")))
}

#[test]
fn every_command_in_the_documents_exists() {
    let (mut count, mut complaints) = (0, Vec::new());
    for path in pages() {
        let page = read(&path);
        let (blocks, spans) = code(&page);
        let spans = spans.into_iter().filter_map(arguments);
        let spans = spans.map(|arguments| complaint(&path, &arguments));
        // In running text a command may be named without all that it needs.
        let spans = spans.map(|told| told.filter(|told| !told.contains("were not provided")));
        let blocks = blocks.into_iter().filter_map(arguments);
        for told in blocks.map(|arguments| complaint(&path, &arguments)).chain(spans) {
            count += 1;
            complaints.extend(told);
        }
    }
    assert!(count > 20, "only {count} commands found in the documents");
    none(complaints);
}

#[test]
fn every_example_in_the_help_exists() {
    let mut complaints = Vec::new();
    let commands =
        ["up", "adopt", "plan", "status", "down", "certs rotate", "host add", "topology"];
    for command in commands.into_iter().chain(["policy print", "rehearse", "local", ""]) {
        let asked = format!("deployer {command} --help");
        let Err((0, help)) = cli::parse(asked.split_whitespace().map(OsString::from)) else {
            complaints.push(format!("{asked}: there is no such command"));
            continue;
        };
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_default();
        let examples: Vec<Vec<&str>> = examples.lines().filter_map(arguments).collect();
        if examples.is_empty() {
            complaints.push(format!("{asked}: shows no example"));
        }
        complaints.extend(examples.iter().filter_map(|words| complaint(&asked, words)));
    }
    none(complaints);
}

#[test]
fn the_readme_begins_with_the_two_commands() {
    let readme = read("README.md");
    let (opening, _) = readme.split_once("\n## ").expect("the README has sections");
    let (blocks, _) = code(opening);
    assert_eq!(blocks.first(), Some(&"cargo run --release -- up --env local"));
    assert_eq!(blocks.get(1), Some(&"tests/run"));
}

#[test]
fn the_readme_explains_every_exit_code() {
    let source = read("deployer/src/failure.rs");
    let codes = source.lines().filter_map(|line| {
        let code = line.trim().strip_prefix("Self::")?.split_once(" => ")?.1;
        code.strip_suffix(',')?.parse::<u8>().ok()
    });
    let mut codes: BTreeSet<u8> = codes.collect();
    assert!(codes.len() > 5, "exit codes not found in failure.rs");
    codes.insert(0);
    let readme = read("README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let explained: BTreeSet<u8> = rows.filter_map(|word| word.parse().ok()).collect();
    assert_eq!(explained, codes);
}

#[test]
fn the_example_of_env_lists_every_variable_and_no_other() {
    let mut known: BTreeSet<String> =
        settings::VARIABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    for path in files("environments") {
        let text = read(&path);
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let references = lines.flat_map(|line| line.split("${").skip(1));
        known.extend(references.filter_map(|rest| rest.split('}').next()).map(str::to_owned));
    }
    let example = read(".env.example");
    let lines = example.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let listed: BTreeSet<String> =
        lines.filter_map(|line| line.split('=').next()).map(str::to_owned).collect();
    assert_eq!(listed, known);
}

#[test]
fn every_path_in_the_documents_is_there() {
    let mut complaints = Vec::new();
    for path in pages() {
        let page = read(&path);
        let folder = Path::new(&path).parent().unwrap();
        let links = page.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let links = links.filter(|link| !link.is_empty() && !link.contains("://"));
        let missing = links.filter(|link| !root().join(folder).join(link).exists());
        complaints
            .extend(missing.map(|link| format!("{path}: leads to {link}, which is not there")));
        let named = code(&page).1.into_iter().filter(|span| is_path(span));
        let missing = named.filter(|named| !root().join(named).exists());
        complaints
            .extend(missing.map(|named| format!("{path}: names {named}, which is not there")));
    }
    none(complaints);
}

/// Whether a span of code is a path in this repository.
fn is_path(span: &str) -> bool {
    const TOP: [&str; 7] =
        ["deployer/", "docs/", "environments/", "localcloud/", "templates/", "tests/", "webapp/"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    span.chars().all(is_plain) && TOP.iter().any(|top| span.starts_with(top))
}

#[test]
fn decisions_are_numbered_without_gaps_and_fit_a_page() {
    let mut complaints = Vec::new();
    for (number, path) in (1..).zip(files("docs/decisions")) {
        if !path.starts_with(&format!("docs/decisions/{number:04}-")) {
            complaints.push(format!("{path}: should be number {number:04}"));
        }
        let text = read(&path);
        let sections = ["## Context", "## Decision", "## Consequences", "## What would change"];
        let missing = sections.iter().filter(|section| !text.contains(**section));
        complaints.extend(missing.map(|section| format!("{path}: no section `{section}…`")));
        if text.lines().count() > 80 {
            complaints.push(format!("{path}: longer than a page"));
        }
    }
    none(complaints);
}

#[test]
fn the_map_of_the_architecture_fits_a_page() {
    let lines = read("ARCHITECTURE.md").lines().count();
    assert!(lines <= 150, "{lines} lines");
}

#[test]
fn the_changelog_has_a_place_for_what_is_not_released() {
    assert!(read("CHANGELOG.md").contains("\n## [Unreleased]\n"));
}

#[test]
fn nothing_names_a_place_of_one_machine() {
    let places = [concat!("/wo", "rk/"), concat!("../sha", "red")];
    let mut complaints = Vec::new();
    for path in files("") {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        let named = places.iter().filter(|place| text.contains(**place));
        complaints.extend(named.map(|place| format!("{path}: names {place}")));
    }
    none(complaints);
}
