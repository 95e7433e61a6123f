//! Why a job is not done.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A job that cannot be done, in words for whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub why: Why,
    /// Which of the uploaded files is at fault, by its place from 0.
    pub file: Option<usize>,
    /// Which option is at fault, by its name in the form.
    pub option: Option<String>,
    /// What is wrong, and what would be right.
    pub detail: String,
}

/// Kinds of refusals; each has one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// An option has no meaning, or none for these files: 400.
    Option,
    /// A limit would be passed: 413.
    TooLarge,
    /// Bytes of another kind than the tool takes: 415.
    Unsupported,
    /// Bytes of the right kind that cannot be understood: 422.
    Malformed,
    /// A password is needed, or the one given is wrong: 422.
    Locked,
}

impl Refusal {
    pub fn option(name: &str, detail: impl Into<String>) -> Self {
        let option = Some(name.to_owned());
        Self { why: Why::Option, file: None, option, detail: detail.into() }
    }

    pub fn file(why: Why, file: usize, detail: impl Into<String>) -> Self {
        Self { why, file: Some(file), option: None, detail: detail.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl std::error::Error for Refusal {}
