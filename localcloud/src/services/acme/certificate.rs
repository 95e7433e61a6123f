//! Certificates that were issued, and what is remembered of each (RFC 8555 section 7.4.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use x509_parser::extensions::ParsedExtension;
use x509_parser::pem::Pem;

use super::AcmeService;
use super::account::absent;
use super::answer::Answer;
use super::jws::Call;
use super::problem::{Kind, Problem};
use super::state::{Certificate, Order};

impl AcmeService {
    /// The chain, leaf first; for the account that ordered it.
    pub(super) fn certificate(&self, call: &Call, id: &str) -> Result<Answer, Problem> {
        let account = call.account()?;
        let world = self.world.read();
        let found = world.certificates.get(id).filter(|each| each.account == account);
        let certificate = found.ok_or_else(|| absent("certificate"))?;
        Ok(Answer::of(200, "application/pem-certificate-chain", certificate.chain_pem.clone()))
    }
}

/// What to remember of a new certificate.
pub(super) fn describe(chain_pem: String, order: &Order) -> Result<Certificate, Problem> {
    let der = leaf(&chain_pem)?;
    let (_, leaf) = x509_parser::parse_x509_certificate(&der).map_err(|_| unreadable())?;
    let authority_key =
        leaf.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(found) => {
                found.key_identifier.as_ref().map(|id| id.0)
            }
            _ => None,
        });
    let renewal_id = format!(
        "{}.{}",
        BASE64.encode(authority_key.unwrap_or_default()),
        BASE64.encode(leaf.raw_serial())
    );
    let (not_before, not_after) =
        (leaf.validity().not_before.timestamp(), leaf.validity().not_after.timestamp());
    Ok(Certificate {
        account: order.account.clone(),
        names: order.names.clone(),
        renewal_id,
        not_before,
        not_after,
        chain_pem,
        revoked: None,
        replaced: false,
        renew_now: false,
    })
}

/// The DER of the first certificate of a chain.
pub(super) fn leaf(chain_pem: &str) -> Result<Vec<u8>, Problem> {
    let first = Pem::iter_from_buffer(chain_pem.as_bytes()).next();
    first.and_then(Result::ok).map(|pem| pem.contents).ok_or_else(unreadable)
}

fn unreadable() -> Problem {
    Problem::new(Kind::ServerInternal, "a certificate of this authority cannot be read")
}
