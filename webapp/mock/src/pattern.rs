//! Matchers of a single text or of several: what they accept, and how far off a text is that they do not.

use std::borrow::Cow;

use regex::Regex;

use crate::json::Json;
use crate::json_path::{Found, JsonPath};

pub mod date;
pub mod distance;
pub mod json_equal;
pub mod read;
pub mod xml;

use date::DateRule;
use json_equal::EqualJson;

/// A matcher of one text, which may be absent.
#[derive(Debug, Clone)]
pub enum Pattern {
    EqualTo { value: String, ignore_case: bool },
    Contains(String),
    DoesNotContain(String),
    Matches(Regex),
    DoesNotMatch(Regex),
    EqualToJson(EqualJson),
    EqualToXml(xml::EqualXml),
    JsonPath { path: JsonPath, inner: Option<Box<Self>> },
    BinaryEqualTo(Vec<u8>),
    Date(DateRule),
    Absent,
    Anything,
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
}

/// A text to be matched, and the moment it is matched at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub bytes: Option<&'a [u8]>,
    /// The same as text, and parsed, where somebody has done that before.
    pub text: Option<&'a str>,
    pub json: Option<&'a Json>,
    /// Milliseconds since 1970.
    pub now: i64,
}

impl<'a> Subject<'a> {
    #[must_use]
    pub fn text(text: Option<&'a str>, now: i64) -> Self {
        Self { bytes: text.map(str::as_bytes), text, json: None, now }
    }

    fn as_text(&self) -> Option<Cow<'a, str>> {
        self.text.map(Cow::Borrowed).or_else(|| self.bytes.map(String::from_utf8_lossy))
    }

    fn with_json<T>(&self, read: impl FnOnce(&Json) -> T) -> Option<T> {
        match self.json {
            Some(json) => Some(read(json)),
            None => Some(read(&Json::parse(self.bytes?).ok()?)),
        }
    }
}

impl Pattern {
    /// Whether the subject is what is asked for.
    #[must_use]
    pub fn accepts(&self, subject: &Subject<'_>) -> bool {
        let text = || subject.as_text();
        match self {
            Self::EqualTo { value, ignore_case } => text().is_some_and(|text| {
                if *ignore_case {
                    text.to_lowercase() == value.to_lowercase()
                } else {
                    text == *value
                }
            }),
            Self::Contains(piece) => text().is_some_and(|text| text.contains(piece.as_str())),
            Self::DoesNotContain(piece) => text().is_none_or(|text| !text.contains(piece.as_str())),
            Self::Matches(regex) => text().is_some_and(|text| regex.is_match(&text)),
            Self::DoesNotMatch(regex) => text().is_none_or(|text| !regex.is_match(&text)),
            Self::EqualToJson(expected) => {
                subject.with_json(|found| expected.accepts(found)).unwrap_or(false)
            }
            Self::EqualToXml(expected) => text().is_some_and(|text| expected.accepts(&text)),
            Self::JsonPath { path, inner } => subject
                .with_json(|json| path_accepts(path, inner.as_deref(), json, subject.now))
                .unwrap_or(false),
            Self::BinaryEqualTo(bytes) => subject.bytes == Some(bytes.as_slice()),
            Self::Date(rule) => text().is_some_and(|text| rule.accepts(&text, subject.now)),
            Self::Absent => subject.bytes.is_none(),
            Self::Anything => true,
            Self::And(all) => all.iter().all(|pattern| pattern.accepts(subject)),
            Self::Or(any) => any.iter().any(|pattern| pattern.accepts(subject)),
            Self::Not(inner) => !inner.accepts(subject),
        }
    }

    /// How far off the subject is: 0 where it is accepted, 1 where nothing is alike.
    #[must_use]
    pub fn distance(&self, subject: &Subject<'_>) -> f64 {
        if self.accepts(subject) {
            return 0.0;
        }
        let Some(text) = subject.as_text() else { return 1.0 };
        match self {
            Self::EqualTo { value, .. } => distance::between(value, &text),
            Self::Contains(piece) => distance::between(piece, &text),
            Self::Matches(regex) => distance::between(regex.as_str(), &text),
            Self::EqualToJson(expected) => expected.distance(&text),
            Self::And(all) => distance::mean(all.iter().map(|pattern| pattern.distance(subject))),
            Self::Or(any) => {
                any.iter().map(|pattern| pattern.distance(subject)).fold(1.0, f64::min)
            }
            _ => 1.0,
        }
    }
}

fn path_accepts(path: &JsonPath, inner: Option<&Pattern>, json: &Json, now: i64) -> bool {
    let Ok(found) = path.find(json) else { return false };
    let Some(inner) = inner else {
        return match found {
            Found::One(Some(Json::Array(items))) => !items.is_empty(),
            Found::One(Some(Json::Object(fields))) => !fields.is_empty(),
            Found::One(value) => value.is_some_and(|value| !value.is_null()),
            Found::Many(values) => !values.is_empty(),
        };
    };
    let whole = found.into_json().filter(|value| !value.is_null());
    let accepts = |value: &Json| {
        let text = (!value.is_null()).then(|| value.plain());
        inner.accepts(&Subject::text(text.as_deref(), now))
    };
    match (&whole, inner) {
        // Nothing found is only ever absent: WireMock asks no other matcher about it.
        (None, inner) => matches!(inner, Pattern::Absent),
        (Some(Json::Array(items)), Pattern::Absent) => items.is_empty(),
        (Some(whole @ Json::Array(_)), Pattern::EqualToJson(_)) if accepts(whole) => true,
        (Some(Json::Array(items)), _) => items.iter().any(accepts),
        (Some(value), _) => accepts(value),
    }
}

/// A matcher of the values that one name has: a header, a query parameter, a form field.
#[derive(Debug, Clone)]
pub enum MultiPattern {
    /// One of the values is accepted; without a value, absence is.
    Any(Pattern),
    /// Each value by another of these, and as many of either.
    HasExactly(Vec<Pattern>),
    /// Each of these accepts one of the values.
    Includes(Vec<Pattern>),
}

impl MultiPattern {
    /// How far off the values are; 0 is a match.
    #[must_use]
    pub fn distance(&self, values: &[&str], now: i64) -> f64 {
        let nearest = |pattern: &Pattern| {
            let each =
                values.iter().map(|value| pattern.distance(&Subject::text(Some(value), now)));
            each.fold(1.0, f64::min)
        };
        match self {
            Self::Any(pattern) if values.is_empty() => pattern.distance(&Subject::text(None, now)),
            Self::Any(pattern) => nearest(pattern),
            Self::HasExactly(patterns) => {
                let mean = distance::mean(patterns.iter().map(nearest));
                let covered = values.iter().all(|value| {
                    patterns.iter().any(|pattern| pattern.accepts(&Subject::text(Some(value), now)))
                });
                if covered && patterns.len() == values.len() { mean } else { mean.max(0.5) }
            }
            Self::Includes(patterns) => distance::mean(patterns.iter().map(nearest)),
        }
    }

    /// Whether the values are what is asked for.
    #[must_use]
    pub fn accepts(&self, values: &[&str], now: i64) -> bool {
        match self {
            Self::Any(pattern) if !values.is_empty() => {
                values.iter().any(|value| pattern.accepts(&Subject::text(Some(value), now)))
            }
            _ => self.distance(values, now) <= 0.0,
        }
    }
}
