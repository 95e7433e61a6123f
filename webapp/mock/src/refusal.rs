//! Why an input was not taken: where in it, and what would be right.

use crate::json::{Json, object};

/// A document, template or setting that is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {why}", if at.is_empty() { "/" } else { at })]
pub struct Refusal {
    /// JSON pointer to the place, empty for the whole.
    pub at: String,
    pub why: String,
}

impl Refusal {
    pub fn new(at: impl Into<String>, why: impl Into<String>) -> Self {
        Self { at: at.into(), why: why.into() }
    }

    /// The same refusal seen from `steps` further outside.
    #[must_use]
    pub fn below(self, outer: &str) -> Self {
        Self { at: format!("{outer}{}", self.at), why: self.why }
    }

    /// In the shape of the errors of WireMock's admin API.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let error = object([
            ("code", 10.into()),
            ("source", object([("pointer", self.at.as_str().into())])),
            ("title", "Error parsing JSON".into()),
            ("detail", self.why.as_str().into()),
        ]);
        object([("errors", Json::Array(vec![error]))])
    }
}
