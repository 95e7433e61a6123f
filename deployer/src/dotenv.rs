//! `.env` files: parsed, never sourced. A value is taken as it stands; nothing in it is expanded or run.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use deployer_core::problem::Problem;

const LONGEST_LINE: usize = 64 * 1024;

/// Reads the file; an absent one holds nothing.
///
/// # Errors
/// Every problem of the file; values are not part of any message.
pub fn read(path: &Path) -> Result<BTreeMap<String, String>, Vec<Problem>> {
    let problem = |message: String, hint: String| {
        vec![Problem {
            file: path.display().to_string(),
            line: 1,
            key: "(file)".to_owned(),
            message,
            hint,
        }]
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(problem(error.to_string(), String::new())),
    };
    if metadata.mode() & 0o077 != 0 {
        let mode = metadata.mode() & 0o777;
        return Err(problem(
            format!("can be read by others (mode {mode:o}), and it holds secrets"),
            format!("chmod 600 {}", path.display()),
        ));
    }
    let bytes = fs::read(path).map_err(|error| problem(error.to_string(), String::new()))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| problem("is not UTF-8 text".to_owned(), "save it as UTF-8".to_owned()))?;
    parse(&path.display().to_string(), &text)
}

/// Reads `NAME=value` lines; `#` begins a comment line, quotes around a value are taken off.
///
/// # Errors
/// Every line that is not understood.
pub fn parse(file: &str, text: &str) -> Result<BTreeMap<String, String>, Vec<Problem>> {
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut note = |key: &str, message: &str, hint: &str| {
            problems.push(Problem {
                file: file.to_owned(),
                line: index + 1,
                key: key.to_owned(),
                message: message.to_owned(),
                hint: hint.to_owned(),
            });
        };
        match entry(line) {
            Ok((name, value)) => {
                if values.insert(name.to_owned(), value.to_owned()).is_some() {
                    note(name, "is set twice", "keep one of them");
                }
            }
            Err((key, message, hint)) => note(key, message, hint),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

type Wrong<'a> = (&'a str, &'static str, &'static str);

fn entry(line: &str) -> Result<(&str, &str), Wrong<'_>> {
    if line.len() > LONGEST_LINE {
        return Err(("(line)", "is longer than 64 KiB", "a value this long belongs in a file"));
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let Some((name, value)) = line.split_once('=') else {
        return Err(("(line)", "is not NAME=value", "comment lines begin with #"));
    };
    let name = name.trim_end();
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(("(line)", "has a name that is no variable name", "letters, digits and _"));
    }
    let value = value.trim();
    if value.contains('\0') {
        return Err((name, "holds a NUL character", "remove it"));
    }
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => match value[1..].strip_suffix(quote) {
            Some(inner) if !inner.contains(quote) => Ok((name, inner)),
            _ => Err((
                name,
                "has a quote that does not end",
                "close the quote at the end of the line",
            )),
        },
        _ => Ok((name, value)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn values_are_taken_as_they_stand() {
        let text = "# c\nA=1\nexport B = \"two words\" \nC='$(rm -rf /) `x` ${A}'\n\nD=\n";
        let values = parse(".env", text).unwrap();
        let expected = [("A", "1"), ("B", "two words"), ("C", "$(rm -rf /) `x` ${A}"), ("D", "")];
        assert_eq!(values, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    }

    #[test]
    fn every_bad_line_is_named_and_no_value_is_shown() {
        let problems =
            parse(".env", "TOKEN=\"hunter2\nhunter2\nA=1\nA=2\n1X=hunter2\n").unwrap_err();
        let lines: Vec<usize> = problems.iter().map(|p| p.line).collect();
        assert_eq!(lines, [1, 2, 4, 5]);
        assert!(problems.iter().all(|p| !p.to_string().contains("hunter2")));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let path = std::env::temp_dir().join(format!("dotenv-{}", std::process::id()));
        fs::write(&path, "A=1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let open = read(&path).unwrap_err();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let closed = read(&path);
        fs::remove_file(&path).unwrap();
        assert!(open[0].hint.starts_with("chmod 600"));
        assert_eq!(closed.unwrap()["A"], "1");
    }
}
