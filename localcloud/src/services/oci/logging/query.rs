//! The vendor's query language, as much of it as is understood here: `search`, `where`, `sort by`, `limit`.
//!
//! Source: <https://docs.oracle.com/en-us/iaas/Content/Logging/Reference/query_language_specification.htm>. What is not
//! understood is refused.

mod condition;
#[cfg(test)]
mod tests;
mod token;

use serde_json::Value;

pub(super) use condition::{Condition, order};
use token::{Token, Tokens};

/// A query, taken apart.
#[derive(Debug, PartialEq)]
pub(super) struct Query {
    /// What each stream names: a compartment, a group, a log.
    pub(super) streams: Vec<Vec<String>>,
    pub(super) conditions: Vec<Condition>,
    /// Field, and whether the greatest comes first.
    pub(super) order: Option<(Field, bool)>,
    pub(super) limit: Option<usize>,
}

/// A path in a row, `data.lbStatusCode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field(Vec<String>);

impl Field {
    /// What a row has there. A row is `{"datetime", "logContent"}`; the content's own fields need no prefix.
    pub(super) fn of<'a>(&self, row: &'a Value) -> Option<&'a Value> {
        let path = match self.0.first().map(String::as_str) {
            Some("datetime") if self.0.len() == 1 => return row.get("datetime"),
            Some("logContent") => self.0.get(1..).unwrap_or_default(),
            _ => &self.0,
        };
        let found = path.iter().try_fold(row.get("logContent")?, |value, name| value.get(name))?;
        Some(found).filter(|found| !found.is_null())
    }
}

impl Query {
    /// # Errors
    /// What is not understood, and where.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Tokens::of(text)?;
        tokens.word("search")?;
        let mut query =
            Self { streams: streams(&mut tokens)?, conditions: vec![], order: None, limit: None };
        while tokens.take(&Token::Sign("|")) {
            query.stage(&mut tokens)?;
        }
        match tokens.next() {
            None => Ok(query),
            Some(token) => Err(format!("unexpected {token}")),
        }
    }

    fn stage(&mut self, tokens: &mut Tokens) -> Result<(), String> {
        if tokens.take_word("where") {
            self.conditions.push(Condition::parse(tokens)?);
        } else if tokens.take_word("sort") {
            tokens.word("by")?;
            let field = field(tokens)?;
            let descends = !tokens.take_word("asc") && tokens.take_word("desc");
            self.order = Some((field, descends));
        } else if tokens.take_word("limit") {
            let number = tokens.next();
            let Some(Token::Number(limit)) = number else {
                return Err("limit takes a number".to_owned());
            };
            let limit = limit.parse().map_err(|_| format!("limit {limit}"))?;
            self.limit = Some(self.limit.map_or(limit, |before| before.min(limit)));
        } else {
            let found = tokens.next().map_or_else(|| "nothing".to_owned(), |t| t.to_string());
            return Err(format!("where, sort by or limit is expected, found {found}"));
        }
        // A condition after a limit would be about what the limit left over, which is another question.
        if self.limit.is_some()
            && matches!(tokens.peek_second(), Some(Token::Word(w)) if w != "limit")
        {
            return Err("limit is to come last".to_owned());
        }
        Ok(())
    }
}

/// `"compartment/group/log", "compartment"`, with or without commas.
fn streams(tokens: &mut Tokens) -> Result<Vec<Vec<String>>, String> {
    let mut streams = Vec::new();
    while let Some(Token::Name(stream)) = tokens.next_name() {
        let parts: Vec<String> = stream.split('/').map(str::to_owned).collect();
        if parts.len() > 3 || parts.iter().any(String::is_empty) {
            return Err(format!("\"{stream}\" is no compartment/group/log"));
        }
        streams.push(parts);
        tokens.take(&Token::Sign(","));
    }
    if streams.is_empty() {
        return Err("search takes \"compartment/group/log\"".to_owned());
    }
    Ok(streams)
}

/// `data.lbStatusCode`, `"data"."lbStatusCode"`.
fn field(tokens: &mut Tokens) -> Result<Field, String> {
    let mut path = Vec::new();
    loop {
        match tokens.next() {
            Some(Token::Word(name) | Token::Name(name)) => path.push(name),
            other => {
                let found = other.map_or_else(|| "nothing".to_owned(), |t| t.to_string());
                return Err(format!("a field is expected, found {found}"));
            }
        }
        if !tokens.take(&Token::Sign(".")) {
            return Ok(Field(path));
        }
    }
}
