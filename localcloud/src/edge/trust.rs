//! Which origin certificates the edge accepts: this cloud's root and the roots added to it, at this cloud's time.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::sign::SingleCertAndKey;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::cloud::Cloud;
use crate::document::write_private;
use crate::edge::pull::{Identity, Shared};

/// The two ways to speak TLS with an origin.
#[derive(Debug)]
pub(crate) struct Trust {
    cloud: Arc<Cloud>,
    path: PathBuf,
    adding: Mutex<()>,
    strict: ArcSwap<ClientConfig>,
    any: Arc<ClientConfig>,
    shared: Shared,
}

impl Trust {
    /// Opens the roots kept in `<state>/edge_trust.pem`.
    ///
    /// # Errors
    /// When the file cannot be read or holds what is no certificate.
    pub(crate) fn open(cloud: Arc<Cloud>) -> io::Result<Self> {
        let path = cloud.options.state.join("edge_trust.pem");
        let extra = read(&path)?;
        let strict = ArcSwap::from_pointee(strict(&cloud, &extra)?);
        let shared = Shared::open(&cloud.options.state, cloud.clock.now())?;
        let any = Arc::new(any(&cloud)?);
        Ok(Self { any, strict, shared, adding: Mutex::new(()), path, cloud })
    }

    /// Adds roots, now and for later starts.
    ///
    /// # Errors
    /// When the text holds no certificate, or the file cannot be written.
    pub(crate) fn add(&self, pem: &str) -> io::Result<()> {
        if certificates(pem)?.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "no PEM certificate in the text",
            ));
        }
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let known = read(&self.path)?;
        if known.contains(pem.trim()) {
            return Ok(());
        }
        let all = format!("{known}{}\n", pem.trim());
        let config = strict(&self.cloud, &all)?;
        write_private(&self.path, all.as_bytes())?;
        self.strict.store(Arc::new(config));
        Ok(())
    }

    /// What the edge shows to origins that ask who it is.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Chain, name and dates are checked.
    pub(crate) fn strict(&self) -> Arc<ClientConfig> {
        self.strict.load_full()
    }

    /// Any certificate will do.
    pub(crate) fn any(&self) -> Arc<ClientConfig> {
        self.any.clone()
    }
}

/// The same way, with a certificate for origins that ask for one.
///
/// # Errors
/// When the certificate or its key cannot be used.
pub(crate) fn showing(
    config: &ClientConfig,
    identity: &Identity,
) -> Result<Arc<ClientConfig>, String> {
    let resolver = SingleCertAndKey::from(identity.open()?);
    let mut config = config.clone();
    config.client_auth_cert_resolver = Arc::new(resolver);
    // A session that began without the certificate would be resumed without it.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

fn read(path: &std::path::Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        outcome => outcome,
    }
}

fn certificates(pem: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(invalid)
}

fn strict(cloud: &Arc<Cloud>, extra: &str) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for pem in [cloud.authority.root_pem(), extra] {
        for root in certificates(pem)? {
            roots.add(root).map_err(invalid)?;
        }
    }
    let config = builder(cloud)?.with_root_certificates(roots).with_no_client_auth();
    Ok(config)
}

fn any(cloud: &Arc<Cloud>) -> io::Result<ClientConfig> {
    let verifier = Arc::new(AnyCertificate { provider: aws_lc_rs::default_provider() });
    let config = builder(cloud)?.dangerous().with_custom_certificate_verifier(verifier);
    Ok(config.with_no_client_auth())
}

fn builder(
    cloud: &Arc<Cloud>,
) -> io::Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_details(provider, Arc::new(CloudTime(cloud.clone())));
    builder.with_safe_default_protocol_versions().map_err(invalid)
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Certificates age with this cloud, not with the machine.
#[derive(Debug)]
struct CloudTime(Arc<Cloud>);

impl TimeProvider for CloudTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.clock.now().unix_timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

/// The mode `full`: the origin must hold its certificate's key, whoever signed it.
#[derive(Debug)]
struct AnyCertificate {
    provider: CryptoProvider,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
