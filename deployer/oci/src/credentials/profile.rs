//! The settings of one profile, each with the place it came from: `file:line` or a variable.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::CredentialsError;

/// The profile that the others inherit from.
const DEFAULT: &str = "DEFAULT";

/// One setting.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) origin: String,
}

/// What credentials are made of, unchecked.
pub(super) struct Settings {
    pub(super) tenancy: Option<Value>,
    pub(super) user: Option<Value>,
    pub(super) fingerprint: Option<Value>,
    pub(super) region: Option<Value>,
    pub(super) key_file: Option<Value>,
    pub(super) key_content: Option<Value>,
    pub(super) security_token_file: Option<Value>,
    /// What the settings as a whole come from.
    pub(super) origin: String,
    pub(super) home: Option<PathBuf>,
}

impl Settings {
    pub(super) fn empty(origin: &str, home: Option<&Path>) -> Self {
        Self {
            tenancy: None,
            user: None,
            fingerprint: None,
            region: None,
            key_file: None,
            key_content: None,
            security_token_file: None,
            origin: origin.to_owned(),
            home: home.map(Path::to_owned),
        }
    }

    pub(super) fn from_variables(
        lookup: &impl Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Self {
        let value = |name: &str| {
            lookup(name).map(|text| Value { text: text.trim().to_owned(), origin: name.to_owned() })
        };
        Self {
            tenancy: value("OCI_CLI_TENANCY"),
            user: value("OCI_CLI_USER"),
            fingerprint: value("OCI_CLI_FINGERPRINT"),
            region: value("OCI_CLI_REGION"),
            key_file: value("OCI_CLI_KEY_FILE"),
            key_content: value("OCI_CLI_KEY_CONTENT"),
            security_token_file: value("OCI_CLI_SECURITY_TOKEN_FILE"),
            ..Self::empty("the environment", home)
        }
    }

    pub(super) fn from_file(
        path: &Path,
        profile: &str,
        home: Option<&Path>,
    ) -> Result<Self, CredentialsError> {
        let text = std::fs::read_to_string(path).map_err(|error| CredentialsError::Unreadable {
            origin: format!("profile [{profile}]"),
            path: path.display().to_string(),
            error,
            next_step: "make it with `oci setup config`, or set the OCI_CLI_* variables",
        })?;
        let mut values = read(&text, &path.display().to_string(), profile)?;
        let mut take = |key: &str| values.remove(key).filter(|value| !value.text.is_empty());
        Ok(Self {
            tenancy: take("tenancy"),
            user: take("user"),
            fingerprint: take("fingerprint"),
            region: take("region"),
            key_file: take("key_file"),
            security_token_file: take("security_token_file"),
            ..Self::empty(&format!("profile [{profile}] of {}", path.display()), home)
        })
    }

    /// Whether a profile could add nothing that is needed.
    pub(super) fn are_complete(&self) -> bool {
        let key = self.key_file.is_some() || self.key_content.is_some();
        let signer = self.security_token_file.is_some()
            || (self.user.is_some() && self.fingerprint.is_some());
        self.tenancy.is_some() && self.region.is_some() && key && signer
    }

    /// These settings, and those of `other` where these say nothing.
    pub(super) fn or(self, other: Self) -> Self {
        // An API key in the environment must not be signed under the session of a profile.
        let own_signer = self.user.is_some() || self.fingerprint.is_some();
        let token = if own_signer { None } else { other.security_token_file };
        Self {
            tenancy: self.tenancy.or(other.tenancy),
            user: self.user.or(other.user),
            fingerprint: self.fingerprint.or(other.fingerprint),
            region: self.region.or(other.region),
            key_file: self.key_file.or(other.key_file),
            key_content: self.key_content,
            security_token_file: self.security_token_file.or(token),
            origin: other.origin,
            home: other.home,
        }
    }

    /// A required OCID of the kind `key`.
    pub(super) fn ocid(
        &self,
        key: &'static str,
        variable: &'static str,
        value: Option<&Value>,
    ) -> Result<String, CredentialsError> {
        let value = self.required(key, variable, value)?;
        if value.text.starts_with(&format!("ocid1.{key}.")) && is_plain(&value.text) {
            return Ok(value.text.clone());
        }
        let reason = match key {
            "tenancy" => "expected an OCID such as `ocid1.tenancy.oc1..aaaa`",
            _ => "expected an OCID such as `ocid1.user.oc1..aaaa`",
        };
        Err(malformed(value, key, reason))
    }

    pub(super) fn fingerprint(&self) -> Result<String, CredentialsError> {
        let value =
            self.required("fingerprint", "OCI_CLI_FINGERPRINT", self.fingerprint.as_ref())?;
        let text = value.text.to_ascii_lowercase();
        let pairs: Vec<&str> = text.split(':').collect();
        let is_pair = |pair: &&str| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
        if pairs.len() == 16 && pairs.iter().all(is_pair) {
            return Ok(text);
        }
        let reason =
            "expected 16 pairs of hexadecimal digits joined by `:`, as the console shows them";
        Err(malformed(value, "fingerprint", reason))
    }

    /// The session token, when the profile is a session's (`oci session authenticate`).
    pub(super) fn security_token(&self) -> Result<Option<String>, CredentialsError> {
        let Some(value) = &self.security_token_file else { return Ok(None) };
        let next_step = "log in again with `oci session authenticate`";
        let token = self.read_named(value, next_step)?.trim().to_owned();
        if is_plain(&token) {
            return Ok(Some(token));
        }
        Err(malformed(value, "security_token_file", "whose content is not one line of a token"))
    }

    /// The private key's PEM text, after the setting that names it and the place it is in.
    pub(super) fn key_pem(&self) -> Result<(String, String, String), CredentialsError> {
        if let Some(value) = &self.key_content {
            // Variables that went through one line often carry `\n` for a line break.
            let pem = value.text.replace("\\n", "\n");
            return Ok((value.origin.clone(), "it".to_owned(), pem));
        }
        let value = self.required("key_file", "OCI_CLI_KEY_FILE", self.key_file.as_ref())?;
        let next_step = "set key_file to the private key that was made with the API key";
        let pem = self.read_named(value, next_step)?;
        Ok((value.origin.clone(), self.path(value).display().to_string(), pem))
    }

    fn required<'a>(
        &self,
        key: &'static str,
        variable: &'static str,
        value: Option<&'a Value>,
    ) -> Result<&'a Value, CredentialsError> {
        let origin = || self.origin.clone();
        value.ok_or_else(|| CredentialsError::Missing { origin: origin(), key, variable })
    }

    fn read_named(
        &self,
        value: &Value,
        next_step: &'static str,
    ) -> Result<String, CredentialsError> {
        let path = self.path(value);
        std::fs::read_to_string(&path).map_err(|error| CredentialsError::Unreadable {
            origin: value.origin.clone(),
            path: path.display().to_string(),
            error,
            next_step,
        })
    }

    fn path(&self, value: &Value) -> PathBuf {
        expand(&value.text, self.home.as_deref())
    }
}

/// `text` as a path: a leading `~` becomes `home`.
pub(super) fn expand(text: &str, home: Option<&Path>) -> PathBuf {
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// Reads the INI text of a configuration file: the values of `profile` in front of `DEFAULT`'s.
fn read(
    text: &str,
    path: &str,
    profile: &str,
) -> Result<BTreeMap<String, Value>, CredentialsError> {
    let mut sections: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    let mut current = None;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let syntax = || CredentialsError::Syntax { path: path.to_owned(), line: index + 1 };
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = Some(name.trim().to_owned());
            sections.entry(name.trim().to_owned()).or_default();
            continue;
        }
        let (key, text) = line.split_once(['=', ':']).ok_or_else(syntax)?;
        let section = current.clone().ok_or_else(syntax)?;
        let key = key.trim().to_ascii_lowercase();
        let value = Value { text: text.trim().to_owned(), origin: origin(path, index, &key) };
        sections.entry(section).or_default().insert(key, value);
    }
    choose(sections, path, profile)
}

fn origin(path: &str, index: usize, key: &str) -> String {
    format!("{path}:{}: {key}", index + 1)
}

fn choose(
    mut sections: BTreeMap<String, BTreeMap<String, Value>>,
    path: &str,
    profile: &str,
) -> Result<BTreeMap<String, Value>, CredentialsError> {
    let mut values = sections.get(DEFAULT).cloned().unwrap_or_default();
    let Some(chosen) = sections.remove(profile) else {
        let names: Vec<String> = sections.keys().map(|name| format!("[{name}]")).collect();
        return Err(CredentialsError::NoProfile {
            path: path.to_owned(),
            profile: profile.to_owned(),
            present: if names.is_empty() { "no profile".to_owned() } else { names.join(", ") },
        });
    };
    values.extend(chosen);
    Ok(values)
}

/// Whether `text` can stand between quotes in a header.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')
}

fn malformed(value: &Value, key: &'static str, reason: &'static str) -> CredentialsError {
    let text: String = value.text.chars().take(80).flat_map(char::escape_default).collect();
    CredentialsError::Malformed { origin: value.origin.clone(), key, value: text, reason }
}
