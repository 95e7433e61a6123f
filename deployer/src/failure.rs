//! What a person is told when something goes wrong, and the exit code that goes with it.

use std::error::Error;
use std::fmt;

/// Why a command ended early. The order and the codes are a published contract (see the README).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something that has no class of its own.
    Other,
    /// `plan --exit-code`: there are changes.
    Changes,
    /// Flags, files or a missing consent.
    Usage,
    /// Not signed in, or not allowed.
    Denied,
    /// A provider refused or failed.
    Provider,
    /// Somebody else changed what was about to be changed.
    Conflict,
    /// A guard refused the plan.
    Refused,
    /// A deadline passed; running again continues.
    TimedOut,
    /// Stopped by the user; running again continues.
    Cancelled,
    /// Somebody else holds what is needed.
    Locked,
    /// Everything was applied, but a probe from outside failed.
    Unverified,
    /// A mistake in deployer.
    Bug,
}

impl Kind {
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Other => 1,
            Self::Changes => 2,
            Self::Usage => 3,
            Self::Denied => 4,
            Self::Provider | Self::Conflict => 5,
            Self::Refused => 6,
            Self::TimedOut => 7,
            Self::Cancelled => 8,
            Self::Locked => 9,
            Self::Unverified => 10,
            Self::Bug => 70,
        }
    }
}

/// One failure: what, why, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
    pub hints: Vec<String>,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new() }
    }

    /// A failure with the whole chain of its cause.
    pub fn because(kind: Kind, what: impl fmt::Display, cause: &dyn Error) -> Self {
        Self::new(kind, format!("{what}: {}", chain(cause)))
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Puts what was being done in front.
    #[must_use]
    pub fn during(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

/// An error and its causes, each said once.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", printable(&self.message))?;
        self.hints.iter().try_for_each(|hint| write!(f, "\n  hint: {}", printable(hint)))
    }
}

/// Text from outside without control characters, which could move a terminal's cursor.
pub fn printable(text: &str) -> String {
    let is_safe =
        |c: char| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    text.chars().map(|c| if is_safe(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_cannot_move_the_cursor() {
        let failure = Failure::new(Kind::Provider, "name \u{1b}[2Jgone").hint("try\u{202e}again");
        assert!(!failure.to_string().contains(['\u{1b}', '\u{202e}']));
    }
}
