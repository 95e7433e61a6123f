//! A table being read: takes typed values, remembers which keys were asked for, notes problems with their lines.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

use toml_edit::{Item, TableLike, TomlError, Value};

use crate::environment::Text;
use crate::problem::{Problem, nearest};

/// The text that a problem points into.
pub(in crate::environment) struct Source<'a> {
    file: &'a str,
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Source<'a> {
    pub(in crate::environment) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, problems: RefCell::default() }
    }

    pub(in crate::environment) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    fn note(&self, offset: usize, key: String, message: String, hint: String) {
        let problem = Problem {
            file: self.file.to_owned(),
            line: line_of(self.text, offset),
            key,
            message,
            hint,
        };
        self.problems.borrow_mut().push(problem);
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
}

/// What the TOML parser could not read at all.
pub(super) fn syntax(file: &str, text: &str, error: &TomlError) -> Problem {
    Problem {
        file: file.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        key: "(syntax)".to_owned(),
        message: error.message().trim().replace('\n', ", "),
        hint: "the file is TOML; see environments/local.toml for a complete one".to_owned(),
    }
}

/// One table and the path that leads to it.
pub(in crate::environment) struct Section<'a> {
    source: &'a Source<'a>,
    table: &'a dyn TableLike,
    path: String,
    /// Where the table stands, for problems about what it lacks.
    offset: usize,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Section<'a> {
    pub(in crate::environment) fn root(source: &'a Source<'a>, table: &'a dyn TableLike) -> Self {
        Self { source, table, path: String::new(), offset: 0, asked: RefCell::default() }
    }

    fn child(&self, key: &str, item: &'a Item) -> Option<Self> {
        let Some(table) = item.as_table_like() else {
            self.wrong_type(key, item, "a table");
            return None;
        };
        let offset = self.offset_of(key);
        Some(Self {
            source: self.source,
            table,
            path: self.full(key),
            offset,
            asked: RefCell::default(),
        })
    }

    fn full(&self, key: &str) -> String {
        let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let key = if plain { key.to_owned() } else { format!("\"{key}\"") };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    fn offset_of(&self, key: &str) -> usize {
        let Some((key, item)) = self.table.get_key_value(key) else { return self.offset };
        key.span().or_else(|| item.span()).map_or(self.offset, |span| span.start)
    }

    /// Notes a problem at a key of this table, or at the table when the key is absent.
    pub(in crate::environment) fn problem(
        &self,
        key: &str,
        message: impl Display,
        hint: impl Display,
    ) {
        self.source.note(
            self.offset_of(key),
            self.full(key),
            message.to_string(),
            hint.to_string(),
        );
    }

    /// As [`Self::problem`], at a key some tables further down.
    pub(in crate::environment) fn problem_at(
        &self,
        path: &[&str],
        message: impl Display,
        hint: impl Display,
    ) {
        match path {
            [] => {}
            [key] => self.problem(key, message, hint),
            [key, rest @ ..] => match self.table.get(key).and_then(|item| self.child(key, item)) {
                Some(section) => section.problem_at(rest, message, hint),
                None => self.problem(key, message, hint),
            },
        }
    }

    fn wrong_type(&self, key: &str, item: &Item, wanted: &str) {
        self.problem(key, format!("is {}, must be {wanted}", described(item)), "");
    }

    fn item(&self, key: &str) -> Option<&'a Item> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.table.get(key)
    }

    fn required(&self, key: &str, hint: &str) -> Option<&'a Item> {
        let item = self.item(key);
        if item.is_none() {
            self.problem(key, "is missing", hint);
        }
        item
    }

    fn as_text(&self, key: &str, item: &Item) -> Option<String> {
        let Some(text) = item.as_str() else {
            self.wrong_type(key, item, "text in quotes");
            return None;
        };
        if text.is_empty() {
            self.problem(key, "is empty", "");
            return None;
        }
        Some(text.to_owned())
    }

    pub(in crate::environment) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        self.table.iter().map(|(key, _)| key.to_owned())
    }

    pub(super) fn table(&self, key: &str) -> Option<Self> {
        let item = self.required(key, &format!("add a [{}] table", self.full(key)))?;
        self.child(key, item)
    }

    pub(super) fn optional_table(&self, key: &str) -> Option<Self> {
        let item = self.item(key)?;
        self.child(key, item)
    }

    /// Every key of this table as a table of its own.
    pub(super) fn tables(&self) -> impl Iterator<Item = (String, Self)> {
        self.table.iter().filter_map(|(key, item)| Some((key.to_owned(), self.child(key, item)?)))
    }

    /// Every table of a list, written as `[[key]]` or inline; none when the key is absent.
    pub(super) fn list_of_tables(&self, key: &str) -> Vec<Self> {
        let tables: Option<Vec<(Option<usize>, &'a dyn TableLike)>> = match self.item(key) {
            None => Some(Vec::new()),
            Some(Item::ArrayOfTables(list)) => Some(
                list.iter()
                    .map(|t| (t.span().map(|span| span.start), t as &dyn TableLike))
                    .collect(),
            ),
            Some(item) => item.as_array().and_then(|list| {
                let table = |value: &'a Value| {
                    let table = value.as_inline_table()?;
                    Some((table.span().map(|span| span.start), table as &dyn TableLike))
                };
                list.iter().map(table).collect()
            }),
        };
        if let (None, Some(item)) = (&tables, self.item(key)) {
            self.wrong_type(key, item, "a list of tables");
        }
        let section = |(offset, table): (Option<usize>, &'a dyn TableLike)| Self {
            source: self.source,
            table,
            path: self.full(key),
            offset: offset.unwrap_or_else(|| self.offset_of(key)),
            asked: RefCell::default(),
        };
        tables.unwrap_or_default().into_iter().map(section).collect()
    }

    /// Every text of a list, with where it stands; none when the key is absent.
    pub(super) fn list_of_texts(&self, key: &str) -> Vec<(usize, String)> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let text = |value: &Value| {
            let offset = value.span().map_or_else(|| self.offset_of(key), |span| span.start);
            Some((offset, value.as_str()?.to_owned()))
        };
        let texts = item.as_array().and_then(|list| list.iter().map(text).collect());
        if texts.is_none() {
            self.wrong_type(key, item, "a list of texts");
        }
        texts.unwrap_or_default()
    }

    /// As [`Self::problem`], for a part of what the key holds.
    pub(super) fn problem_in(
        &self,
        key: &str,
        offset: usize,
        message: impl Display,
        hint: impl Display,
    ) {
        self.source.note(offset, self.full(key), message.to_string(), hint.to_string());
    }

    pub(super) fn text(&self, key: &str, hint: &str) -> Option<String> {
        self.as_text(key, self.required(key, hint)?)
    }

    pub(super) fn optional_text(&self, key: &str) -> Option<String> {
        self.as_text(key, self.item(key)?)
    }

    pub(super) fn text_or(&self, key: &str, default: &str) -> Option<String> {
        self.item(key).map_or_else(|| Some(default.to_owned()), |item| self.as_text(key, item))
    }

    /// Text that may be `${NAME}`.
    pub(super) fn reference(&self, key: &str, hint: &str) -> Option<Text> {
        let raw = self.text(key, hint)?;
        Text::parse(&raw)
            .map_err(|why| self.problem(key, why, "for example key = \"${API_TOKEN}\""))
            .ok()
    }

    /// Text that may be `${NAME}`, and may be empty: the value of a variable.
    pub(super) fn variable(&self, key: &str) -> Option<Text> {
        match self.item(key)?.as_str() {
            Some("") => Some(Text::Literal(String::new())),
            _ => self.reference(key, "text or ${NAME}"),
        }
    }

    /// One of `choices`, when the key is there.
    pub(super) fn optional_choice(&self, key: &str, choices: &[&str]) -> Option<String> {
        self.item(key).and_then(|_| self.choice(key, "", choices))
    }

    /// `None` means a problem was noted; an absent key is the default.
    pub(super) fn choice(&self, key: &str, default: &str, choices: &[&str]) -> Option<String> {
        let value = self.text_or(key, default)?;
        if choices.contains(&value.as_str()) {
            return Some(value);
        }
        let meant =
            nearest(&value, choices.iter().copied()).map(|m| format!("did you mean \"{m}\"? "));
        let hint = format!("{}one of: {}", meant.unwrap_or_default(), choices.join(", "));
        self.problem(key, format!("`{value}` is not possible here"), hint);
        None
    }

    /// The default also stands in for a value that is wrong.
    pub(super) fn integer_or<T: TryFrom<i64>>(
        &self,
        key: &str,
        default: T,
        range: RangeInclusive<i64>,
    ) -> T {
        self.optional_integer(key, range).unwrap_or(default)
    }

    pub(super) fn optional_integer<T: TryFrom<i64>>(
        &self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        let item = self.item(key)?;
        let Some(value) = item.as_integer() else {
            self.wrong_type(key, item, "a whole number");
            return None;
        };
        let fitting = range.contains(&value).then(|| T::try_from(value).ok()).flatten();
        if fitting.is_none() {
            self.out_of_range(key, &value, &range);
        }
        fitting
    }

    /// The default also stands in for a value that is wrong.
    pub(super) fn number_or(&self, key: &str, default: f64, range: RangeInclusive<f64>) -> f64 {
        let Some(item) = self.item(key) else { return default };
        #[expect(clippy::cast_precision_loss, reason = "a count of processors or gigabytes")]
        let value = item.as_float().or_else(|| item.as_integer().map(|whole| whole as f64));
        let Some(value) = value else {
            self.wrong_type(key, item, "a number");
            return default;
        };
        if range.contains(&value) {
            return value;
        }
        self.out_of_range(key, &value, &range);
        default
    }

    /// The default also stands in for a value that is wrong.
    pub(super) fn boolean_or(&self, key: &str, default: bool) -> bool {
        let Some(item) = self.item(key) else { return default };
        item.as_bool().unwrap_or_else(|| {
            self.wrong_type(key, item, "true or false");
            default
        })
    }

    fn out_of_range<T: Display>(&self, key: &str, value: &T, range: &RangeInclusive<T>) {
        let (low, high) = (range.start(), range.end());
        self.problem(key, format!("{value} is out of range"), format!("from {low} to {high}"));
    }

    /// Notes keys that contradict `key`.
    pub(super) fn reject_beside(&self, key: &str, others: &[&str]) {
        for other in others.iter().filter(|other| self.has(other)) {
            self.asked.borrow_mut().insert((*other).to_owned());
            self.problem(other, format!("cannot stand beside `{key}`"), "write one or the other");
        }
    }

    /// Notes the keys that nobody asked for.
    pub(in crate::environment) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.iter().filter(|(key, _)| !asked.contains(*key)) {
            let known = asked.iter().filter(|known| !self.has(known)).map(String::as_str);
            let hint = match nearest(key, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    format!("known here: {}", asked.iter().cloned().collect::<Vec<_>>().join(", "))
                }
            };
            self.problem(key, "is not a key of this table", hint);
        }
    }
}

fn described(item: &Item) -> &'static str {
    match item.type_name() {
        "string" => "text",
        "integer" => "a whole number",
        "float" => "a number",
        "boolean" => "true or false",
        "array" | "array of tables" => "a list",
        "table" | "inline table" => "a table",
        "datetime" => "a date",
        _ => "nothing",
    }
}
