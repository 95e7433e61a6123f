//! The ciphers of a listener's suite, as far as they are served here: those with forward secrecy and authenticated
//! encryption (guide, "Predefined Load Balancer Cipher Suites").

use std::collections::BTreeMap;

use rustls::SupportedCipherSuite;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, cipher_suite as suite};

use crate::model::load_balancer::CipherSuite;

/// Ciphers as the vendor writes them.
const KNOWN: [(&str, SupportedCipherSuite); 9] = [
    ("TLS_AES_128_GCM_SHA256", suite::TLS13_AES_128_GCM_SHA256),
    ("TLS_AES_256_GCM_SHA384", suite::TLS13_AES_256_GCM_SHA384),
    ("TLS_CHACHA20_POLY1305_SHA256", suite::TLS13_CHACHA20_POLY1305_SHA256),
    ("ECDHE-RSA-AES128-GCM-SHA256", suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ("ECDHE-RSA-AES256-GCM-SHA384", suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("ECDHE-RSA-CHACHA20-POLY1305", suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
];

/// Predefined suites, each with the places in [`KNOWN`] of what it has of them.
const PREDEFINED: [(&str, std::ops::Range<usize>); 10] = [
    // RSA only: with an ECDSA certificate there is no handshake, at the vendor as here.
    ("oci-default-ssl-cipher-suite-v1", 3..5),
    ("oci-modern-ssl-cipher-suite-v1", 3..7),
    ("oci-compatible-ssl-cipher-suite-v1", 3..7),
    ("oci-wider-compatible-ssl-cipher-suite-v1", 3..7),
    ("oci-default-http2-ssl-cipher-suite-v1", 3..7),
    ("oci-tls-13-recommended-ssl-cipher-suite-v1", 0..3),
    ("oci-default-http2-tls-13-ssl-cipher-suite-v1", 0..3),
    ("oci-tls-12-13-wider-ssl-cipher-suite-v1", 0..7),
    ("oci-tls-11-12-13-wider-ssl-cipher-suite-v1", 0..7),
    ("oci-default-http2-tls-12-13-ssl-cipher-suite-v1", 0..7),
];

/// What TLS is made with when a suite is named; without a name, or with the name of a suite that came later, all that
/// is served here.
///
/// # Errors
/// When nothing of the suite is served here.
pub(crate) fn provider(
    name: Option<&str>,
    own: &BTreeMap<String, CipherSuite>,
) -> Result<CryptoProvider, String> {
    let mut provider = aws_lc_rs::default_provider();
    let Some(name) = name else { return Ok(provider) };
    if let Some(suite) = own.get(name) {
        let named = |known: &str| suite.ciphers.iter().any(|cipher| cipher == known);
        provider.cipher_suites =
            KNOWN.iter().filter(|(known, _)| named(known)).map(|(_, suite)| *suite).collect();
    } else if let Some((_, places)) = PREDEFINED.iter().find(|(known, _)| *known == name) {
        provider.cipher_suites = KNOWN[places.clone()].iter().map(|(_, suite)| *suite).collect();
    }
    if provider.cipher_suites.is_empty() {
        return Err(format!("none of the ciphers of the suite `{name}` is served here"));
    }
    Ok(provider)
}
