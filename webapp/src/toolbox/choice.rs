//! One option of a tool: what it may be, and how what a form says becomes what a job holds. Forms, the API and its
//! description are all made from this.

use serde::Serialize;
use serde_json::{Value, json};

use crate::problem::Problem;

/// An option.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// Its name in forms and jobs.
    pub(crate) name: &'static str,
    /// What people read beside it.
    pub(crate) label: &'static str,
    /// What it does, or how it is written.
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
}

/// What an option may be. What is left empty is the tool's own default.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A size of a file: bytes, or with KB or MB behind it.
    Bytes { from: u64, to: u64, default: &'static str },
    /// `#rrggbb`.
    Colour(&'static str),
    /// The same once for each file; once alone holds for all of them.
    Each,
    /// JSON, for what a form of fields cannot say.
    Json { example: &'static str },
    /// A number from one to another; `step` 1 for whole ones.
    Number { from: f64, to: f64, step: f64, default: Option<f64> },
    /// One of some words, each with its label; the first unless said otherwise. An empty one leaves it to the tool.
    OneOf(&'static [(&'static str, &'static str)]),
    /// Yes or no, no by default.
    Switch,
    /// At most that many characters.
    Text { most: usize, example: &'static str },
}

impl Choice {
    /// Reads what was sent for it, which is not empty.
    pub(crate) fn read(&self, sent: &[&str]) -> Result<Value, Problem> {
        if matches!(self.kind, Kind::Each) {
            return Ok(json!(sent));
        }
        let [text] = sent else {
            return Err(Problem::parameter(self.name, "given once"));
        };
        self.kind.read(text).ok_or_else(|| Problem::parameter(self.name, self.kind.expected()))
    }
}

impl Kind {
    fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Bytes { from, to, .. } => {
                bytes(text).filter(|bytes| (from..=to).contains(bytes)).map(Value::from)
            }
            Self::Colour(_) => is_colour(text).then(|| json!(text)),
            Self::Each => Some(json!(text)),
            Self::Json { .. } => serde_json::from_str(text).ok(),
            Self::Number { from, to, step, .. } => {
                let number: f64 =
                    text.parse().ok().filter(|number| (from..=to).contains(number))?;
                if step < 1.0 {
                    Some(json!(number))
                } else {
                    text.parse::<i64>().ok().map(Value::from)
                }
            }
            Self::OneOf(words) => {
                // A word that is a number is one to the tool.
                let number = text.parse::<u64>().map_or_else(|_| json!(text), Value::from);
                words.iter().any(|(word, _)| *word == text).then_some(number)
            }
            Self::Switch => match text {
                "on" | "true" | "yes" | "1" => Some(json!(true)),
                "off" | "false" | "no" | "0" => Some(json!(false)),
                _ => None,
            },
            Self::Text { most, .. } => (text.chars().count() <= most).then(|| json!(text)),
        }
    }

    /// What it may be, as the end of a sentence that says so.
    pub(crate) fn expected(self) -> String {
        match self {
            Self::Bytes { from, to, .. } => {
                format!("a size from {from} to {to} bytes such as 200000, 200 KB or 1.5 MB")
            }
            Self::Colour(_) => "a colour such as #0f6470".to_owned(),
            Self::Each => "text".to_owned(),
            Self::Json { example } => format!("JSON such as {example}"),
            Self::Number { from, to, step, .. } if step < 1.0 => {
                format!("a number from {from} to {to}")
            }
            Self::Number { from, to, .. } => format!("a whole number from {from} to {to}"),
            Self::OneOf(words) => {
                format!("one of {}", named(words).join(", "))
            }
            Self::Switch => "on or off".to_owned(),
            Self::Text { most, .. } => format!("text of at most {most} characters"),
        }
    }

    /// Its JSON Schema, for the description of the API.
    pub(crate) fn schema(self) -> Value {
        match self {
            Self::Bytes { default, .. } => json!({ "type": "string", "examples": [default] }),
            Self::Colour(default) => {
                json!({ "type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "default": default })
            }
            Self::Each => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Json { example } => json!({ "type": "string", "examples": [example] }),
            Self::Number { from, to, step, default } => {
                let kind = if step < 1.0 { "number" } else { "integer" };
                let mut schema = json!({ "type": kind, "minimum": from, "maximum": to });
                if let Some(default) = default {
                    schema["default"] = json!(default);
                }
                schema
            }
            Self::OneOf(words) => {
                let mut schema = json!({ "type": "string", "enum": named(words) });
                if let Some((first, _)) = words.first().filter(|(first, _)| !first.is_empty()) {
                    schema["default"] = json!(first);
                }
                schema
            }
            Self::Switch => json!({ "type": "boolean", "default": false }),
            Self::Text { most, example } => {
                json!({ "type": "string", "maxLength": most, "examples": [example] })
            }
        }
    }
}

/// What a template needs to draw a field.
#[derive(Debug, Serialize)]
pub(crate) struct Field {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    placeholder: &'static str,
    from: Option<f64>,
    to: Option<f64>,
    step: Option<f64>,
    words: Vec<Word>,
}

#[derive(Debug, Serialize)]
struct Word {
    value: &'static str,
    label: &'static str,
}

impl Field {
    /// The field of an option in a form; JSON has none.
    pub(crate) fn of(choice: &Choice) -> Option<Self> {
        let Choice { name, label, help, .. } = *choice;
        let plain = |kind| Self {
            name,
            label,
            help,
            kind,
            value: String::new(),
            placeholder: "",
            from: None,
            to: None,
            step: None,
            words: Vec::new(),
        };
        Some(match choice.kind {
            Kind::Bytes { default, .. } => Self { value: default.to_owned(), ..plain("text") },
            Kind::Colour(default) => Self { value: default.to_owned(), ..plain("color") },
            Kind::Each => plain("password"),
            Kind::Json { .. } => return None,
            Kind::Number { from, to, step, default } => Self {
                value: default.map(|default| default.to_string()).unwrap_or_default(),
                from: Some(from),
                to: Some(to),
                step: Some(step),
                ..plain("number")
            },
            Kind::OneOf(words) => {
                let words = words.iter().map(|&(value, label)| Word { value, label }).collect();
                Self { words, ..plain("select") }
            }
            Kind::Switch => plain("checkbox"),
            Kind::Text { example, .. } => Self { placeholder: example, ..plain("text") },
        })
    }
}

/// The words that can be sent; what is left empty is none.
fn named(words: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).filter(|word| !word.is_empty()).collect()
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// `200000`, `200 KB`, `1.5MB`: decimal units, as files are sold.
fn bytes(text: &str) -> Option<u64> {
    let upper = text.trim().to_ascii_uppercase();
    let (number, unit) = match upper.strip_suffix('B').unwrap_or(&upper) {
        rest if rest.ends_with('K') => (rest.trim_end_matches('K'), 1e3),
        rest if rest.ends_with('M') => (rest.trim_end_matches('M'), 1e6),
        rest => (rest, 1.0),
    };
    let bytes = number.trim().parse::<f64>().ok()? * unit;
    // What is left of a fraction of a byte is of no interest, and more than this no file.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the range above"
    )]
    (0.0..1e15).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let read = ["200000", "200 KB", "200k", "1.5 MB", "12 B"].map(bytes);
        assert_eq!(read, [Some(200_000), Some(200_000), Some(200_000), Some(1_500_000), Some(12)]);
        assert_eq!(["", "KB", "many", "-1", "1e300", "NaN"].map(bytes), [None; 6]);
    }

    #[test]
    fn what_an_option_cannot_be_is_said_with_what_it_can() {
        let turn = Choice {
            name: "turn",
            label: "",
            help: "",
            kind: Kind::OneOf(&[("90", "right"), ("270", "left")]),
        };
        assert_eq!(turn.read(&["90"]).unwrap(), json!(90));
        let problem = serde_json::to_value(turn.read(&["91"]).unwrap_err()).unwrap();
        assert_eq!(problem["detail"], "turn must be one of 90, 270");
    }
}
