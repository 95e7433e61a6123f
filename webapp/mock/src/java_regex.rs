//! Regular expressions as WireMock's users write them (Java's), run in linear time by the `regex` crate.
//!
//! What only Java has (lookaround, backreferences, possessive quantifiers) is refused by name.

use regex::{Regex, RegexBuilder};

/// The longest pattern, in bytes.
pub const MAX_PATTERN: usize = 10_000;
/// The most memory that one compiled pattern may take.
pub const MAX_COMPILED: usize = 1 << 20;

const JAVA_ONLY: [(&str, &str); 5] = [
    ("(?=", "lookahead"),
    ("(?!", "negative lookahead"),
    ("(?<=", "lookbehind"),
    ("(?<!", "negative lookbehind"),
    ("(?>", "an atomic group"),
];

/// Compiles a pattern that is looked for anywhere in a text.
///
/// # Errors
/// Says which piece of syntax, or which limit, it is refused for.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    build(&translate(pattern)?)
}

/// Compiles a pattern that has to match the whole text.
///
/// # Errors
/// As [`compile`].
pub fn compile_whole(pattern: &str) -> Result<Regex, String> {
    build(&whole(pattern)?)
}

/// The `regex` crate's form of a pattern that has to match the whole text.
///
/// # Errors
/// As [`compile`], but for the limit of the compiled size.
pub fn whole(pattern: &str) -> Result<String, String> {
    Ok(format!(r"\A(?:{})\z", translate(pattern)?))
}

/// A dot is any character, a line feed as well: so WireMock compiles its patterns.
fn build(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .dot_matches_new_line(true)
        .size_limit(MAX_COMPILED)
        .build().map_err(|e| match e {
        regex::Error::CompiledTooBig(limit) => {
            format!("the regular expression is too large: compiled it would take more than {limit} bytes")
        }
        e => format!("not a regular expression: {}", e.to_string().lines().last().unwrap_or_default()),
    })
}

fn translate(pattern: &str) -> Result<String, String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!(
            "a regular expression has at most {MAX_PATTERN} bytes, this one {}",
            pattern.len()
        ));
    }
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_class = 0_usize;
    while let Some(c) = rest.chars().next() {
        if let Some(escaped) = rest.strip_prefix('\\') {
            rest = escape(escaped, in_class > 0, &mut out)?;
            continue;
        }
        if in_class == 0 {
            refuse_java_only(rest)?;
        }
        match c {
            '[' => in_class += 1,
            ']' => in_class = in_class.saturating_sub(1),
            // Two of them are an operation on sets here, and nothing special in Java.
            '~' if in_class > 0 => out.push('\\'),
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Ok(out)
}

fn refuse_java_only(rest: &str) -> Result<(), String> {
    let found = JAVA_ONLY.iter().find(|(syntax, _)| rest.starts_with(syntax));
    if let Some((syntax, name)) = found {
        return Err(format!(
            "`{syntax}` ({name}) is not supported: it cannot be matched in linear time"
        ));
    }
    if ["*+", "++", "?+"].iter().any(|quantifier| rest.starts_with(quantifier)) {
        return Err(
            "a possessive quantifier (`*+`, `++`, `?+`) is not supported: leave out the `+`".into(),
        );
    }
    Ok(())
}

/// Translates what follows a backslash and returns what comes after it.
fn escape<'a>(rest: &'a str, in_class: bool, out: &mut String) -> Result<&'a str, String> {
    let Some(c) = rest.chars().next() else {
        return Err("the regular expression ends in a lone backslash".into());
    };
    let after = &rest[c.len_utf8()..];
    match c {
        'Q' => {
            let (literal, after) = after.split_once("\\E").unwrap_or((after, ""));
            out.push_str(&regex::escape(literal));
            return Ok(after);
        }
        '1'..='9' if !in_class => {
            return Err(format!(
                "the backreference `\\{c}` is not supported: it cannot be matched in linear time"
            ));
        }
        'd' => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
        'D' if !in_class => out.push_str("[^0-9]"),
        'w' => out.push_str(if in_class { "a-zA-Z0-9_" } else { "[a-zA-Z0-9_]" }),
        'W' if !in_class => out.push_str("[^a-zA-Z0-9_]"),
        's' => out.push_str(if in_class { r" \t\n\x0B\f\r" } else { r"[ \t\n\x0B\f\r]" }),
        'S' if !in_class => out.push_str(r"[^ \t\n\x0B\f\r]"),
        'h' => out.push_str(if in_class { r" \t" } else { r"[ \t]" }),
        'R' => out.push_str(r"(?:\r\n|[\n\r])"),
        'Z' => out.push_str(r"\n?\z"),
        'e' => out.push_str(r"\x1B"),
        'p' => return Ok(posix_class(after, out)),
        c if c.is_ascii_alphanumeric() => {
            out.push('\\');
            out.push(c);
        }
        c => out.push_str(&regex::escape(&c.to_string())),
    }
    Ok(after)
}

/// Java's `\p{Alpha}` and its like are the ASCII classes; every other name is Unicode's.
fn posix_class<'a>(rest: &'a str, out: &mut String) -> &'a str {
    if let Some((name, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
        let classes =
            ["Alpha", "Digit", "Alnum", "Punct", "Upper", "Lower", "Space", "XDigit", "Cntrl"];
        if classes.contains(&name) {
            out.push_str(&format_class(&name.to_ascii_lowercase()));
            return after;
        }
        out.push_str(r"\p{");
        out.push_str(name.strip_prefix("Is").unwrap_or(name));
        out.push('}');
        return after;
    }
    out.push_str(r"\p");
    rest
}

fn format_class(name: &str) -> String {
    format!("[[:{name}:]]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_syntax_means_what_it_means_in_java() {
        assert!(compile_whole(r"\Qa.b\E\d+").unwrap().is_match("a.b12"));
        assert!(!compile_whole(r"\d").unwrap().is_match("٣"), "digits are ASCII in Java");
        assert!(compile_whole(r"[\w-]+").unwrap().is_match("a-b_1"));
        assert!(!compile_whole("a|b").unwrap().is_match("ab"), "the whole text has to match");
        assert!(compile_whole(r"\/a\-b").unwrap().is_match("/a-b"));
    }

    #[test]
    fn lookaround_and_backreferences_are_refused_by_name() {
        for (pattern, name) in
            [("(?=a)b", "lookahead"), ("(?<!a)b", "lookbehind"), (r"(a)\1", "backreference")]
        {
            assert!(compile(pattern).unwrap_err().contains(name), "{pattern}");
        }
    }

    #[test]
    fn patterns_that_would_take_for_ever_elsewhere_end_at_once() {
        let regex = compile_whole("(a+)+$").unwrap();
        assert!(!regex.is_match(&format!("{}b", "a".repeat(100_000))));
    }

    #[test]
    fn patterns_too_long_or_too_large_are_refused_with_the_limit() {
        assert!(compile(&"a".repeat(10_000_000)).unwrap_err().contains("at most 10000"));
        assert!(compile(r"(?:a{1000}){1000}").unwrap_err().contains("too large"));
    }

    #[test]
    fn a_dot_is_a_line_feed_as_well_and_a_tilde_is_a_tilde() {
        assert!(compile_whole(".*a.*b.*").unwrap().is_match("{\n\"a\": 1,\n\"b\": 2\n}"));
        assert!(compile_whole("[~~a]+").unwrap().is_match("a~"));
    }
}
