//! Why a request is not even begun.

use std::fmt;

/// One parameter that is out of bounds, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    parameter: &'static str,
    wanted: String,
}

impl Refused {
    pub(crate) fn new(parameter: &'static str, wanted: impl Into<String>) -> Self {
        Self { parameter, wanted: wanted.into() }
    }

    /// Returns the parameter's name.
    pub const fn parameter(&self) -> &'static str {
        self.parameter
    }

    /// Returns what the parameter must be, as in "must be …".
    pub fn wanted(&self) -> &str {
        &self.wanted
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} must be {}", self.parameter, self.wanted)
    }
}

impl std::error::Error for Refused {}
