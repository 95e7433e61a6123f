//! A value that is written down, or named: `${NAME}` stands for a variable.

/// Text of an environment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    Literal(String),
    /// The name inside `${…}`.
    Reference(String),
}

impl Default for Text {
    fn default() -> Self {
        Self::Literal(String::new())
    }
}

impl Text {
    /// Reads `${NAME}` as a reference, anything else as itself.
    ///
    /// # Errors
    /// When `${` stands somewhere but the text is not exactly one reference to an upper-case name.
    pub fn parse(raw: &str) -> Result<Self, &'static str> {
        if !raw.contains("${") {
            return Ok(Self::Literal(raw.to_owned()));
        }
        let name =
            raw.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
        let begins = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
        if begins && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        {
            Ok(Self::Reference(name.to_owned()))
        } else {
            Err("a reference is the whole value, ${NAME}, in capitals, digits and _")
        }
    }

    /// The variable's name, for a reference.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Reference(name) => Some(name),
        }
    }
}
