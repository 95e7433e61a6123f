//! Certificate bundles: immutable, and only accepted when the key belongs to the certificate.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::child::Kind;
use crate::model::load_balancer::{Certificate, LoadBalancer, SslConfiguration};
use crate::services::oci::failure::Failure;

pub(super) const KIND: Kind<Certificate> = Kind {
    collection: "certificates",
    title: "certificate",
    items: |lb| &lb.certificates,
    items_mut: |lb| &mut lb.certificates,
    settle,
    in_use,
};

fn settle(certificate: &mut Certificate) -> Result<(), Failure> {
    let name = &certificate.certificate_name;
    let refused = |what: String| Failure::invalid(format!("Certificate '{name}': {what}"));
    if !certificate.ca_certificate.is_empty() {
        chain("caCertificate", &certificate.ca_certificate).map_err(refused)?;
    }
    match (&certificate.private_key, certificate.public_certificate.is_empty()) {
        (None, true) if certificate.ca_certificate.is_empty() => {
            Err(refused("neither publicCertificate nor caCertificate is given".to_owned()))
        }
        (None, true) => Ok(()),
        (Some(_), true) => Err(refused("privateKey is given without publicCertificate".to_owned())),
        (None, false) => Err(refused("publicCertificate is given without privateKey".to_owned())),
        (Some(key), false) => pair(&certificate.public_certificate, key).map_err(refused),
    }
}

/// Whether key and leaf belong together. Says what is wrong, never what is in the key.
fn pair(public: &str, key: &str) -> Result<(), String> {
    let chain = chain("publicCertificate", public)?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .map_err(|_| "privateKey is not an unencrypted private key in PEM")?;
    let key =
        any_supported_type(&key).map_err(|_| "privateKey is of a kind that is not supported")?;
    CertifiedKey::new(chain, Arc::clone(&key))
        .keys_match()
        .map_err(|_| "privateKey does not match publicCertificate".to_owned())
}

fn chain(field: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let chain = parsed.map_err(|_| format!("{field} is not PEM"))?;
    if chain.is_empty() {
        return Err(format!("{field} holds no certificate"));
    }
    for certificate in &chain {
        x509_parser::parse_x509_certificate(certificate)
            .map_err(|_| format!("{field} is not X.509"))?;
    }
    Ok(chain)
}

fn in_use(lb: &LoadBalancer, name: &str) -> Option<Failure> {
    let listeners = lb.listeners.values().map(|listener| &listener.ssl_configuration);
    let sets = lb.backend_sets.values().map(|set| &set.ssl_configuration);
    let uses = |ssl: &SslConfiguration| ssl.certificate_name.as_deref() == Some(name);
    let used = listeners.chain(sets).flatten().any(uses);
    used.then(|| {
        Failure::conflict(format!(
            "Certificate '{name}' is attached to one or more listeners/backendSets"
        ))
    })
}
