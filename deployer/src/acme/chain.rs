//! Certificate chains: what is kept of one, and whether it is what was ordered.

use rcgen::{KeyPair, PublicKeyData as _};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::AcmeError;
use crate::secret::Secret;

/// A certificate that was issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Leaf first, without the root.
    pub chain_pem: String,
    pub key_pem: Secret,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
    /// Lower case, without separators.
    pub serial_hex: String,
    pub order_url: String,
    /// Names of TXT records that could not be withdrawn.
    pub leftovers: Vec<String>,
}

/// Why a chain cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error("no PEM certificate in it")]
    Empty,
    #[error("not a certificate: {0}")]
    Unreadable(String),
    #[error("it is for another key")]
    OtherKey,
    #[error("it is for {found}, not for {wanted}")]
    OtherNames { wanted: String, found: String },
}

/// The first certificate of a chain.
///
/// # Errors
/// When there is none.
pub fn leaf(chain_pem: &str) -> Result<CertificateDer<'static>, AcmeError> {
    CertificateDer::from_pem_slice(chain_pem.as_bytes())
        .map_err(|_| AcmeError::Chain(ChainError::Empty))
}

/// Accepts a chain for `key` and exactly `names` (sorted).
pub(super) fn check(
    chain_pem: String,
    key_pem: Secret,
    key: &KeyPair,
    names: &[String],
) -> Result<Issued, AcmeError> {
    let der = leaf(&chain_pem)?;
    let (_, leaf) = x509_parser::parse_x509_certificate(&der)
        .map_err(|e| AcmeError::Chain(ChainError::Unreadable(e.to_string())))?;
    if leaf.public_key().raw != key.subject_public_key_info() {
        return Err(AcmeError::Chain(ChainError::OtherKey));
    }
    let found = alternative_names(&leaf);
    if found != names {
        let (wanted, found) = (names.join(", "), found.join(", "));
        return Err(AcmeError::Chain(ChainError::OtherNames { wanted, found }));
    }
    let (not_before, not_after) = (leaf.validity().not_before, leaf.validity().not_after);
    let serial_hex = leaf.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect();
    let (not_before, not_after) = (not_before.to_datetime(), not_after.to_datetime());
    Ok(Issued {
        chain_pem,
        key_pem,
        not_before,
        not_after,
        serial_hex,
        order_url: String::new(),
        leftovers: Vec::new(),
    })
}

/// The DNS names of a certificate, lower case and sorted.
fn alternative_names(leaf: &X509Certificate<'_>) -> Vec<String> {
    let extension = leaf.subject_alternative_name().ok().flatten();
    let names = extension.iter().flat_map(|extension| &extension.value.general_names);
    let mut names: Vec<String> = names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .collect();
    names.sort();
    names
}
