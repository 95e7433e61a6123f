//! An order on its way: proofs published and seen, the authority told, the certificate fetched.

use instant_acme::{
    AuthorizationStatus, ChallengeType, Error, Identifier, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use tokio::time::{Duration, timeout};

use super::Deadlines;
use super::dns01::{Dns01, NameServers};
use super::error::{AcmeError, Failure};
use super::wire::{Tries, Wire};

const FIRST_LOOK: Duration = Duration::from_millis(250);
const SLOWER: f32 = 1.5;

/// An order that is being completed.
pub(super) struct Open<'a> {
    pub(super) order: Order,
    pub(super) wire: &'a Wire,
    pub(super) deadlines: Deadlines,
}

/// One TXT value that proves one name.
#[derive(Debug)]
struct Proof {
    /// `_acme-challenge.<name>`, or what that is an alias of once it is published.
    at: String,
    value: String,
}

impl Open<'_> {
    /// The names of the order, wildcards included.
    pub(super) async fn names(&mut self) -> Result<Vec<String>, AcmeError> {
        let mut names = Vec::new();
        let mut identifiers = self.order.identifiers();
        while let Some(next) = identifiers.next().await {
            let identifier = next.map_err(|e| self.wire.explain("read the order", e))?;
            names.push(identifier.to_string());
        }
        names.sort();
        Ok(names)
    }

    /// Proves every name that is not proven yet. Returns the TXT names that could not be cleaned up.
    pub(super) async fn prove(
        &mut self,
        dns: &impl Dns01,
        servers: &NameServers,
    ) -> Result<Vec<String>, AcmeError> {
        let wanted = self.proofs().await?;
        let mut published = Vec::new();
        let outcome = self.prove_with(wanted, &mut published, dns, servers).await;
        let mut leftovers = Vec::new();
        for proof in published {
            if dns.withdraw(&proof.at, &proof.value).await.is_err() {
                leftovers.push(proof.at);
            }
        }
        outcome.map(|()| leftovers)
    }

    async fn prove_with(
        &mut self,
        wanted: Vec<Proof>,
        published: &mut Vec<Proof>,
        dns: &impl Dns01,
        servers: &NameServers,
    ) -> Result<(), AcmeError> {
        if wanted.is_empty() {
            return Ok(());
        }
        for Proof { at, value } in wanted {
            let publish = dns.publish(&at, &value).await;
            let at = publish.map_err(|source| AcmeError::Publish { name: at, source })?;
            published.push(Proof { at, value });
        }
        for proof in &*published {
            let seen = servers.wait_for(&proof.at, &proof.value, self.deadlines.propagation).await;
            seen.map_err(AcmeError::Propagation)?;
        }
        self.tell().await?;
        self.await_verdict().await
    }

    /// What has to be published.
    async fn proofs(&mut self) -> Result<Vec<Proof>, AcmeError> {
        let mut proofs = Vec::new();
        let mut authorizations = self.order.authorizations();
        while let Some(next) = authorizations.next().await {
            let mut authorization =
                next.map_err(|e| self.wire.explain("read an authorization", e))?;
            if authorization.status != AuthorizationStatus::Pending {
                continue;
            }
            let name = authorization.identifier().to_string();
            let challenge = authorization.challenge(ChallengeType::Dns01);
            let challenge = challenge.ok_or_else(|| AcmeError::NoDns01 { name: name.clone() })?;
            let Identifier::Dns(bare) = challenge.identifier().identifier else {
                return Err(AcmeError::NoDns01 { name });
            };
            let at = format!("_acme-challenge.{bare}");
            proofs.push(Proof { at, value: challenge.key_authorization().dns_value() });
        }
        Ok(proofs)
    }

    /// Tells the authority that every proof is in place.
    async fn tell(&mut self) -> Result<(), AcmeError> {
        let mut authorizations = self.order.authorizations();
        while let Some(next) = authorizations.next().await {
            let mut authorization =
                next.map_err(|e| self.wire.explain("read an authorization", e))?;
            if authorization.status != AuthorizationStatus::Pending {
                continue;
            }
            if let Some(mut challenge) = authorization.challenge(ChallengeType::Dns01) {
                let mut tries = Tries::default();
                let told = loop {
                    let told = challenge.set_ready().await;
                    if !tries.again(&told) {
                        break told;
                    }
                };
                told.map_err(|e| self.wire.explain("answer a challenge", e))?;
            }
        }
        Ok(())
    }

    async fn await_verdict(&mut self) -> Result<(), AcmeError> {
        let within = self.deadlines.validation;
        let polled = timeout(within, self.order.poll_ready(&policy(within))).await;
        match polled {
            Ok(Ok(OrderStatus::Ready)) => return Ok(()),
            Err(_) | Ok(Err(Error::Timeout(_))) => {
                return Err(AcmeError::Deadline { what: "the authority has not looked", within });
            }
            Ok(Ok(_) | Err(Error::Api(_))) => {}
            Ok(Err(error)) => return Err(self.wire.explain("await the validation", error)),
        }
        // The order itself need not say why; its authorizations do.
        let failures = self.failures().await?;
        Err(AcmeError::Validation { failures })
    }

    async fn failures(&mut self) -> Result<Vec<Failure>, AcmeError> {
        let mut failures = Vec::new();
        let mut authorizations = self.order.authorizations();
        while let Some(next) = authorizations.next().await {
            let mut authorization =
                next.map_err(|e| self.wire.explain("read an authorization", e))?;
            let state = authorization.refresh().await;
            let state = state.map_err(|e| self.wire.explain("read an authorization", e))?;
            let name = state.identifier().to_string();
            let problems = state.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
            failures.extend(problems.map(|problem| Failure::new(&name, problem)));
        }
        Ok(failures)
    }

    /// Hands in the request for `key` when that is still to do, and fetches the chain.
    pub(super) async fn certificate(
        &mut self,
        names: &[String],
        key: &KeyPair,
    ) -> Result<String, AcmeError> {
        if !matches!(self.order.state().status, OrderStatus::Processing | OrderStatus::Valid) {
            let request = signing_request(names, key)?;
            match self.hand_in(&request).await {
                // An earlier request was accepted and its answer lost: the order knows.
                Err(Error::Api(problem)) if is(&problem, "orderNotReady") => {
                    let state = self.order.refresh().await;
                    state.map_err(|e| self.wire.explain("read the order", e))?;
                }
                outcome => outcome.map_err(|e| self.wire.explain("finalize the order", e))?,
            }
        }
        let within = self.deadlines.issuance;
        let fetched = if self.order.state().status == OrderStatus::Valid {
            self.order
                .certificate()
                .await
                .and_then(|chain| chain.ok_or(Error::Str("no certificate")))
        } else {
            self.order.poll_certificate(&policy(within)).await
        };
        fetched.map_err(|error| match error {
            Error::Timeout(_) => {
                AcmeError::Deadline { what: "the certificate is not made", within }
            }
            other => self.wire.explain("fetch the certificate", other),
        })
    }

    async fn hand_in(&mut self, request: &[u8]) -> Result<(), Error> {
        let mut tries = Tries::default();
        loop {
            let outcome = self.order.finalize_csr(request).await;
            if !tries.again(&outcome) {
                return outcome;
            }
        }
    }
}

fn policy(within: Duration) -> RetryPolicy {
    RetryPolicy::new().initial_delay(FIRST_LOOK).backoff(SLOWER).timeout(within)
}

/// Whether a problem is of this type.
pub(super) fn is(problem: &instant_acme::Problem, kind: &str) -> bool {
    let name = problem.r#type.as_deref().and_then(|name| name.rsplit(':').next());
    name == Some(kind)
}

/// A request (PKCS#10, DER) for exactly these names, without a common name.
fn signing_request(names: &[String], key: &KeyPair) -> Result<Vec<u8>, AcmeError> {
    let mut params = CertificateParams::new(names).map_err(AcmeError::SigningRequest)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(key).map_err(AcmeError::SigningRequest)?;
    Ok(request.der().to_vec())
}
