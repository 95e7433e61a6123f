//! Text to [`Condition`]: words, then a grammar without left recursion.

use super::{Comparison, Condition, Operand, Text};

/// Why a text is not a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a condition: {why}")]
pub(crate) struct NotACondition {
    text: String,
    why: String,
}

/// Depth of nesting that is followed; the vendor allows one level.
const DEEPEST: usize = 8;

pub(super) fn parse(text: &str) -> Result<Condition, NotACondition> {
    let fail = |why| NotACondition { text: text.to_owned(), why };
    let words = split(text).map_err(fail)?;
    let mut parser = Parser { words: &words };
    let condition = parser.condition(DEEPEST).map_err(fail)?;
    match parser.words {
        [] => Ok(condition),
        [word, ..] => Err(fail(format!("{word:?} is too much"))),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Name(String),
    Literal(String),
    Sign(char),
}

fn split(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | '[' | ']' | ',' | '=' => {
                words.push(Word::Sign(first));
                1
            }
            '\'' => {
                let literal = rest[1..].split_once('\'').ok_or("a quote is not closed")?.0;
                words.push(Word::Literal(literal.to_owned()));
                literal.len() + 2
            }
            _ => {
                let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
                let name = &rest[..rest.find(ends).unwrap_or(rest.len())];
                if name.is_empty() {
                    return Err(format!("`{first}` has no meaning here"));
                }
                words.push(Word::Name(name.to_owned()));
                name.len()
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

struct Parser<'w> {
    words: &'w [Word],
}

impl Parser<'_> {
    fn condition(&mut self, depth: usize) -> Result<Condition, String> {
        let depth = depth.checked_sub(1).ok_or("it is nested too deeply")?;
        let group = match self.words {
            [Word::Name(name), Word::Sign('('), ..] => name.as_str(),
            [Word::Sign('('), ..] => "all",
            _ => return self.comparison(),
        };
        let group = group.to_owned();
        self.take_name();
        let mut conditions = self.list(depth)?;
        match group.as_str() {
            "any" => Ok(Condition::Any(conditions)),
            "all" => Ok(Condition::All(conditions)),
            "not" if conditions.len() == 1 => Ok(Condition::Not(Box::new(conditions.remove(0)))),
            _ => Err(format!("`{group}` is none of any, all, not")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Condition>, String> {
        self.expect('(')?;
        let mut conditions = vec![self.condition(depth)?];
        while self.take_sign(',') {
            conditions.push(self.condition(depth)?);
        }
        self.expect(')')?;
        Ok(conditions)
    }

    fn comparison(&mut self) -> Result<Condition, String> {
        let operand = self.operand()?;
        let negated = self.take_word("not");
        let operator =
            if self.take_sign('=') { "eq".to_owned() } else { self.name("an operator")? };
        let condition = match operator.as_str() {
            "exists" => Condition::Exists(operand),
            "eq" => self.compare(operand, Comparison::Equals)?,
            "ct" => self.compare(operand, Comparison::Contains)?,
            "sw" => self.compare(operand, Comparison::StartsWith)?,
            "ew" => self.compare(operand, Comparison::EndsWith)?,
            other => return Err(format!("`{other}` is no operator")),
        };
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    /// The vendor compares beginnings and endings of single values only (oci-native-ingress-controller notes its
    /// refusal: "invalid operand types for matcher").
    fn compare(&mut self, operand: Operand, comparison: Comparison) -> Result<Condition, String> {
        let single = matches!(comparison, Comparison::Equals | Comparison::Contains)
            || operand == Operand::Path
            || operand.is_indexed();
        if !single {
            return Err("sw and ew need a single value, such as […][0]".to_owned());
        }
        Ok(Condition::Compare { operand, comparison, text: self.text()? })
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let variable = self.name("a variable")?;
        if variable == "http.request.url.path" {
            return Ok(Operand::Path);
        }
        let keyed = ["http.request.headers", "http.request.cookies", "http.request.url.query"];
        if !keyed.contains(&variable.as_str()) {
            return Err(format!("`{variable}` is no variable"));
        }
        self.expect('[')?;
        let name = self.text()?;
        self.expect(']')?;
        let index = self.index()?;
        Ok(match variable.as_str() {
            // Names of headers have no case (RFC 9110 section 5.1).
            "http.request.headers" => {
                Operand::Header { name: Text { any_case: true, ..name }, index }
            }
            "http.request.cookies" => Operand::Cookie { name, index },
            _ => Operand::Query { name, index },
        })
    }

    fn index(&mut self) -> Result<Option<usize>, String> {
        if !self.take_sign('[') {
            return Ok(None);
        }
        let index = self.name("an index")?;
        self.expect(']')?;
        index.parse().map(Some).map_err(|_| format!("`{index}` is no index"))
    }

    fn text(&mut self) -> Result<Text, String> {
        if let [Word::Literal(value), rest @ ..] = self.words {
            self.words = rest;
            return Ok(Text { value: value.clone(), any_case: false });
        }
        self.expect('(')?;
        let any_case = self.take_word("i");
        let [Word::Literal(value), rest @ ..] = self.words else {
            return Err("a text in quotes is missing".to_owned());
        };
        self.words = rest;
        self.expect(')')?;
        Ok(Text { value: value.clone(), any_case })
    }

    fn name(&mut self, what: &str) -> Result<String, String> {
        self.take_name().ok_or_else(|| format!("{what} is missing"))
    }

    fn take_name(&mut self) -> Option<String> {
        let [Word::Name(name), rest @ ..] = self.words else { return None };
        self.words = rest;
        Some(name.clone())
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.take(&Word::Name(word.to_owned()))
    }

    fn take_sign(&mut self, sign: char) -> bool {
        self.take(&Word::Sign(sign))
    }

    fn take(&mut self, word: &Word) -> bool {
        match self.words {
            [first, rest @ ..] if first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.take_sign(sign) { Ok(()) } else { Err(format!("`{sign}` is missing")) }
    }
}

impl Operand {
    fn is_indexed(&self) -> bool {
        match self {
            Self::Path => false,
            Self::Header { index, .. } | Self::Cookie { index, .. } | Self::Query { index, .. } => {
                index.is_some()
            }
        }
    }
}
