//! Certificates: issued by ACME, kept on the load balancer, which is where they are found again.
//!
//! The name says what a certificate was asked for with: `crt-<hash of names, issuer and key>-<hash of the leaf>`.
//! Between issue and installation it lies in the store, and before that its order and key do, so that a killed run does
//! not cost another one.

mod issue;

use deployer_core::address::{Address, Kind};
use deployer_core::digest;
use deployer_core::observed::{Found, Observed};
use deployer_core::value::Outputs;
use serde_json::{Value, json};
use time::OffsetDateTime;
use x509_parser::pem::Pem;

use super::Clouds;
use crate::acme;
use crate::acme::cloudflare::CloudflareDns;
use crate::failure::{self, Failure};

/// What of a leaf matters here.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
}

/// Adds the certificates that lie on the load balancer.
///
/// Of several the best stands for all: one that is good, and among those one that listeners show. The rest are leftovers
/// of runs that ended in the middle, which the load balancer's plan removes. A good one that nobody shows yet was
/// brought there by such a run; it is taken, not ordered again.
pub(super) fn add(clouds: &Clouds, observed: &mut Observed) {
    // One that has failed is replaced, and never shows the keys that its successor would need.
    let balancers =
        observed.of_kind(Kind::LoadBalancer).filter(|(_, found)| found.broken.is_none());
    let balancers: Vec<Value> = balancers.map(|(_, found)| found.spec.clone()).collect();
    for balancer in balancers {
        let certificates = balancer["certificates"].as_object().into_iter().flatten();
        let best = certificates
            .filter_map(|(name, certificate)| {
                let chain = certificate["publicCertificate"].as_str().unwrap_or_default();
                Some((!listeners_use(&balancer, name), found(clouds, name, chain)?))
            })
            .min_by_key(|(is_idle, found)| (found.broken.is_some(), *is_idle, found.id.clone()));
        if let Some((_, found)) = best {
            observed.insert(super::address(Kind::Certificate, "main"), found);
        }
    }
}

fn listeners_use(balancer: &Value, name: &str) -> bool {
    let listeners = balancer["listeners"].as_object().into_iter().flatten();
    listeners
        .into_iter()
        .any(|(_, listener)| listener["sslConfiguration"]["certificateName"] == name)
}

fn found(clouds: &Clouds, name: &str, chain: &str) -> Option<Found> {
    let dates = dates(chain)?;
    let asked = asked(clouds);
    let now = clouds.clock.now();
    let days = (dates.not_after - now).whole_days();
    let fits = name.starts_with(&base(&asked));
    let broken = if !fits {
        Some("was issued for other names, or by another issuer".to_owned())
    } else if acme::renewal_due(dates.not_before, dates.not_after, now) {
        Some(format!("ends in {days} days"))
    } else {
        None
    };
    let outputs =
        [("name", name), ("chain", chain)].map(|(key, value)| (key.to_owned(), value.to_owned()));
    Some(Found {
        id: name.to_owned(),
        spec: if fits { asked } else { json!({}) },
        outputs: Outputs::from(outputs),
        state: format!("{days} days left"),
        broken,
        ..Found::default()
    })
}

/// The spec that a certificate of this environment has.
fn asked(clouds: &Clouds) -> Value {
    let hosts: Vec<&String> = clouds.environment.hosts.keys().collect();
    json!({ "names": hosts, "issuer": clouds.directory, "key": "p256" })
}

fn base(asked: &Value) -> String {
    format!("crt-{}-", digest::short(asked.to_string().as_bytes(), 8))
}

/// The dates of the first certificate of a chain; `None` when it is none.
pub fn dates(chain: &str) -> Option<Dates> {
    let pem = Pem::iter_from_buffer(chain.as_bytes()).next()?.ok()?;
    let certificate = pem.parse_x509().ok()?;
    let validity = certificate.validity();
    Some(Dates {
        not_before: validity.not_before.to_datetime(),
        not_after: validity.not_after.to_datetime(),
    })
}

pub(super) async fn create(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<Found, Failure> {
    let store = &clouds.store;
    let base = base(spec);
    let kept = store.certificate(&base).filter(|kept| is_fresh(clouds, &kept.chain));
    let kept = match kept {
        Some(kept) => {
            clouds.note(address, "taking the one that an earlier run was issued");
            kept
        }
        None => issue::issue(clouds, address, spec, &base).await?,
    };
    let leaf = Pem::iter_from_buffer(kept.chain.as_bytes()).next().and_then(Result::ok);
    let leaf = leaf.ok_or_else(|| {
        Failure::new(failure::Kind::Provider, format!("{address}: the issuer sent no chain"))
    })?;
    let name = format!("{base}{}", digest::short(&leaf.contents, 8));
    let outputs = [("name", name.clone()), ("chain", kept.chain), ("privateKey", kept.key)];
    Ok(Found {
        id: name,
        spec: spec.clone(),
        outputs: outputs.map(|(key, value)| (key.to_owned(), value)).into(),
        state: "issued".to_owned(),
        ..Found::default()
    })
}

fn is_fresh(clouds: &Clouds, chain: &str) -> bool {
    let now = clouds.clock.now();
    dates(chain).is_some_and(|d| !acme::renewal_due(d.not_before, d.not_after, now))
}

fn proofs(clouds: &Clouds) -> CloudflareDns<'_> {
    CloudflareDns::new(&clouds.cloudflare, &clouds.environment.uid, clouds.clock.now())
}

/// Forgets certificates that are installed by now.
pub fn forget_installed(clouds: &Clouds) {
    clouds.store.forget_certificates();
}
