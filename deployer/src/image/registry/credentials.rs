//! Who pushes. The password never shows itself.

use std::fmt;

/// A registry user. For OCIR: `<namespace>/<user>`, or `<namespace>/<identity domain>/<user>`, and
/// an auth token (not the console password).
#[derive(Clone)]
pub struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    /// Credentials for HTTP Basic authentication at the registry's token service.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }

    /// The user's name, which may be shown.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password: for an `Authorization` header and nothing else.
    pub(in crate::image) fn password(&self) -> &str {
        &self.password
    }

    /// `text` without the password, should a peer have echoed it.
    pub(in crate::image) fn redact(&self, text: &str) -> String {
        match self.password.as_str() {
            "" => text.to_owned(),
            password => text.replace(password, "[password]"),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}
