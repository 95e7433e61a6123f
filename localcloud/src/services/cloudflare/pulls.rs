//! `origin_tls_client_auth`: client certificates of a zone's own, which the edge shows to its origins.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::CloudflareService;
use super::call::Call;
use super::envelope::{Failure, Success};
use super::ranges::hashed;
use super::settings;
use crate::edge::pull::Identity;
use crate::model::zone::Zone;

/// Where they are kept; no zone setting has this name.
const KEPT: &str = "origin_tls_client_auth";

/// All of a zone.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Pulls {
    enabled: bool,
    certificates: Vec<Uploaded>,
}

/// One certificate. The key is never shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Uploaded {
    id: String,
    certificate: String,
    private_key: String,
    uploaded_on: String,
    expires_on: String,
    issuer: String,
}

/// What the edge shows to the origins of a zone; `Err` when the shared certificate is meant.
pub(crate) fn identity(zone: &Zone) -> Result<Option<Identity>, Shared> {
    let pulls = read(zone);
    if let Some(latest) = pulls.certificates.last().filter(|_| pulls.enabled) {
        let certificate = latest.certificate.as_str().into();
        return Ok(Some(Identity { certificate, key: latest.private_key.as_str().into() }));
    }
    if settings::word(zone, "tls_client_auth") == "on" { Err(Shared) } else { Ok(None) }
}

/// The certificate that all zones share.
#[derive(Debug)]
pub(crate) struct Shared;

pub(crate) fn list(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let pulls = read(call.zone(&world)?);
    Ok(Success::one(pulls.certificates.iter().map(|c| view(&pulls, c, "active")).collect()))
}

pub(crate) fn get(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let pulls = read(call.zone(&world)?);
    let found = pulls.certificates.iter().find(|c| Some(&c.id.as_str()) == call.path.last());
    Ok(Success::one(view(&pulls, found.ok_or_else(nothing)?, "active")))
}

pub(crate) fn upload(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    #[derive(Deserialize)]
    struct Body {
        certificate: String,
        private_key: String,
    }
    let body: Body = call.json()?;
    let identity = Identity {
        certificate: body.certificate.as_str().into(),
        key: body.private_key.as_str().into(),
    };
    let (expires_on, issuer) = identity.open().and_then(|key| facts(&key)).map_err(invalid)?;
    service.change(call, |zone, now| {
        let mut pulls = read(zone);
        let id = hashed(&format!("{}{}", zone.id, body.certificate));
        pulls.certificates.retain(|known| known.id != id);
        let (certificate, private_key) = (body.certificate, body.private_key);
        let uploaded_on = now.to_owned();
        let made = Uploaded { id, certificate, private_key, uploaded_on, expires_on, issuer };
        pulls.certificates.push(made.clone());
        write(zone, &pulls);
        Ok(Success::one(view(&pulls, &made, "pending_deployment")))
    })
}

pub(crate) fn delete(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    service.change(call, |zone, _now| {
        let mut pulls = read(zone);
        let at = pulls.certificates.iter().position(|c| Some(&c.id.as_str()) == call.path.last());
        let gone = pulls.certificates.remove(at.ok_or_else(nothing)?);
        write(zone, &pulls);
        Ok(Success::one(view(&pulls, &gone, "pending_deletion")))
    })
}

pub(crate) fn enabled(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    Ok(Success::one(json!({ "enabled": read(call.zone(&world)?).enabled })))
}

pub(crate) fn switch(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    #[derive(Deserialize)]
    struct Body {
        enabled: bool,
    }
    let Body { enabled } = call.json()?;
    service.change(call, |zone, _now| {
        write(zone, &Pulls { enabled, ..read(zone) });
        Ok(Success::one(json!({ "enabled": enabled })))
    })
}

fn read(zone: &Zone) -> Pulls {
    let kept = zone.settings.get(KEPT).and_then(|kept| Pulls::deserialize(kept).ok());
    kept.unwrap_or_default()
}

fn write(zone: &mut Zone, pulls: &Pulls) {
    zone.settings.insert(KEPT.to_owned(), json!(pulls));
}

fn view(pulls: &Pulls, certificate: &Uploaded, status: &str) -> Value {
    json!({
        "id": certificate.id, "certificate": certificate.certificate, "issuer": certificate.issuer,
        "signature": "SHA256", "status": status, "enabled": pulls.enabled,
        "uploaded_on": certificate.uploaded_on, "expires_on": certificate.expires_on,
    })
}

/// The end of a certificate and who signed it.
fn facts(key: &rustls::sign::CertifiedKey) -> Result<(String, String), String> {
    let leaf = key.cert.first().ok_or("no certificate")?;
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf).map_err(|e| e.to_string())?;
    let until = OffsetDateTime::from_unix_timestamp(leaf.validity().not_after.timestamp());
    let until = until.map_err(|e| e.to_string())?;
    Ok((until.format(super::MICROSECONDS).unwrap_or_default(), leaf.issuer().to_string()))
}

fn nothing() -> Failure {
    Failure::new(http::StatusCode::NOT_FOUND, 1551, "The certificate was not found")
}

#[expect(clippy::needless_pass_by_value, reason = "taken by map_err")]
fn invalid(why: String) -> Failure {
    Failure::bad_request(1408, format!("The certificate or its private key is not valid: {why}"))
}
