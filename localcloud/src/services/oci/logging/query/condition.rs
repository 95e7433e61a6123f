//! What a `where` asks of a row.

use std::cmp::Ordering;

use serde_json::Value;

use super::token::{Token, Tokens};
use super::{Field, field};

/// How deep brackets may go.
const DEEPEST: usize = 32;

#[derive(Debug, PartialEq)]
pub(in super::super) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Field, Comparison, Literal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Comparison {
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

/// A value of a query, as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Literal(String);

impl Condition {
    pub(super) fn parse(tokens: &mut Tokens) -> Result<Self, String> {
        Self::any(tokens, 0)
    }

    fn any(tokens: &mut Tokens, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err(format!("brackets are more than {DEEPEST} deep"));
        }
        let mut parts = vec![Self::all(tokens, depth)?];
        while tokens.take_word("or") {
            parts.push(Self::all(tokens, depth)?);
        }
        Ok(Self::Any(parts))
    }

    fn all(tokens: &mut Tokens, depth: usize) -> Result<Self, String> {
        let mut parts = vec![Self::one(tokens, depth)?];
        while tokens.take_word("and") {
            parts.push(Self::one(tokens, depth)?);
        }
        Ok(Self::All(parts))
    }

    fn one(tokens: &mut Tokens, depth: usize) -> Result<Self, String> {
        if tokens.take_word("not") {
            return Ok(Self::Not(Box::new(Self::one_more(tokens, depth)?)));
        }
        if tokens.take(&Token::Sign("(")) {
            let inner = Self::any(tokens, depth + 1)?;
            return match tokens.take(&Token::Sign(")")) {
                true => Ok(inner),
                false => Err(") is expected".to_owned()),
            };
        }
        let field = field(tokens)?;
        Ok(Self::Compare(field, comparison(tokens)?, literal(tokens)?))
    }

    fn one_more(tokens: &mut Tokens, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST { Err("too many not".to_owned()) } else { Self::one(tokens, depth + 1) }
    }

    /// A field that a row lacks makes every comparison with it false, as a null does in SQL.
    pub(in super::super) fn holds(&self, row: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(row)),
            Self::Not(part) => !part.holds(row),
            Self::Compare(field, comparison, literal) => {
                field.of(row).is_some_and(|value| literal.fits(*comparison, value))
            }
        }
    }
}

impl Literal {
    fn fits(&self, comparison: Comparison, value: &Value) -> bool {
        let text = text(value);
        let against = || order(&text, &self.0);
        match comparison {
            Comparison::Equal => self.equals(&text),
            Comparison::Different => !self.equals(&text),
            Comparison::Less => against().is_lt(),
            Comparison::LessOrEqual => against().is_le(),
            Comparison::Greater => against().is_gt(),
            Comparison::GreaterOrEqual => against().is_ge(),
            Comparison::Like => matches(&text, &self.0, '%'),
        }
    }

    /// A star stands for any letters.
    fn equals(&self, text: &str) -> bool {
        text == self.0 || (self.0.contains('*') && matches(text, &self.0, '*'))
    }
}

/// A value as it is compared; an object by its JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Numbers by size, everything else by letters. All that a load balancer logs is text, its numbers too.
pub(in super::super) fn order(left: &str, right: &str) -> Ordering {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(l), Ok(r)) => l.total_cmp(&r),
        _ => left.cmp(right),
    }
}

/// Whether a text is as a pattern says, in which one letter stands for any letters.
fn matches(text: &str, pattern: &str, any: char) -> bool {
    let mut parts = pattern.split(any);
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

fn comparison(tokens: &mut Tokens) -> Result<Comparison, String> {
    if tokens.take_word("like") {
        return Ok(Comparison::Like);
    }
    match tokens.next() {
        Some(Token::Sign("=")) => Ok(Comparison::Equal),
        Some(Token::Sign("!=" | "<>")) => Ok(Comparison::Different),
        Some(Token::Sign("<")) => Ok(Comparison::Less),
        Some(Token::Sign("<=")) => Ok(Comparison::LessOrEqual),
        Some(Token::Sign(">")) => Ok(Comparison::Greater),
        Some(Token::Sign(">=")) => Ok(Comparison::GreaterOrEqual),
        other => {
            let found = other.map_or_else(|| "nothing".to_owned(), |token| token.to_string());
            Err(format!("a comparison is expected, found {found}"))
        }
    }
}

fn literal(tokens: &mut Tokens) -> Result<Literal, String> {
    match tokens.next() {
        Some(Token::Text(text) | Token::Number(text)) => Ok(Literal(text)),
        Some(Token::Word(word)) if ["true", "false"].contains(&word.as_str()) => Ok(Literal(word)),
        other => {
            let found = other.map_or_else(|| "nothing".to_owned(), |token| token.to_string());
            Err(format!("a value is expected, found {found}"))
        }
    }
}
