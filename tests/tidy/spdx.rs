//! Licence expressions (SPDX specification, annex D): whether one can be met with a set of allowed licences.

/// Whether `expression` is met: every side of an AND, one side of an OR. The `/` of old manifests means OR.
pub(crate) fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let text = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = text.split_whitespace().peekable();
    let met = any(&mut words, allowed);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

/// AND binds tighter than OR. Both sides are always read, so that the words are used up.
fn any(words: &mut Words<'_>, allowed: &[&str]) -> bool {
    let mut met = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all(words: &mut Words<'_>, allowed: &[&str]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &[&str]) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let met = any(words, allowed);
        return words.next() == Some(")") && met;
    }
    // A licence with an exception is allowed under that whole name only, as cargo-deny has it.
    match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
        Some(exception) => allowed.contains(&&*format!("{word} WITH {exception}")),
        None => allowed.contains(&word),
    }
}

#[test]
fn one_side_of_an_or_is_enough() {
    assert!(is_met("GPL-3.0 OR MIT", &["MIT"]));
    assert!(is_met("MIT/Apache-2.0", &["Apache-2.0"]));
}

#[test]
fn every_side_of_an_and_is_needed() {
    assert!(!is_met("MIT AND GPL-3.0", &["MIT"]));
    assert!(!is_met("MIT OR ISC AND GPL-3.0", &["ISC"]));
    assert!(!is_met("(MIT OR ISC) AND GPL-3.0", &["MIT"]));
    assert!(is_met("ISC AND (Apache-2.0 OR ISC)", &["ISC"]));
}

#[test]
fn a_licence_with_an_exception_is_another_licence() {
    let llvm = "Apache-2.0 WITH LLVM-exception";
    assert!(is_met(llvm, &[llvm]));
    assert!(is_met("Apache-2.0 WITH LLVM-exception OR MIT", &["MIT"]));
    assert!(!is_met(llvm, &["Apache-2.0"]));
}

#[test]
fn what_cannot_be_read_is_not_met() {
    assert!(!is_met("", &["MIT"]));
    assert!(!is_met("MIT)", &["MIT"]));
    assert!(!is_met("(MIT", &["MIT"]));
}
