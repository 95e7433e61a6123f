//! Revocation, by who ordered, by who holds the key, or by who controls every name (RFC 8555 section 7.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;

use super::answer::Answer;
use super::authorization;
use super::certificate::leaf;
use super::jws::{Call, Signer};
use super::problem::{Kind, Problem};
use super::state::{Certificate, Status, World};
use super::{AcmeService, account::absent};

/// Reasons that a subscriber may give (RFC 5280 section 5.3.1).
const REASONS: [u8; 5] = [0, 1, 3, 4, 5];

#[derive(Deserialize)]
struct Revocation {
    certificate: String,
    reason: Option<u8>,
}

impl AcmeService {
    pub(super) fn revoke(&self, call: &Call) -> Result<Answer, Problem> {
        let wanted: Revocation = call.json()?;
        let reason = wanted.reason.unwrap_or(0);
        if !REASONS.contains(&reason) {
            return Err(Problem::new(
                Kind::BadRevocationReason,
                format!("reason {reason} is not among {REASONS:?}"),
            ));
        }
        let der = BASE64
            .decode(&wanted.certificate)
            .map_err(|_| Problem::malformed("certificate: not base64url"))?;
        let now = self.cloud.clock.now().unix_timestamp();
        self.world.try_update(|world| {
            let found = world
                .certificates
                .iter()
                .find(|(_, each)| leaf(&each.chain_pem).is_ok_and(|own| own == der));
            let (id, certificate) = found.ok_or_else(|| absent("certificate"))?;
            if !allowed(world, &call.signer, certificate, &der, now) {
                return Err(Problem::new(
                    Kind::Unauthorized,
                    "this certificate is not yours to revoke",
                ));
            }
            if certificate.revoked.is_some() {
                return Err(Problem::new(
                    Kind::AlreadyRevoked,
                    "the certificate is revoked already",
                ));
            }
            let id = id.to_owned();
            if let Some(certificate) = world.certificates.get_mut(&id) {
                certificate.revoked = Some(reason);
            }
            Ok(Answer::empty(200))
        })
    }
}

fn allowed(
    world: &World,
    signer: &Signer,
    certificate: &Certificate,
    der: &[u8],
    now: i64,
) -> bool {
    match signer {
        Signer::Key(key) => x509_parser::parse_x509_certificate(der)
            .is_ok_and(|(_, leaf)| key.is(leaf.public_key())),
        Signer::Account(account) if *account == certificate.account => true,
        Signer::Account(account) => certificate.names.iter().all(|name| {
            let (bare, wildcard) =
                name.strip_prefix("*.").map_or((name.as_str(), false), |bare| (bare, true));
            world.authorizations.values().any(|each| {
                each.account == *account
                    && each.name == bare
                    && each.wildcard == wildcard
                    && authorization::status(each, now) == Status::Valid
            })
        }),
    }
}
