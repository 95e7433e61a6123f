//! From PEM text to a key that signs.

use aws_lc_rs::signature::RsaKeyPair;
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};

use super::CredentialsError;

/// Reads the first private key of `pem`. What `origin` and `place` say goes into the error.
pub(super) fn parse(origin: &str, place: &str, pem: &str) -> Result<RsaKeyPair, CredentialsError> {
    if pem.contains("BEGIN ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(CredentialsError::EncryptedKey {
            origin: origin.to_owned(),
            place: place.to_owned(),
        });
    }
    let refuse = |reason: &str| CredentialsError::Key {
        origin: origin.to_owned(),
        place: place.to_owned(),
        reason: reason.to_owned(),
    };
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| refuse("no PEM block of a private key"))?;
    match key {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err(refuse("the key is not an RSA key")),
    }
    .map_err(|reason| refuse(&reason.to_string()))
}
