//! TLS of listeners and towards backends, from the load balancer's certificate bundles.

mod suites;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
};

use crate::model::load_balancer::{Certificate, CipherSuite, SslConfiguration};

/// A load balancer's own cipher suites.
type Suites = BTreeMap<String, CipherSuite>;

/// A listener's side of TLS: its bundle's chain, the protocols it names, HTTP/2 only when it speaks it.
///
/// # Errors
/// What is wrong with the bundle or the configuration; never says anything of the key but that it is wrong.
pub(crate) fn server_config(
    ssl: &SslConfiguration,
    bundle: &Certificate,
    suites: &Suites,
    http2: bool,
) -> Result<Arc<ServerConfig>, String> {
    let builder = ServerConfig::builder_with_provider(provider_of(ssl, suites)?)
        .with_protocol_versions(&versions(ssl)?)
        .map_err(|e| e.to_string())?
        .with_client_cert_verifier(client_verifier(ssl, bundle)?);
    let key = bundle.private_key.as_deref().unwrap_or_default();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .map_err(|_| format!("certificate {}: no usable private key", bundle.certificate_name))?;
    let mut config = builder
        .with_single_cert(chain(ssl, bundle)?, key)
        .map_err(|e| format!("certificate {}: {e}", bundle.certificate_name))?;
    config.alpn_protocols = match http2 {
        true => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        false => vec![b"http/1.1".to_vec()],
    };
    config.ignore_client_order = ssl.server_order_preference.as_deref() == Some("ENABLED");
    if ssl.has_session_resumption == Some(false) {
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(Arc::new(config))
}

/// A backend set's side of TLS. Names of certificates are not compared: backends are addresses.
///
/// # Errors
/// When peers are to be verified and the bundle has no usable authority.
pub(crate) fn client_config(
    ssl: &SslConfiguration,
    bundle: Option<&Certificate>,
    suites: &Suites,
) -> Result<Arc<ClientConfig>, String> {
    let roots = match bundle {
        Some(bundle) if ssl.verify_peer_certificate => roots(bundle)?,
        None if ssl.verify_peer_certificate => {
            return Err(
                "peers are to be verified, but no certificate names the authority".to_owned()
            );
        }
        _ => RootCertStore::empty(),
    };
    let verifier = BackendVerifier { roots, verifies: ssl.verify_peer_certificate };
    let config = ClientConfig::builder_with_provider(provider_of(ssl, suites)?)
        .with_protocol_versions(&versions(ssl)?)
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn provider_of(ssl: &SslConfiguration, suites: &Suites) -> Result<Arc<CryptoProvider>, String> {
    suites::provider(ssl.cipher_suite_name.as_deref(), suites).map(Arc::new)
}

/// The protocols asked for that are still safe; the vendor's default is TLS 1.2.
fn versions(ssl: &SslConfiguration) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let Some(names) = &ssl.protocols else { return Ok(vec![&rustls::version::TLS12]) };
    let known = names.iter().filter_map(|name| match name.as_str() {
        "TLSv1.2" => Some(&rustls::version::TLS12),
        "TLSv1.3" => Some(&rustls::version::TLS13),
        _ => None,
    });
    let versions: Vec<_> = known.collect();
    if versions.is_empty() {
        return Err(format!("none of the protocols {} is served here", names.join(", ")));
    }
    Ok(versions)
}

/// Leaf first. The authority's certificates belong to the chain unless clients are verified by them.
fn chain(
    ssl: &SslConfiguration,
    bundle: &Certificate,
) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut chain = certificates(bundle, &bundle.public_certificate)?;
    if !ssl.verify_peer_certificate {
        for certificate in certificates(bundle, &bundle.ca_certificate)? {
            if !chain.contains(&certificate) {
                chain.push(certificate);
            }
        }
    }
    Ok(chain)
}

fn certificates(bundle: &Certificate, pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|e| format!("certificate {}: {e}", bundle.certificate_name))
}

fn roots(bundle: &Certificate) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(bundle, &bundle.ca_certificate)? {
        roots.add(certificate).map_err(|e| format!("{}: {e}", bundle.certificate_name))?;
    }
    Ok(roots)
}

fn client_verifier(
    ssl: &SslConfiguration,
    bundle: &Certificate,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    if !ssl.verify_peer_certificate {
        return Ok(WebPkiClientVerifier::no_client_auth());
    }
    let roots = Arc::new(roots(bundle)?);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
    verifier.map(|verifier| verifier as _).map_err(|e| e.to_string())
}

/// Checks that a backend's certificate leads to the set's authority, if that is asked for at all.
#[derive(Debug)]
struct BackendVerifier {
    roots: RootCertStore,
    verifies: bool,
}

impl ServerCertVerifier for BackendVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.verifies {
            let leaf = rustls::server::ParsedCertificate::try_from(leaf)?;
            let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms.all;
            rustls::client::verify_server_cert_signed_by_trust_anchor(
                &leaf,
                &self.roots,
                intermediates,
                now,
                algorithms,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
