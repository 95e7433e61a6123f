//! Names that clients give to files, made harmless: for an archive that is unpacked anywhere, and for a header.

use std::collections::HashSet;
use std::fmt::Write;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// What a file without a name is called.
pub(crate) const NAMELESS: &str = "file";
/// The most bytes of a name.
const LONGEST: usize = 120;
/// What Windows takes for a device, whatever suffix follows.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A name without folders, controls, changes of direction, devices and leading or trailing dots; never empty.
pub(crate) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|&letter| is_harmless(letter)).collect();
    let mut kept =
        kept.trim_matches(|letter: char| letter == '.' || letter.is_whitespace()).to_owned();
    if is_device(&kept) {
        kept.insert(0, '_');
    }
    shorten(&mut kept);
    if kept.is_empty() { NAMELESS.to_owned() } else { kept }
}

/// The same names, those that came before told apart by a number.
pub(crate) fn unique(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let tell_apart = |name: String| {
        let (stem, suffix) = match name.rsplit_once('.') {
            Some((stem, suffix)) => (stem.to_owned(), format!(".{suffix}")),
            None => (name.clone(), String::new()),
        };
        let others = (2..).map(|number: u32| format!("{stem}-{number}{suffix}"));
        // Upper and lower case are one name where archives are unpacked on Windows and macOS.
        let free =
            std::iter::once(name).chain(others).find(|name| taken.insert(name.to_lowercase()));
        free.unwrap_or_default()
    };
    names.into_iter().map(tell_apart).collect()
}

/// `Content-Disposition` of a download (RFC 6266), with the name in ASCII for old clients.
pub(crate) fn attachment(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || " ._-()".contains(letter);
    let ascii: String =
        name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let mut header = format!("attachment; filename=\"{ascii}\"");
    if ascii != name {
        let _ =
            write!(header, "; filename*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC));
    }
    header
}

/// Neither a control nor what changes the direction of text (Unicode TR 36, 3.1), nor what Windows has no names with.
fn is_harmless(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    !letter.is_control() && !turns && !"<>:\"|?*".contains(letter)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    let numbered = |kind| {
        stem.strip_prefix(kind).is_some_and(|rest: &str| {
            rest.len() == 1 && rest.bytes().all(|digit| digit.is_ascii_digit())
        })
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// Cuts the stem, so that the suffix stays.
fn shorten(name: &mut String) {
    if name.len() <= LONGEST {
        return;
    }
    let suffix = name
        .rfind('.')
        .map(|dot| name.split_off(dot))
        .filter(|suffix| suffix.len() <= 16)
        .unwrap_or_default();
    while name.len() + suffix.len() > LONGEST {
        name.pop();
    }
    name.push_str(&suffix);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_harmless_and_honest_ones_stay() {
        let cleaned = [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\x.pdf", "x.pdf"),
            ("<img src=x onerror=alert(1)>.png", "img src=x onerror=alert(1).png"),
            ("report\u{202e}fdp.exe", "reportfdp.exe"),
            ("CON.pdf", "_CON.pdf"),
            ("com1", "_com1"),
            ("a\0b\nc.pdf", "abc.pdf"),
            ("", "file"),
            ("...", "file"),
            ("Übersicht 2026 (final).pdf", "Übersicht 2026 (final).pdf"),
        ];
        for (name, expected) in cleaned {
            assert_eq!(clean(name), expected);
        }
        let long = clean(&format!("{}.pdf", "é".repeat(300)));
        assert!(long.len() <= 120 && long.ends_with(".pdf"), "{long}");
    }

    #[test]
    fn names_that_would_meet_in_a_folder_are_told_apart() {
        let names = ["a.png", "A.png", "a.png", "b"].map(str::to_owned);
        assert_eq!(unique(names), ["a.png", "A-2.png", "a-3.png", "b"]);
    }

    #[test]
    fn a_header_says_a_name_in_ascii_and_as_it_is() {
        assert_eq!(attachment("a.pdf"), "attachment; filename=\"a.pdf\"");
        let header = attachment("ü\".pdf");
        assert_eq!(header, "attachment; filename=\"__.pdf\"; filename*=UTF-8''%C3%BC%22%2Epdf");
    }
}
