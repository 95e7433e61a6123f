//! Files stay small enough to read in one sitting and say what they own. The size of functions is clippy's job.

use crate::repository::{is_test, none, read, sources};

const LONGEST: usize = 400;
const LONGEST_TEST: usize = 1000;

/// Files that may be longer: path, most lines, reason.
const EXCEPTIONS: &[(&str, usize, &str)] = &[];

fn lines(path: &str) -> usize {
    read(path).lines().count()
}

fn limit(path: &str) -> usize {
    let excepted = EXCEPTIONS.iter().find(|(exception, _, _)| *exception == path);
    let usual = if is_test(path) { LONGEST_TEST } else { LONGEST };
    excepted.map_or(usual, |(_, limit, _)| *limit)
}

#[test]
fn no_source_file_outgrows_its_limit() {
    let too_long = sources("").into_iter().filter(|path| lines(path) > limit(path));
    none(too_long.map(|path| format!("{path}: {} lines, at most {}", lines(&path), limit(&path))));
}

#[test]
fn every_exception_from_the_limit_is_still_needed() {
    let needless = EXCEPTIONS.iter().filter(|(path, _, _)| lines(path) <= LONGEST);
    none(needless.map(|(path, _, _)| format!("{path}: fits; remove the exception")));
}

#[test]
fn every_source_file_begins_by_saying_what_it_owns() {
    let silent = |path: &String| !read(path).starts_with("//! ") && !path.ends_with("/tests.rs");
    none(sources("").into_iter().filter(silent).map(|path| format!("{path}: no //! header")));
}

#[test]
fn modules_lie_beside_their_folder() {
    let inside = sources("").into_iter().filter(|path| path.ends_with("/mod.rs"));
    none(inside.map(|path| format!("{path}: name it after the folder, beside the folder")));
}
