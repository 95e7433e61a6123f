//! Looks over a template before the parser does: refuses what could run away, and turns what handlebars.java
//! means differently into what this parser means.

use super::{MAX_NESTING, helpers};

/// A template that may be parsed, and the helpers that it names.
pub(super) struct Tokens {
    pub(super) source: String,
    pub(super) helpers: Vec<String>,
    depth: usize,
}

/// Helpers that take all values of a name, not only the first.
const OF_LISTS: [&str; 6] = ["each", "if", "unless", "join", "size", "arrayAdd"];

pub(super) fn scan(source: &str) -> Result<Tokens, String> {
    let mut tokens =
        Tokens { source: String::with_capacity(source.len() + 64), helpers: Vec::new(), depth: 0 };
    let mut rest = source;
    while let Some(start) = rest.find("{{") {
        tokens.source.push_str(&rest[..start]);
        let escaped = rest[..start].ends_with('\\');
        rest = &rest[start..];
        rest = if escaped {
            let end = rest.find("}}").map_or(rest.len(), |end| end + 2);
            tokens.source.push_str(&rest[..end]);
            &rest[end..]
        } else {
            tokens.tag(rest)?
        };
    }
    tokens.source.push_str(rest);
    Ok(tokens)
}

impl Tokens {
    /// Takes one tag from the beginning and returns what follows.
    fn tag<'a>(&mut self, text: &'a str) -> Result<&'a str, String> {
        if text.starts_with("{{{{") {
            return Err("raw blocks (`{{{{`) are not supported".into());
        }
        if let Some(comment) = text.strip_prefix("{{!") {
            let end = if comment.starts_with("--") { "--}}" } else { "}}" };
            let after = comment.find(end).ok_or("a comment has no end")?;
            return Ok(&comment[after + end.len()..]);
        }
        let triple = text.starts_with("{{{");
        let mut rest = if triple { &text[3..] } else { &text[2..] };
        self.source.push_str(if triple { "{{{" } else { "{{" });
        if let Some(after) = rest.strip_prefix('~') {
            self.source.push('~');
            rest = after;
        }
        rest = rest.trim_start();
        let sigil = rest.chars().next().unwrap_or(' ');
        self.sigil(sigil, &rest[sigil.len_utf8().min(rest.len())..])?;
        if matches!(sigil, '#' | '/' | '&' | '^') {
            self.source.push(sigil);
            rest = &rest[1..];
        }
        self.expression(rest, sigil == '/', if triple { "}}}" } else { "}}" })
    }

    fn sigil(&mut self, sigil: char, after: &str) -> Result<(), String> {
        match sigil {
            '>' => return Err("partials (`{{>`) are not supported".into()),
            '*' => return Err("decorators (`{{*`) are not supported".into()),
            '#' if after.starts_with(['*', '>']) => {
                return Err(
                    "inline decorators and partial blocks (`{{#*`, `{{#>`) are not supported"
                        .into(),
                );
            }
            '#' => self.depth += 1,
            '/' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_NESTING {
            return Err(format!("blocks are nested more than {MAX_NESTING} deep"));
        }
        Ok(())
    }

    fn expression<'a>(
        &mut self,
        text: &'a str,
        closing: bool,
        end: &str,
    ) -> Result<&'a str, String> {
        let mut rest = text;
        // The helper of each open parenthesis; the outermost is the tag's own.
        let mut open: Vec<Option<String>> = vec![None];
        loop {
            if let Some(after) = rest.strip_prefix(end) {
                self.source.push_str(end);
                return Ok(after);
            }
            let Some(c) = rest.chars().next() else {
                return Err(format!("an expression has no end: `{}`", clip(text)));
            };
            match c {
                '\'' | '"' => rest = self.string(rest, c)?,
                '(' => {
                    open.push(None);
                    if open.len() > MAX_NESTING {
                        return Err(format!("parentheses are nested more than {MAX_NESTING} deep"));
                    }
                    rest = self.copy(rest, 1);
                }
                ')' => {
                    open.pop();
                    if open.is_empty() {
                        return Err("a parenthesis is closed that was not opened".into());
                    }
                    rest = self.copy(rest, 1);
                }
                c if c.is_whitespace() || "=|~}{,:[]^".contains(c) && !rest.starts_with('[') => {
                    rest = self.copy(rest, c.len_utf8());
                }
                _ => rest = self.word(rest, closing, &mut open)?,
            }
        }
    }

    fn copy<'a>(&mut self, rest: &'a str, length: usize) -> &'a str {
        self.source.push_str(&rest[..length]);
        &rest[length..]
    }

    /// In handlebars.java a backslash in a string is a backslash; here strings are JSON's.
    fn string<'a>(&mut self, text: &'a str, quote: char) -> Result<&'a str, String> {
        let mut content = String::new();
        let mut chars = text.char_indices().skip(1).peekable();
        while let Some((i, c)) = chars.next() {
            if c == '\\' && chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
                content.push(quote);
            } else if c == quote {
                self.source.push_str(&serde_json::to_string(&content).map_err(|e| e.to_string())?);
                return Ok(&text[i + 1..]);
            } else {
                content.push(c);
            }
        }
        Err(format!("a string has no end: `{}`", clip(text)))
    }

    fn word<'a>(
        &mut self,
        text: &'a str,
        closing: bool,
        open: &mut [Option<String>],
    ) -> Result<&'a str, String> {
        let mut in_brackets = false;
        let end = text.find(|c: char| {
            match c {
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ => return !in_brackets && (c.is_whitespace() || "()=|~}'\"".contains(c)),
            }
            false
        });
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        let is_hash = rest.starts_with('=');
        let helper = open.last_mut().expect("the tag's own is never popped");
        if helper.is_none() && !is_hash {
            *helper = Some(word.to_owned());
            let called = !closing && !rest.trim_start().starts_with(['}', '~', ')']);
            self.name(word, called)?;
        }
        let lists = helper.as_deref().is_some_and(|helper| OF_LISTS.contains(&helper));
        let rewritten = if is_hash { word.to_owned() } else { path(word, lists) };
        self.source.push_str(&rewritten);
        Ok(rest)
    }

    fn name(&mut self, name: &str, called: bool) -> Result<(), String> {
        if helpers::is_known(name) {
            if !self.helpers.iter().any(|known| known == name) {
                self.helpers.push(name.to_owned());
            }
            return Ok(());
        }
        if called && name != "else" {
            return Err(format!(
                "there is no helper `{name}`; there are {}",
                helpers::names().join(", ")
            ));
        }
        Ok(())
    }
}

/// `request.query.a` is the first of the values of `a`, and `request.path` a text that can also be indexed.
fn path(word: &str, lists: bool) -> String {
    let mut steps: Vec<&str> = word.split('.').collect();
    let offset = usize::from(steps.get(1) == Some(&"requestLine"));
    if steps.first() != Some(&"request") || steps.len() < 2 + offset {
        return word.to_owned();
    }
    let lower;
    match (steps[1 + offset], steps.len() - offset) {
        ("path", 2) => steps[1 + offset] = "pathText",
        (kind @ ("query" | "headers" | "cookies"), length @ (3 | 4)) => {
            if kind == "headers" {
                lower = steps[2 + offset].to_ascii_lowercase();
                steps[2 + offset] = &lower;
            }
            if length == 3 && !lists {
                steps.push("[0]");
            }
        }
        _ => {}
    }
    if offset == 1 {
        steps.remove(1);
    }
    steps.join(".")
}

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}
