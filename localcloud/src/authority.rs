//! The certificate authority of this cloud: a root that users may trust, an intermediate that signs.
//!
//! Keys are ECDSA P-256 and survive a restart, so that a root trusted once stays good.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber,
};
use time::{Duration, OffsetDateTime};

use crate::document::write_private;
use crate::ids;

/// A root and the intermediate that it signed.
#[derive(Debug)]
pub struct Authority {
    root_pem: String,
    root_path: PathBuf,
    intermediate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, both PEM; the chain is leaf first, without the root.
#[derive(Debug, Clone)]
pub struct Issued {
    pub chain_pem: String,
    pub key_pem: String,
}

impl Authority {
    /// Opens the authority kept in `<state>/ca`, or makes one.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or holds something else.
    pub fn open(state: &Path, now: OffsetDateTime) -> io::Result<Self> {
        let folder = state.join("ca");
        let root_path = folder.join("root.pem");
        if !root_path.exists() {
            fs::create_dir_all(&folder)?;
            create(&folder, now).map_err(invalid)?;
        }
        let read = |name: &str| fs::read_to_string(folder.join(name));
        let intermediate_pem = read("intermediate.pem")?;
        let key = KeyPair::from_pem(&read("intermediate.key.pem")?).map_err(invalid)?;
        let issuer = Issuer::from_ca_cert_pem(&intermediate_pem, key).map_err(invalid)?;
        Ok(Self { root_pem: fs::read_to_string(&root_path)?, root_path, intermediate_pem, issuer })
    }

    /// An authority in memory. It signs with Ed25519, so that a simulation with the same seed signs the same way.
    pub(crate) fn simulate(now: OffsetDateTime) -> Result<Self, rcgen::Error> {
        let names = ["Localcloud Root", "Localcloud Intermediate"].map(str::to_owned);
        let made = make([ed25519()?, ed25519()?], names, now)?;
        let issuer = Issuer::from_ca_cert_pem(&made.intermediate_pem, made.key)?;
        let Made { root_pem, intermediate_pem, .. } = made;
        Ok(Self { root_pem, root_path: PathBuf::new(), intermediate_pem, issuer })
    }

    /// The root, PEM.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// Where the root is kept, for `curl --cacert`.
    pub fn root_path(&self) -> &Path {
        &self.root_path
    }

    /// The intermediate, PEM.
    pub fn intermediate_pem(&self) -> &str {
        &self.intermediate_pem
    }

    /// A server certificate with a new P-256 key.
    ///
    /// # Errors
    /// When a name is not a DNS name or an address.
    pub fn issue(
        &self,
        names: &[String],
        from: OffsetDateTime,
        validity: Duration,
    ) -> Result<Issued, rcgen::Error> {
        let key = KeyPair::generate()?;
        let chain_pem = self.sign(&key, names, from, validity)?;
        Ok(Issued { chain_pem, key_pem: key.serialize_pem() })
    }

    /// Signs somebody's public key; returns the chain, leaf first, without the root.
    ///
    /// Only the key is taken from the request: extensions that a CSR asks for (`CA:TRUE` among them) are not copied.
    ///
    /// # Errors
    /// When a name is not a DNS name or an address.
    pub fn sign(
        &self,
        key: &impl PublicKeyData,
        names: &[String],
        from: OffsetDateTime,
        validity: Duration,
    ) -> Result<String, rcgen::Error> {
        let mut params = CertificateParams::new(names.to_vec())?;
        params.distinguished_name = DistinguishedName::new();
        params.serial_number = Some(serial());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = from - Duration::HOUR;
        params.not_after = from + validity;
        let leaf = params.signed_by(key, &self.issuer)?;
        Ok(format!("{}{}", leaf.pem(), self.intermediate_pem))
    }
}

/// 16 random bytes, positive (RFC 5280 section 4.1.2.2).
fn serial() -> SerialNumber {
    let mut bytes = ids::bytes::<16>();
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}

/// PKCS #8 (RFC 8410 section 7) of a key that is made of 32 bytes.
fn ed25519() -> Result<KeyPair, rcgen::Error> {
    const PREFIX: [u8; 16] =
        [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let der = [&PREFIX[..], &ids::bytes::<32>()].concat();
    KeyPair::from_pkcs8_der_and_sign_algo(&der.into(), &rcgen::PKCS_ED25519)
}

/// A new authority. The root's own key is dropped: nothing has to be signed by it again.
struct Made {
    root_pem: String,
    intermediate_pem: String,
    /// The intermediate's.
    key: KeyPair,
}

fn make(
    [root_key, key]: [KeyPair; 2],
    [root_name, name]: [String; 2],
    now: OffsetDateTime,
) -> Result<Made, rcgen::Error> {
    let root_params = authority_params(root_name, None, now, Duration::days(3650));
    let root = root_params.self_signed(&root_key)?;
    let root_issuer = Issuer::from_params(&root_params, &root_key);
    let params = authority_params(name, Some(0), now, Duration::days(1825));
    let intermediate = params.signed_by(&key, &root_issuer)?;
    Ok(Made { root_pem: root.pem(), intermediate_pem: intermediate.pem(), key })
}

fn create(
    folder: &Path,
    now: OffsetDateTime,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    // Each state folder has a root of its own; the suffix tells them apart in a browser's list.
    let names = ["Localcloud Root", "Localcloud Intermediate"];
    let names = names.map(|name| format!("{name} {}", ids::hex::<4>()));
    let made = make([KeyPair::generate()?, KeyPair::generate()?], names, now)?;
    write_private(&folder.join("intermediate.pem"), made.intermediate_pem.as_bytes())?;
    write_private(&folder.join("intermediate.key.pem"), made.key.serialize_pem().as_bytes())?;
    // The file comes last because its presence says that the folder is complete.
    write_private(&folder.join("root.pem"), made.root_pem.as_bytes())?;
    Ok(())
}

fn authority_params(
    name: String,
    path_length: Option<u8>,
    now: OffsetDateTime,
    validity: Duration,
) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params.serial_number = Some(serial());
    params.is_ca = IsCa::Ca(
        path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained),
    );
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = now - Duration::HOUR;
    params.not_after = now + validity;
    params
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
