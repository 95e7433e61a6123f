//! The condition language V1 of routing policies (Load Balancer guide, "Routing Policy Language").
//!
//! `any(…)`, `all(…)`, `not(…)` over comparisons such as `http.request.url.path sw (i '/api')`. Parsed once.

mod parse;

use http::HeaderMap;
use percent_encoding::percent_decode_str;

pub(crate) use parse::NotACondition;

/// What a condition looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// A parsed condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
    Exists(Operand),
    Compare { operand: Operand, comparison: Comparison, text: Text },
}

/// Where the compared text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    Path,
    Header { name: Text, index: Option<usize> },
    Cookie { name: Text, index: Option<usize> },
    Query { name: Text, index: Option<usize> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
}

/// A literal: `'x'`, or `(i 'x')` when case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    value: String,
    any_case: bool,
}

impl std::str::FromStr for Condition {
    type Err = NotACondition;

    fn from_str(text: &str) -> Result<Self, NotACondition> {
        parse::parse(text)
    }
}

impl Condition {
    /// Whether a request fulfils it.
    pub(crate) fn holds(&self, subject: Subject<'_>) -> bool {
        match self {
            Self::Any(conditions) => conditions.iter().any(|c| c.holds(subject)),
            Self::All(conditions) => conditions.iter().all(|c| c.holds(subject)),
            Self::Not(condition) => !condition.holds(subject),
            Self::Exists(operand) => !operand.values(subject).is_empty(),
            Self::Compare { operand, comparison, text } => {
                operand.values(subject).iter().any(|value| text.compare(*comparison, value))
            }
        }
    }
}

impl Operand {
    fn values(&self, subject: Subject<'_>) -> Vec<String> {
        match self {
            Self::Path => vec![subject.path.to_owned()],
            Self::Header { name, index } => select(headers(subject.headers), name, *index),
            Self::Cookie { name, index } => select(cookies(subject.headers), name, *index),
            Self::Query { name, index } => select(parameters(subject.query), name, *index),
        }
    }
}

impl Text {
    fn compare(&self, comparison: Comparison, value: &str) -> bool {
        let (value, text) = (self.fold(value), self.fold(&self.value));
        match comparison {
            Comparison::Equals => value == text,
            Comparison::StartsWith => value.starts_with(&text),
            Comparison::EndsWith => value.ends_with(&text),
            Comparison::Contains => value.contains(&text),
        }
    }

    fn fold(&self, text: &str) -> String {
        if self.any_case { text.to_ascii_lowercase() } else { text.to_owned() }
    }
}

/// The values under a name: all of them, or the one at `index`.
fn select(
    pairs: impl Iterator<Item = (String, String)>,
    name: &Text,
    index: Option<usize>,
) -> Vec<String> {
    let named =
        pairs.filter(|(key, _)| name.compare(Comparison::Equals, key)).map(|(_, value)| value);
    match index {
        None => named.collect(),
        Some(index) => named.skip(index).take(1).collect(),
    }
}

fn headers(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    })
}

/// The cookies of a request (RFC 6265 section 4.2).
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    let lines = headers.get_all(http::header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    })
}

fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

#[cfg(test)]
mod tests;
