//! Authenticated origin pulls: the client certificates that the edge shows to origins, so that they can tell it from
//! anybody else who calls from its addresses.
//!
//! One certificate is shared by all zones; its authority is in `<state>/edge_pull_ca.pem`. A zone may have its own.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

use crate::document::write_private;

/// Long enough never to end in a local cloud, from long before a rehearsal's clock and the machine's own.
const VALIDITY: Duration = Duration::days(3650);
const EARLY: Duration = Duration::days(365);

/// A certificate of the edge's for origins, PEM.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) certificate: Arc<str>,
    pub(crate) key: Arc<str>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Identity {
    /// Both parts as TLS uses them.
    ///
    /// # Errors
    /// When a part is none, or the key is another certificate's; says nothing of the key.
    pub(crate) fn open(&self) -> Result<CertifiedKey, String> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(self.certificate.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|e| e.to_string())?;
        if chain.is_empty() {
            return Err("no PEM certificate".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes());
        let key = key.map_err(|_| "no usable private key".to_owned())?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|_| "the private key does not belong to the certificate".to_owned())
    }
}

/// The certificate that zones share, and its authority.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) authority_pem: String,
    pub(crate) identity: Identity,
}

impl Shared {
    /// Opens the authority kept in the state folder, or makes one, and has it sign a new certificate.
    ///
    /// # Errors
    /// When the files cannot be read or written, or hold something else.
    pub(crate) fn open(state: &Path, now: OffsetDateTime) -> io::Result<Self> {
        let (path, key_path) = (state.join("edge_pull_ca.pem"), state.join("edge_pull_ca.key.pem"));
        if !path.exists() {
            let key = KeyPair::generate().map_err(io::Error::other)?;
            let mut params = params("Localcloud Origin Pull CA", now);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            let made = params.self_signed(&key).map_err(io::Error::other)?;
            write_private(&key_path, key.serialize_pem().as_bytes())?;
            // Last, because its presence says that both are there.
            write_private(&path, made.pem().as_bytes())?;
        }
        let authority_pem = fs::read_to_string(&path)?;
        let key = KeyPair::from_pem(&fs::read_to_string(&key_path)?).map_err(io::Error::other)?;
        let issuer = Issuer::from_ca_cert_pem(&authority_pem, key).map_err(io::Error::other)?;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = params("origin-pull.localcloud", now);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let made = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
        let identity = Identity { certificate: made.pem().into(), key: key.serialize_pem().into() };
        Ok(Self { authority_pem, identity })
    }
}

fn params(name: &str, now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params.not_before = now - EARLY;
    params.not_after = now + VALIDITY;
    params
}
