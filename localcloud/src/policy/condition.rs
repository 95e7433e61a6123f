//! What a statement asks for besides: `request.permission = 'VCN_CREATE'`, and `any {…}` and `all {…}` of such.

use std::slice::Iter;

use super::Request;
use super::token::Token;

/// What can be asked for. A statement that asks for anything else is refused: this cloud could not answer it.
const VARIABLES: &[&str] =
    &["request.permission", "request.operation", "target.bucket.name", "target.repo.name"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    Any(Vec<Self>),
    All(Vec<Self>),
    Is { variable: String, wanted: Wanted, negated: bool },
}

/// A value, compared without regard to case as the vendor does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Text(String),
    /// With `*` at one end or both.
    Pattern(String),
}

impl Condition {
    /// # Errors
    /// What is wrong.
    pub(super) fn parse(tokens: &mut Iter<'_, Token>) -> Result<Self, String> {
        let Some(Token::Word(word)) = tokens.next() else {
            return Err("a condition begins with a variable, any or all".to_owned());
        };
        match word.to_ascii_lowercase().as_str() {
            "any" => Ok(Self::Any(Self::list(tokens)?)),
            "all" => Ok(Self::All(Self::list(tokens)?)),
            variable if VARIABLES.contains(&variable) => Self::comparison(variable, tokens),
            variable => Err(format!(
                "the variable {variable} is not known here; there are {}",
                VARIABLES.join(", ")
            )),
        }
    }

    fn list(tokens: &mut Iter<'_, Token>) -> Result<Vec<Self>, String> {
        if tokens.next() != Some(&Token::Open) {
            return Err("after any or all comes {".to_owned());
        }
        let mut parts = vec![Self::parse(tokens)?];
        loop {
            match tokens.next() {
                Some(Token::Comma) => parts.push(Self::parse(tokens)?),
                Some(Token::Close) => return Ok(parts),
                _ => return Err("conditions are parted by commas and end with }".to_owned()),
            }
        }
    }

    fn comparison(variable: &str, tokens: &mut Iter<'_, Token>) -> Result<Self, String> {
        let negated = match tokens.next() {
            Some(Token::Equal) => false,
            Some(Token::Unequal) => true,
            _ => return Err(format!("after {variable} comes = or !=")),
        };
        let wanted = match tokens.next() {
            Some(Token::Text(text)) => Wanted::Text(text.clone()),
            Some(Token::Pattern(pattern)) => Wanted::Pattern(pattern.to_ascii_lowercase()),
            _ => return Err(format!("{variable} is compared with a 'text' or a /pattern*/")),
        };
        Ok(Self::Is { variable: variable.to_owned(), wanted, negated })
    }

    /// Whether it holds. A variable that the request does not have makes it false, whichever way it is compared.
    pub(super) fn holds(&self, request: &Request<'_>) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(request)),
            Self::All(parts) => parts.iter().all(|part| part.holds(request)),
            Self::Is { variable, wanted, negated } => {
                let value = match variable.as_str() {
                    "request.permission" => Some(request.permission),
                    "request.operation" => Some(request.operation),
                    other => request.variables.get(other).map(String::as_str),
                };
                value.is_some_and(|value| wanted.fits(value) != *negated)
            }
        }
    }
}

impl Wanted {
    fn fits(&self, value: &str) -> bool {
        let value = value.to_ascii_lowercase();
        match self {
            Self::Text(text) => text.eq_ignore_ascii_case(&value),
            Self::Pattern(pattern) => {
                match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
                    (Some(_), Some(_)) => value.contains(pattern.trim_matches('*')),
                    (Some(end), None) => value.ends_with(end),
                    (None, Some(begin)) => value.starts_with(begin),
                    (None, None) => value == *pattern,
                }
            }
        }
    }
}
