//! The words of a query.

use std::collections::VecDeque;
use std::fmt;

/// Longer queries are refused.
const LONGEST: usize = 16 * 1024;

/// Two letters go before one.
const SIGNS: &[&str] = &["!=", "<>", "<=", ">=", "=~", "=", "<", ">", "(", ")", ",", ".", "|"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word.
    Word(String),
    /// In double quotes: an identifier, or a stream.
    Name(String),
    /// In single quotes.
    Text(String),
    Number(String),
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) | Self::Number(text) => write!(f, "{text}"),
            Self::Name(text) => write!(f, "\"{text}\""),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Sign(sign) => write!(f, "{sign}"),
        }
    }
}

/// What is left of a query.
#[derive(Debug)]
pub(super) struct Tokens(VecDeque<Token>);

impl Tokens {
    pub(super) fn of(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a query of more than {LONGEST} bytes"));
        }
        let mut tokens = VecDeque::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let (token, after) = match first {
                '"' => quoted(rest, '"').map(|(text, after)| (Token::Name(text), after))?,
                '\'' => quoted(rest, '\'').map(|(text, after)| (Token::Text(text), after))?,
                _ => bare(rest, first)?,
            };
            tokens.push_back(token);
            rest = after.trim_start();
        }
        Ok(Self(tokens))
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        self.0.pop_front()
    }

    pub(super) fn next_name(&mut self) -> Option<Token> {
        self.0.pop_front_if(|token| matches!(token, Token::Name(_)))
    }

    pub(super) fn peek_second(&self) -> Option<&Token> {
        self.0.get(1)
    }

    /// Goes past a token, if it is the next one.
    pub(super) fn take(&mut self, wanted: &Token) -> bool {
        self.0.pop_front_if(|token| token == wanted).is_some()
    }

    /// As [`Self::take`], of a word in any case.
    pub(super) fn take_word(&mut self, wanted: &str) -> bool {
        let is =
            |token: &mut Token| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case(wanted));
        self.0.pop_front_if(is).is_some()
    }

    pub(super) fn word(&mut self, wanted: &str) -> Result<(), String> {
        if self.take_word(wanted) {
            return Ok(());
        }
        let found = self.next().map_or_else(|| "nothing".to_owned(), |token| token.to_string());
        Err(format!("{wanted} is expected, found {found}"))
    }
}

/// A text in quotes; a doubled quote stands for itself.
fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let mut content = String::new();
    let mut rest = text.strip_prefix(quote).unwrap_or(text);
    loop {
        let Some((before, after)) = rest.split_once(quote) else {
            return Err(format!("{text} has no end"));
        };
        content.push_str(before);
        let Some(doubled) = after.strip_prefix(quote) else { return Ok((content, after)) };
        content.push(quote);
        rest = doubled;
    }
}

fn bare(text: &str, first: char) -> Result<(Token, &str), String> {
    let split = |of: fn(char) -> bool| text.split_at(text.find(|c| !of(c)).unwrap_or(text.len()));
    if first.is_ascii_digit() || first == '-' {
        let (number, after) = split(|c| c.is_ascii_digit() || c == '.' || c == '-');
        return match number.parse::<f64>() {
            Ok(_) => Ok((Token::Number(number.to_owned()), after)),
            Err(_) => Err(format!("{number} is no number")),
        };
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let (word, after) = split(|c| c.is_ascii_alphanumeric() || c == '_');
        return Ok((Token::Word(word.to_owned()), after));
    }
    let sign = SIGNS.iter().find(|sign| text.starts_with(**sign));
    let sign = sign.ok_or_else(|| format!("unexpected {first}"))?;
    Ok((Token::Sign(sign), text.strip_prefix(sign).unwrap_or_default()))
}
