//! Who may use this cloud: one tenancy with one user, an API key pair, and tokens for registry and Cloudflare.
//!
//! Made once and kept in `<state>/credentials`, readable by their owner only. The private key is written for the
//! clients; this cloud itself only ever needs the public half.

pub(crate) mod md5;

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::document::write_private;
use crate::ids;
use crate::options::Seed;

/// The identities of this cloud and how they prove themselves.
#[derive(Clone)]
pub struct Credentials {
    /// An INI file as `~/.oci/config`; names the private key's file.
    pub config_path: PathBuf,
    pub tenancy: String,
    pub user: String,
    /// MD5 of the public key, `aa:bb:…`.
    pub fingerprint: String,
    /// SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER.
    pub public_key: Vec<u8>,
    /// `<namespace>/<user>`.
    pub registry_username: String,
    /// An auth token.
    pub registry_password: String,
    /// An API token, for `Authorization: Bearer`.
    pub cloudflare_token: String,
    /// The namespace of Object Storage and of the registry.
    pub namespace: String,
}

/// What is kept besides the key pair.
#[derive(Serialize, Deserialize)]
struct Kept {
    tenancy: String,
    user: String,
    namespace: String,
    registry_password: String,
    cloudflare_token: String,
}

impl Kept {
    fn draw() -> Self {
        Self {
            tenancy: ids::ocid("tenancy", ""),
            user: ids::ocid("user", ""),
            namespace: format!("ax{}", ids::hex::<5>()),
            registry_password: ids::token(),
            cloudflare_token: ids::token(),
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("tenancy", &self.tenancy).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Opens the credentials kept in `<state>/credentials`, or makes them.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or holds something else.
    pub fn open(state: &Path, seed: &Seed) -> io::Result<Self> {
        let folder = state.join("credentials");
        let identities = folder.join("identities.json");
        if !identities.exists() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            make(&folder, &identities)?;
        }
        let kept: Kept = serde_json::from_slice(&fs::read(&identities)?)?;
        let public_key = fs::read(folder.join("oci_api_key.pub.der"))?;
        let credentials = Self {
            config_path: folder.join("oci_config"),
            fingerprint: fingerprint(&public_key),
            registry_username: format!("{}/deployer", kept.namespace),
            tenancy: kept.tenancy,
            user: kept.user,
            namespace: kept.namespace,
            registry_password: kept.registry_password,
            cloudflare_token: kept.cloudflare_token,
            public_key,
        };
        // Written at every start: the state folder may have been moved, and the region is an option.
        let config = credentials.config(&folder.join("oci_api_key.pem"), &seed.region);
        write_private(&credentials.config_path, config.as_bytes())?;
        Ok(credentials)
    }

    /// Credentials of a simulation: drawn, and without a key, because nobody verifies signatures there.
    pub(crate) fn simulate() -> Self {
        let kept = Kept::draw();
        Self {
            config_path: PathBuf::new(),
            fingerprint: fingerprint(b""),
            registry_username: format!("{}/deployer", kept.namespace),
            tenancy: kept.tenancy,
            user: kept.user,
            namespace: kept.namespace,
            registry_password: kept.registry_password,
            cloudflare_token: kept.cloudflare_token,
            public_key: Vec::new(),
        }
    }

    /// `<tenancy>/<user>/<fingerprint>`, as clients sign with.
    pub fn key_id(&self) -> String {
        format!("{}/{}/{}", self.tenancy, self.user, self.fingerprint)
    }

    fn config(&self, key: &Path, region: &str) -> String {
        let Self { user, fingerprint, tenancy, .. } = self;
        let key = fs::canonicalize(key).unwrap_or_else(|_| key.to_owned());
        format!(
            "[DEFAULT]\nuser={user}\nfingerprint={fingerprint}\ntenancy={tenancy}\nregion={region}\nkey_file={}\n",
            key.display()
        )
    }
}

fn make(folder: &Path, identities: &Path) -> io::Result<()> {
    let key = KeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
    let private: Pkcs8V1Der<'_> = key.as_der().map_err(io::Error::other)?;
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(io::Error::other)?;
    write_private(&folder.join("oci_api_key.pem"), pem(private.as_ref()).as_bytes())?;
    write_private(&folder.join("oci_api_key.pub.der"), public.as_ref())?;
    // Comes last because its presence says that the folder is complete.
    write_private(identities, &serde_json::to_vec(&Kept::draw())?)
}

/// PKCS #8 as PEM (RFC 7468 section 10). The vendor's label after it silences a warning of its CLI.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = vec!["-----BEGIN PRIVATE KEY-----"];
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        lines.push(line);
        rest = tail;
    }
    lines.push("-----END PRIVATE KEY-----\nOCI_API_KEY\n");
    lines.join("\n")
}

fn fingerprint(public_key: &[u8]) -> String {
    let pairs: Vec<String> = md5::md5(public_key).iter().map(|b| format!("{b:02x}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn credentials_survive_a_restart_and_are_private() {
        let state = std::env::temp_dir().join(format!("credentials-{}", ids::hex::<8>()));
        let first = Credentials::open(&state, &Seed::default()).unwrap();
        let second = Credentials::open(&state, &Seed::default()).unwrap();
        assert_eq!(first.key_id(), second.key_id());
        assert_eq!(first.registry_password, second.registry_password);
        assert_eq!(first.fingerprint.len(), 47);
        for file in fs::read_dir(state.join("credentials")).unwrap() {
            let mode = file.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        fs::remove_dir_all(state).unwrap();
    }
}
