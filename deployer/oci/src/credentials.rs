//! Who signs: a user's API key or a session token, from `~/.oci/config` and the environment.
//!
//! Source: <https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdkconfig.htm>, and the
//! `OCI_CLI_*` variables of the vendor's command line.

mod private_key;
mod profile;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::signature::RsaKeyPair;

use profile::{Settings, Value};

/// A key that signs, and the names it signs under.
#[derive(Clone)]
pub struct Credentials {
    key_id: String,
    key: Arc<RsaKeyPair>,
    tenancy: String,
    user: Option<String>,
    fingerprint: Option<String>,
    region: Option<String>,
    origin: String,
}

/// Why no credentials could be made. No variant holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The private key is locked by a passphrase.
    #[error(
        "{origin}: the private key in {place} is encrypted, which is not supported; make an open copy \
         with `openssl pkcs8 -topk8 -nocrypt -in <key> -out <copy>`, keep it readable by you alone, \
         and set key_file to it"
    )]
    EncryptedKey {
        /// The setting that names the key.
        origin: String,
        /// The file, or the variable itself.
        place: String,
    },
    /// What should be a private key is none.
    #[error(
        "{origin}: {place} holds no RSA private key ({reason}); key_file must be the PEM file made \
         with the API key, PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`)"
    )]
    Key {
        /// The setting that names the key.
        origin: String,
        /// The file, or the variable itself.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A value has the wrong form.
    #[error("{origin}: `{key}` is `{value}`, {reason}")]
    Malformed {
        /// File and line, or variable.
        origin: String,
        /// The setting.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it should be.
        reason: &'static str,
    },
    /// A setting is not there.
    #[error("{origin}: `{key}` is missing; add `{key} = ...` there or set {variable}")]
    Missing {
        /// Where it was looked for.
        origin: String,
        /// The setting.
        key: &'static str,
        /// The environment variable that can hold it instead.
        variable: &'static str,
    },
    /// The file has no such profile.
    #[error("{path}: there is no profile [{profile}]; it has {present}")]
    NoProfile {
        /// The configuration file.
        path: String,
        /// The profile that was asked for.
        profile: String,
        /// The profiles that are there.
        present: String,
    },
    /// A line of the file is not `key = value`, `[profile]` or a comment.
    #[error("{path}:{line}: expected `key = value`, `[profile]` or a comment starting with `#`")]
    Syntax {
        /// The configuration file.
        path: String,
        /// Line, from 1.
        line: usize,
    },
    /// A file could not be read.
    #[error("{origin}: {path} cannot be read: {error}; {next_step}")]
    Unreadable {
        /// The setting that names the file.
        origin: String,
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
        /// What to do about it.
        next_step: &'static str,
    },
}

impl Credentials {
    /// A user's API key, from its parts. `pem` is an unencrypted RSA key, PKCS#1 or PKCS#8.
    ///
    /// # Errors
    /// See [`CredentialsError`]. Whether the fingerprint is that of the key is not checked here (it
    /// is an MD5 sum); the service answers 401 when it is not.
    pub fn user_key(
        tenancy: &str,
        user: &str,
        fingerprint: &str,
        pem: &str,
    ) -> Result<Self, CredentialsError> {
        let given = |text: &str| Some(Value { text: text.to_owned(), origin: "given".to_owned() });
        Self::assemble(&Settings {
            tenancy: given(tenancy),
            user: given(user),
            fingerprint: given(fingerprint),
            key_content: given(pem),
            ..Settings::empty("the given key", None)
        })
    }

    /// The profile `profile` of the configuration file at `path`.
    ///
    /// `home` replaces a leading `~` in the paths that the file names.
    ///
    /// # Errors
    /// See [`CredentialsError`].
    pub fn from_file(
        path: &Path,
        profile: &str,
        home: Option<&Path>,
    ) -> Result<Self, CredentialsError> {
        Self::assemble(&Settings::from_file(path, profile, home)?)
    }

    /// What the vendor's command line would use: `OCI_CLI_USER`, `_FINGERPRINT`, `_TENANCY`,
    /// `_REGION`, and `_KEY_FILE` or `_KEY_CONTENT`, each in front of the profile `OCI_CLI_PROFILE`
    /// of `OCI_CLI_CONFIG_FILE` (`DEFAULT` of `~/.oci/config`).
    ///
    /// `lookup` reads one variable; the file is not touched when the variables say everything.
    ///
    /// # Errors
    /// See [`CredentialsError`].
    pub fn from_environment(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, CredentialsError> {
        let lookup = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let home = lookup("HOME").map(PathBuf::from);
        let variables = Settings::from_variables(&lookup, home.as_deref());
        if variables.are_complete() {
            return Self::assemble(&variables);
        }
        let default = || home.as_deref().map(|home| home.join(".oci/config"));
        let named =
            lookup("OCI_CLI_CONFIG_FILE").map(|path| profile::expand(&path, home.as_deref()));
        let Some(path) = named.or_else(default) else {
            return Self::assemble(&variables);
        };
        let profile = lookup("OCI_CLI_PROFILE").unwrap_or_else(|| "DEFAULT".to_owned());
        let file = Settings::from_file(&path, &profile, home.as_deref())?;
        Self::assemble(&variables.or(file))
    }

    fn assemble(settings: &Settings) -> Result<Self, CredentialsError> {
        let tenancy = settings.ocid("tenancy", "OCI_CLI_TENANCY", settings.tenancy.as_ref())?;
        let token = settings.security_token()?;
        let (key_id, user, fingerprint) = match token {
            Some(token) => (format!("ST${token}"), None, None),
            None => {
                let user = settings.ocid("user", "OCI_CLI_USER", settings.user.as_ref())?;
                let fingerprint = settings.fingerprint()?;
                (format!("{tenancy}/{user}/{fingerprint}"), Some(user), Some(fingerprint))
            }
        };
        let (origin, place, pem) = settings.key_pem()?;
        let key = Arc::new(private_key::parse(&origin, &place, &pem)?);
        let region = settings.region.as_ref().map(|value| value.text.clone());
        let origin = settings.origin.clone();
        Ok(Self { key_id, key, tenancy, user, fingerprint, region, origin })
    }

    /// The OCID of the tenancy.
    pub fn tenancy(&self) -> &str {
        &self.tenancy
    }

    /// The OCID of the user; a session token has none here.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The region that the configuration names, if it does.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Which credential this is, in words that may be logged.
    pub fn describe(&self) -> String {
        let Self { tenancy, origin, .. } = self;
        match (&self.user, &self.fingerprint) {
            (Some(user), Some(fingerprint)) => {
                format!("{user} with key {fingerprint} in {tenancy}, from {origin}")
            }
            _ => format!("a session token in {tenancy}, from {origin}"),
        }
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(crate) fn key(&self) -> &RsaKeyPair {
        &self.key
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Credentials({})", self.describe())
    }
}

#[cfg(test)]
mod tests;
