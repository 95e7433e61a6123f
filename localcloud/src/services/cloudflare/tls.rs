//! The certificates of the edge, and DNSSEC.

use serde::Deserialize;
use serde_json::json;

use super::CloudflareService;
use super::call::Call;
use super::envelope::{Failure, Success};
use super::ranges::hashed;
use crate::model::zone::Zone;

/// Where the switch is kept; no zone setting has this name.
const UNIVERSAL: &str = "universal_ssl";

/// Whether the edge has a certificate for the zone's names.
pub(crate) fn is_universal(zone: &Zone) -> bool {
    zone.settings.get(UNIVERSAL).and_then(serde_json::Value::as_bool).unwrap_or(true)
}

/// `GET ssl/verification`: one certificate for the apex and one label below it.
pub(crate) fn verification(
    service: &CloudflareService,
    call: &Call<'_>,
) -> Result<Success, Failure> {
    let world = service.world();
    let zone = call.zone(&world)?;
    if !is_universal(zone) {
        return Ok(Success::one(json!([])));
    }
    let status = if zone.status == "active" { "active" } else { "initializing" };
    let entry = |hostname: String| {
        json!({
            "hostname": hostname,
            "certificate_status": status,
            "brand_check": false,
            "cert_pack_uuid": hashed(&zone.name),
            "signature": "ECDSAWithSHA256",
            "validation_method": "txt",
            "verification_type": "cname",
            "verification_status": status == "active",
        })
    };
    Ok(Success::one(json!([entry(zone.name.clone()), entry(format!("*.{}", zone.name))])))
}

pub(crate) fn universal(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    Ok(Success::one(json!({ "enabled": is_universal(call.zone(&service.world())?) })))
}

pub(crate) fn switch_universal(
    service: &CloudflareService,
    call: &Call<'_>,
) -> Result<Success, Failure> {
    #[derive(Deserialize)]
    struct Body {
        enabled: bool,
    }
    let Body { enabled } = call.json()?;
    service.change(call, |zone, _now| {
        zone.settings.insert(UNIVERSAL.to_owned(), enabled.into());
        Ok(Success::one(json!({ "enabled": enabled })))
    })
}

/// Zones of this cloud are not signed.
pub(crate) fn dnssec(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let zone = call.zone(&world)?;
    Ok(Success::one(json!({
        "status": "disabled", "flags": null, "algorithm": null, "key_type": null,
        "digest_type": null, "digest_algorithm": null, "digest": null, "ds": null,
        "key_tag": null, "public_key": null, "modified_on": zone.modified_on,
    })))
}
