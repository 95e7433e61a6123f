//! TLS settings of listeners and backend sets, and the cipher suites that they name.

use super::child::Kind;
use crate::model::load_balancer::{CipherSuite, LoadBalancer, SslConfiguration};
use crate::services::oci::failure::Failure;

pub(super) const SUITES: Kind<CipherSuite> = Kind {
    collection: "sslCipherSuites",
    title: "cipher suite",
    items: |lb| &lb.ssl_cipher_suites,
    items_mut: |lb| &mut lb.ssl_cipher_suites,
    settle: |suite| match suite.ciphers.is_empty()
        || PREDEFINED.iter().any(|(name, _)| *name == suite.name)
    {
        true => {
            Err(Failure::invalid(format!("Cipher suite '{}' is empty or predefined", suite.name)))
        }
        false => Ok(()),
    },
    in_use,
};

const DEFAULT_SUITE: &str = "oci-default-ssl-cipher-suite-v1";
const VERSIONS: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/// The vendor's suites and the protocol versions that they have ciphers for.
const PREDEFINED: &[(&str, &[&str])] = &[
    (DEFAULT_SUITE, &["TLSv1.2"]),
    ("oci-modern-ssl-cipher-suite-v1", &["TLSv1.2"]),
    ("oci-compatible-ssl-cipher-suite-v1", &["TLSv1", "TLSv1.1", "TLSv1.2"]),
    ("oci-wider-compatible-ssl-cipher-suite-v1", &["TLSv1", "TLSv1.1", "TLSv1.2"]),
    ("oci-tls-13-recommended-ssl-cipher-suite-v1", &["TLSv1.3"]),
    ("oci-tls-12-13-wider-ssl-cipher-suite-v1", &["TLSv1.2", "TLSv1.3"]),
    ("oci-tls-11-12-13-wider-ssl-cipher-suite-v1", &["TLSv1.1", "TLSv1.2", "TLSv1.3"]),
    ("oci-default-http2-ssl-cipher-suite-v1", &["TLSv1.2"]),
    ("oci-default-http2-tls-13-ssl-cipher-suite-v1", &["TLSv1.3"]),
    ("oci-default-http2-tls-12-13-ssl-cipher-suite-v1", &["TLSv1.2", "TLSv1.3"]),
];

/// Fills what the vendor fills.
pub(super) fn fill(ssl: &mut SslConfiguration) {
    ssl.protocols.get_or_insert_with(|| vec!["TLSv1.2".to_owned()]);
    ssl.cipher_suite_name.get_or_insert_with(|| DEFAULT_SUITE.to_owned());
    ssl.server_order_preference.get_or_insert_with(|| "ENABLED".to_owned());
    ssl.has_session_resumption.get_or_insert(true);
    if ssl.verify_depth == 0 {
        ssl.verify_depth = 1;
    }
}

/// Checks settings against the certificates and suites of their load balancer; `owner` is for messages.
///
/// # Errors
/// A 400 in the vendor's words where those are known.
pub(super) fn check(lb: &LoadBalancer, owner: &str, ssl: &SslConfiguration) -> Result<(), Failure> {
    if let Some(id) =
        ssl.certificate_ids.iter().chain(&ssl.trusted_certificate_authority_ids).flatten().next()
    {
        return Err(Failure::not_found(format_args!(
            "certificate {id} of the Certificates service"
        )));
    }
    let certificate = match &ssl.certificate_name {
        Some(name) => Some(lb.certificates.get(name).ok_or_else(|| {
            Failure::invalid(format!("{owner} refers to unknown certificate '{name}'"))
        })?),
        None => None,
    };
    if ssl.verify_peer_certificate && certificate.is_none_or(|c| c.ca_certificate.is_empty()) {
        return Err(Failure::invalid(
            "Invalid SSL configuration: [Constraint sslConfiguration violation: Empty CA certificate. CA certificate is required for client validation.]",
        ));
    }
    let protocols = ssl.protocols.as_deref().unwrap_or_default();
    if let Some(unknown) = protocols.iter().find(|p| !VERSIONS.contains(&p.as_str())) {
        return Err(Failure::invalid(format!("{owner}: unknown TLS protocol '{unknown}'")));
    }
    if protocols.is_empty() {
        return Err(Failure::invalid(format!("{owner}: sslConfiguration.protocols is empty")));
    }
    suite_fits(lb, owner, ssl.cipher_suite_name.as_deref().unwrap_or(DEFAULT_SUITE), protocols)
}

fn suite_fits(
    lb: &LoadBalancer,
    owner: &str,
    suite: &str,
    protocols: &[String],
) -> Result<(), Failure> {
    if lb.ssl_cipher_suites.contains_key(suite) {
        return Ok(());
    }
    let found = PREDEFINED.iter().find(|(name, _)| *name == suite);
    let (_, versions) = found.ok_or_else(|| {
        Failure::invalid(format!("{owner} refers to unknown cipher suite '{suite}'"))
    })?;
    match protocols.iter().find(|p| !versions.contains(&p.as_str())) {
        Some(protocol) => Err(Failure::invalid(format!(
            "{owner}: cipher suite '{suite}' does not support protocol {protocol}"
        ))),
        None => Ok(()),
    }
}

fn in_use(lb: &LoadBalancer, name: &str) -> Option<Failure> {
    let listeners = lb.listeners.values().map(|l| (&l.name, &l.ssl_configuration));
    let sets = lb.backend_sets.values().map(|s| (&s.name, &s.ssl_configuration));
    let uses = |ssl: &Option<SslConfiguration>| {
        ssl.as_ref().is_some_and(|ssl| ssl.cipher_suite_name.as_deref() == Some(name))
    };
    let (user, _) = listeners.chain(sets).find(|(_, ssl)| uses(ssl))?;
    Some(Failure::conflict(format!("Cipher suite '{name}' is used by '{user}'")))
}
