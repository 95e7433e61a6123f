//! Text to [`JsonPath`].

use super::filter::{Filter, Operand, Operator};
use super::{Function, JsonPath, Step};
use crate::java_regex;
use crate::json::Json;

/// How deeply parentheses of a filter may be nested.
const MAX_DEPTH: usize = 16;

/// A reader of text, a character at a time.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

pub(super) fn path(text: &str) -> Result<JsonPath, String> {
    let mut cursor = Cursor { text: text.trim(), at: 0, depth: 0 };
    if !cursor.eat("$") && !cursor.eat("@") && !cursor.text.is_empty() {
        // Jayway takes `a.b` for `$.a.b`.
        let name = cursor.name();
        if name.is_empty() {
            return Err(cursor.error("`$`"));
        }
        let mut path = cursor.steps()?;
        path.steps.insert(0, Step::Names(vec![name]));
        return cursor.end(path);
    }
    let path = cursor.steps()?;
    cursor.end(path)
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, expected: &str) -> String {
        format!("not a JSONPath: expected {expected} at byte {} of `{}`", self.at, self.text)
    }

    fn end(&self, path: JsonPath) -> Result<JsonPath, String> {
        if self.rest().is_empty() { Ok(path) } else { Err(self.error("the end")) }
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn name(&mut self) -> String {
        self.take_while(|c| c.is_alphanumeric() || "_-$:@".contains(c)).to_owned()
    }

    fn steps(&mut self) -> Result<JsonPath, String> {
        let mut path = JsonPath { steps: Vec::new(), function: None };
        loop {
            if self.eat("..") {
                path.steps.push(Step::Descend);
                if self.rest().starts_with('[') {
                    continue;
                }
            } else if self.rest().starts_with('[') {
                self.at += 1;
                path.steps.push(self.bracket()?);
                continue;
            } else if !self.eat(".") {
                return Ok(path);
            }
            if self.eat("*") {
                path.steps.push(Step::Every);
                continue;
            }
            let name = self.name();
            if name.is_empty() {
                return Err(self.error("a name"));
            }
            if self.eat("()") {
                path.function = Some(self.function(&name)?);
                return Ok(path);
            }
            path.steps.push(Step::Names(vec![name]));
        }
    }

    fn function(&self, name: &str) -> Result<Function, String> {
        Ok(match name {
            "length" | "size" => Function::Length,
            "sum" => Function::Sum,
            "min" => Function::Min,
            "max" => Function::Max,
            "avg" => Function::Avg,
            "keys" => Function::Keys,
            _ => return Err(self.error("a function: length, size, sum, min, max, avg or keys")),
        })
    }

    fn bracket(&mut self) -> Result<Step, String> {
        self.blank();
        let step = if self.eat("*") {
            Step::Every
        } else if self.eat("?") {
            Step::Filter(self.filter()?)
        } else if self.rest().starts_with(['\'', '"']) {
            let mut names = vec![self.quoted()?];
            while self.comma() {
                names.push(self.quoted()?);
            }
            Step::Names(names)
        } else {
            self.places()?
        };
        self.blank();
        if self.eat("]") { Ok(step) } else { Err(self.error("`]`")) }
    }

    fn comma(&mut self) -> bool {
        self.blank();
        let found = self.eat(",");
        self.blank();
        found
    }

    fn places(&mut self) -> Result<Step, String> {
        let first = self.integer();
        self.blank();
        if self.eat(":") {
            self.blank();
            return Ok(Step::Slice(first, self.integer()));
        }
        let mut places = vec![first.ok_or_else(|| self.error("an index, a name or `?`"))?];
        while self.comma() {
            places.push(self.integer().ok_or_else(|| self.error("an index"))?);
        }
        Ok(Step::Places(places))
    }

    fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '-');
        let number = digits.parse().ok();
        if number.is_none() {
            self.at = start;
        }
        number
    }

    fn quoted(&mut self) -> Result<String, String> {
        let quote = self.rest().chars().next().filter(|c| *c == '\'' || *c == '"');
        let quote = quote.ok_or_else(|| self.error("a quoted name"))?;
        let mut text = String::new();
        let mut escaped = false;
        for (i, c) in self.rest().char_indices().skip(1) {
            if escaped || (c != '\\' && c != quote) {
                text.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else {
                self.at += i + 1;
                return Ok(text);
            }
        }
        Err(self.error("an end of the quotes"))
    }

    fn filter(&mut self) -> Result<Filter, String> {
        self.blank();
        if !self.eat("(") {
            return Err(self.error("`(`"));
        }
        let filter = self.any()?;
        self.blank();
        if self.eat(")") { Ok(filter) } else { Err(self.error("`)`")) }
    }

    fn any(&mut self) -> Result<Filter, String> {
        let mut alternatives = vec![self.all()?];
        self.blank();
        while self.eat("||") {
            alternatives.push(self.all()?);
            self.blank();
        }
        Ok(if alternatives.len() == 1 { alternatives.remove(0) } else { Filter::Any(alternatives) })
    }

    fn all(&mut self) -> Result<Filter, String> {
        let mut conditions = vec![self.condition()?];
        self.blank();
        while self.eat("&&") {
            conditions.push(self.condition()?);
            self.blank();
        }
        Ok(if conditions.len() == 1 { conditions.remove(0) } else { Filter::All(conditions) })
    }

    fn condition(&mut self) -> Result<Filter, String> {
        self.blank();
        if self.depth >= MAX_DEPTH {
            return Err(format!("the JSONPath is nested more than {MAX_DEPTH} deep"));
        }
        self.depth += 1;
        let condition = if self.eat("!") {
            Filter::Not(Box::new(self.condition()?))
        } else if self.rest().starts_with('(') {
            self.filter()?
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let left = self.operand()?;
        self.blank();
        let operators = [
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("<", Operator::Less),
            (">", Operator::More),
        ];
        for (token, operator) in operators {
            if self.eat(token) {
                self.blank();
                return Ok(Filter::Compare(left, operator, self.operand()?));
            }
        }
        if self.eat("=~") {
            self.blank();
            return Ok(Filter::Matches(left, self.regex()?));
        }
        let word = self.rest().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        if matches!(word, "in" | "nin") {
            self.at += word.len();
            self.blank();
            let within = Filter::In(left, self.operand()?);
            return Ok(if word == "in" { within } else { Filter::Not(Box::new(within)) });
        }
        Ok(Filter::Exists(left))
    }

    fn regex(&mut self) -> Result<regex::Regex, String> {
        if !self.eat("/") {
            return Err(self.error("`/`"));
        }
        let rest = self.rest();
        let end = rest.find('/').ok_or_else(|| self.error("an ending `/`"))?;
        self.at += end + 1;
        let flags = self.take_while(char::is_alphabetic);
        let flags = if flags.contains('i') { "(?i)" } else { "" };
        java_regex::compile_whole(&format!("{flags}{}", &rest[..end]))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        self.blank();
        if self.eat("@") {
            return Ok(Operand::Here(self.steps()?));
        }
        if self.eat("$") {
            return Ok(Operand::Root(self.steps()?));
        }
        if self.rest().starts_with(['\'', '"']) {
            return Ok(Operand::Value(self.quoted()?.into()));
        }
        if self.eat("[") {
            return self.list();
        }
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        match Json::parse(word.as_bytes()) {
            Ok(value) => Ok(Operand::Value(value)),
            Err(_) => Err(self.error("a value")),
        }
    }

    fn list(&mut self) -> Result<Operand, String> {
        let mut items = Vec::new();
        loop {
            self.blank();
            if self.eat("]") {
                return Ok(Operand::Value(Json::Array(items)));
            }
            match self.operand()? {
                Operand::Value(value) if !matches!(value, Json::Array(_)) => items.push(value),
                _ => return Err(self.error("a plain value")),
            }
            self.comma();
        }
    }
}
