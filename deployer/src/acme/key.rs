//! Keys of certificates.

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};

use super::AcmeError;
use crate::secret::Secret;

/// The kinds of keys that both Let's Encrypt and OCI load balancers take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyType {
    #[default]
    P256,
    P384,
    /// 2048 bits.
    Rsa,
}

/// A new key, PKCS#8 PEM.
///
/// # Errors
/// When the system gives no randomness.
pub fn generate(kind: KeyType) -> Result<Secret, AcmeError> {
    let algorithm = match kind {
        KeyType::P256 => &PKCS_ECDSA_P256_SHA256,
        KeyType::P384 => &PKCS_ECDSA_P384_SHA384,
        KeyType::Rsa => &PKCS_RSA_SHA256,
    };
    let key = KeyPair::generate_for(algorithm).map_err(AcmeError::Key)?;
    Ok(Secret::from(key.serialize_pem()))
}

pub(super) fn read(key_pem: &Secret) -> Result<KeyPair, AcmeError> {
    KeyPair::from_pem(key_pem.expose()).map_err(AcmeError::Key)
}
