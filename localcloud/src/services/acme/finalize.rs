//! Finalizing: the certificate request is checked, then signed (RFC 8555 section 7.4).

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rcgen::SubjectPublicKeyInfo;
use serde::Deserialize;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use super::AcmeService;
use super::account::absent;
use super::answer::Answer;
use super::certificate;
use super::jwk::Jwk;
use super::jws::Call;
use super::order;
use super::policy::Profile;
use super::problem::{Kind, Problem};
use super::state::{Progress, Status, World};
use crate::ids;

#[derive(Deserialize)]
struct Finalize {
    csr: String,
}

impl AcmeService {
    pub(super) fn finalize(self: &Arc<Self>, call: &Call, id: &str) -> Result<Answer, Problem> {
        let account = call.account()?;
        let request: Finalize = call.json()?;
        let der =
            BASE64.decode(&request.csr).map_err(|_| bad("it is not base64url without padding"))?;
        let now = self.cloud.clock.now().unix_timestamp();
        self.world.try_update(|world| {
            let found = order::find(world, account, id)?;
            let status = order::status(world, found, now);
            if status != Status::Ready {
                let detail = format!("the order is not ready but {status:?}").to_lowercase();
                return Err(Problem::new(Kind::OrderNotReady, detail));
            }
            let account = world.accounts.get(account).ok_or_else(|| absent("account"))?;
            check(&der, &found.names, &account.key)?;
            let order = world.orders.get_mut(id).ok_or_else(|| absent("order"))?;
            order.progress = Progress::Processing(request.csr);
            Ok(())
        })?;
        if self.cloud.latency.of("finalize").is_zero() {
            self.sign(id);
        } else {
            self.issue(id.to_owned());
        }
        Ok(order::shown(200, call, id, &self.world.read(), now))
    }

    /// Signs after the time that asynchronous operations take.
    pub(super) fn issue(self: &Arc<Self>, order: String) {
        let service = Arc::clone(self);
        self.spawn(async move {
            tokio::time::sleep(service.cloud.latency.of("finalize")).await;
            service.sign(&order);
        });
    }

    /// Makes the certificate of an order that is being processed. The request was checked when it was accepted.
    fn sign(&self, id: &str) {
        let now = self.cloud.clock.now();
        let validity = self.policy().validity;
        self.world.update(|world: &mut World| {
            let Some(order) = world.orders.get_mut(id) else { return };
            let Progress::Processing(csr) = &order.progress else { return };
            let profile = Profile::find(order.profile.as_deref());
            let validity =
                validity.or(profile.map(|p| p.validity)).unwrap_or(time::Duration::days(90));
            let signed = public_key(csr).and_then(|key| {
                self.cloud
                    .authority
                    .sign(&key, &order.names, now, validity)
                    .map_err(|e| bad(&e.to_string()))
            });
            let made = signed.and_then(|chain_pem| certificate::describe(chain_pem, order));
            // Only a lost key or a damaged file gets here; the client may send the request again.
            let Ok(certificate) = made else {
                order.progress = Progress::Open;
                return;
            };
            let certificate_id = ids::token();
            order.progress = Progress::Issued(certificate_id.clone());
            world.certificates.insert(certificate_id, certificate);
        });
    }
}

fn public_key(csr: &str) -> Result<SubjectPublicKeyInfo, Problem> {
    let der = BASE64.decode(csr).map_err(|_| bad("it is not base64url"))?;
    let (_, request) =
        X509CertificationRequest::from_der(&der).map_err(|_| bad("it is not DER"))?;
    let info = request.certification_request_info.subject_pki.raw;
    SubjectPublicKeyInfo::from_der(info)
        .map_err(|_| Problem::new(Kind::BadPublicKey, "an unknown kind of key"))
}

/// Refuses a request that is not for exactly the order's names, or for a key that must not be certified.
fn check(der: &[u8], names: &[String], account_key: &Jwk) -> Result<(), Problem> {
    let (rest, request) =
        X509CertificationRequest::from_der(der).map_err(|e| bad(&e.to_string()))?;
    if !rest.is_empty() {
        return Err(bad("something follows it"));
    }
    let key = &request.certification_request_info.subject_pki;
    if account_key.is(key) {
        return Err(Problem::new(Kind::BadPublicKey, "the key is that of the account"));
    }
    let strong = match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => (2048..=4096).contains(&rsa.key_size()),
        Ok(PublicKey::EC(point)) => matches!(point.key_size(), 256 | 384),
        _ => false,
    };
    if !strong {
        return Err(Problem::new(
            Kind::BadPublicKey,
            "use RSA of 2048 to 4096 bits, P-256 or P-384",
        ));
    }
    request.verify_signature().map_err(|_| bad("its signature does not hold"))?;
    let asked = requested_names(&request)?;
    if asked.iter().eq(names) { Ok(()) } else { Err(bad("its names are not those of the order")) }
}

/// Every name that a request mentions, lower case.
fn requested_names(request: &X509CertificationRequest<'_>) -> Result<BTreeSet<String>, Problem> {
    let mut names = BTreeSet::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        if let ParsedExtension::SubjectAlternativeName(alternatives) = extension {
            for name in &alternatives.general_names {
                let GeneralName::DNSName(name) = name else {
                    return Err(bad("it asks for a name that is not a DNS name"));
                };
                names.insert(name.to_ascii_lowercase());
            }
        }
    }
    for common_name in request.certification_request_info.subject.iter_common_name() {
        let name = common_name.as_str().map_err(|_| bad("its common name is not text"))?;
        names.insert(name.to_ascii_lowercase());
    }
    Ok(names)
}

fn bad(reason: &str) -> Problem {
    Problem::new(Kind::BadCsr, format!("the certificate request is refused: {reason}"))
}
