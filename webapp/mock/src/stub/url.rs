//! The five ways in which a stub says which URLs it is for.

use regex::Regex;

use crate::fields::Fields;
use crate::java_regex;
use crate::pattern::distance;
use crate::refusal::Refusal;
use crate::request::{Request, decode_percent};

/// Which URLs a stub is for.
#[derive(Debug, Clone, Default)]
pub enum UrlPattern {
    #[default]
    Any,
    /// Path and query, as sent.
    Url(String),
    Path(String),
    UrlRegex(Regex),
    PathRegex(Regex),
    Template(PathTemplate),
}

impl UrlPattern {
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Refusal> {
        let names = ["url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate"];
        let given: Vec<&str> = names.into_iter().filter(|name| fields.has(name)).collect();
        if given.len() > 1 {
            return Err(fields.refuse(format!("only one of {} can be given", given.join(", "))));
        }
        let mut url = Self::Any;
        for name in names {
            let Some(field) = fields.take(name) else { continue };
            let text = field.text()?;
            let regex = || java_regex::compile_whole(text).map_err(|why| field.refuse(why));
            url = match name {
                "url" => Self::Url(text.to_owned()),
                "urlPath" => Self::Path(text.to_owned()),
                "urlPattern" => Self::UrlRegex(regex()?),
                "urlPathPattern" => Self::PathRegex(regex()?),
                _ => Self::Template(PathTemplate::parse(text).map_err(|why| field.refuse(why))?),
            };
        }
        Ok(url)
    }

    #[must_use]
    pub fn accepts(&self, request: &Request) -> bool {
        match self {
            Self::Any => true,
            Self::Url(url) => *url == request.url,
            Self::Path(path) => path == request.path(),
            Self::UrlRegex(regex) => regex.is_match(&request.url),
            Self::PathRegex(regex) => regex.is_match(request.path()),
            Self::Template(template) => template.variables(request.path()).is_some(),
        }
    }

    #[must_use]
    pub fn distance(&self, request: &Request) -> f64 {
        if self.accepts(request) {
            return 0.0;
        }
        match self {
            Self::Any => 0.0,
            Self::Url(url) => near(url, &request.url),
            Self::Path(path) => near(path, request.path()),
            Self::UrlRegex(regex) => near(regex.as_str(), &request.url),
            Self::PathRegex(regex) => near(regex.as_str(), request.path()),
            Self::Template(template) => near(&template.text, request.path()),
        }
    }

    /// As a person would name it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Any => "any URL",
            Self::Url(text) | Self::Path(text) => text,
            Self::UrlRegex(regex) | Self::PathRegex(regex) => {
                let text = regex.as_str();
                text.strip_prefix(r"\A(?:").and_then(|t| t.strip_suffix(r")\z")).unwrap_or(text)
            }
            Self::Template(template) => &template.text,
        }
    }
}

/// How much of a URL counts for how near it is; a workspace compares those of all its stubs.
const MAX_COMPARED: usize = 96;

fn near(expected: &str, found: &str) -> f64 {
    distance::between_starts(expected, found, MAX_COMPARED)
}

/// A path with variables, such as `/contacts/{id}`.
#[derive(Debug, Clone)]
pub struct PathTemplate {
    pub text: String,
    pub segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Literal(String),
    Variable(String),
}

impl PathTemplate {
    fn parse(text: &str) -> Result<Self, String> {
        let segments: Vec<Segment> = text
            .split('/')
            .map(|segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => Segment::Variable(name.to_owned()),
                None => Segment::Literal(segment.to_owned()),
            })
            .collect();
        let braces = |s: &Segment| matches!(s, Segment::Literal(text) if text.contains(['{', '}']));
        if segments.iter().any(braces) {
            return Err("a variable takes a whole segment, such as `/contacts/{id}`".into());
        }
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The values of the variables, where the path is of this form.
    #[must_use]
    pub fn variables(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut variables = Vec::new();
        let mut pieces = path.split('/');
        for segment in &self.segments {
            let piece = pieces.next()?;
            match segment {
                Segment::Literal(literal) if literal != piece => return None,
                Segment::Literal(_) => {}
                Segment::Variable(_) if piece.is_empty() => return None,
                Segment::Variable(name) => variables.push((name.clone(), decode_percent(piece))),
            }
        }
        pieces.next().is_none().then_some(variables)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_takes_whole_segments_and_gives_their_values() {
        let template = PathTemplate::parse("/contacts/{id}/notes/{note}").unwrap();
        let found = template.variables("/contacts/7/notes/a%20b").unwrap();
        assert_eq!(found, [("id".into(), "7".into()), ("note".into(), "a b".into())]);
        assert!(template.variables("/contacts/7/notes").is_none());
        assert!(PathTemplate::parse("/a/x{id}").is_err());
    }
}
