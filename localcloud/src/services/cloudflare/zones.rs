//! Zones: found, made, and the calls that act on a whole one.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::envelope::{Failure, Success};
use super::page::{self, Size};
use super::ranges::hashed;
use super::{CloudflareService, stamp};
use crate::model::zone::Zone;
use crate::services::dns;

const SIZE: Size = Size { default: 20, most: 50 };
/// Two of these serve a zone; which two depends on its name.
const SERVERS: [&str; 6] = ["ada", "bob", "cass", "dan", "eve", "finn"];

/// A zone that exists from the start, delegated and active.
///
/// The id follows from the name, so that an environment may name it and outlive the state folder.
pub(crate) fn seeded(apex: &str, now: &str) -> Zone {
    let mut zone = pending(apex, now);
    activate(&mut zone, now);
    zone
}

pub(crate) fn activate(zone: &mut Zone, now: &str) {
    "active".clone_into(&mut zone.status);
    zone.activated_on = Some(now.to_owned());
    now.clone_into(&mut zone.modified_on);
}

fn pending(apex: &str, now: &str) -> Zone {
    let id = hashed(apex);
    let first = apex.bytes().map(usize::from).sum::<usize>() % SERVERS.len();
    let servers = [SERVERS[first], SERVERS[(first + 1) % SERVERS.len()]];
    Zone {
        id,
        name: apex.to_owned(),
        status: "pending".to_owned(),
        account_id: hashed("account of this cloud"),
        name_servers: servers.map(|name| format!("{name}.ns.cloudflare.com")).to_vec(),
        created_on: now.to_owned(),
        modified_on: now.to_owned(),
        ..Zone::default()
    }
}

pub(crate) fn verify_token(
    service: &CloudflareService,
    _call: &Call<'_>,
) -> Result<Success, Failure> {
    Ok(Success::one(json!({ "id": hashed(&service.api_token), "status": "active" })))
}

pub(crate) fn list(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let wanted = |zone: &&Zone| {
        call.parameter("name").is_none_or(|test| name_matches(&zone.name, test))
            && call.parameter("account.id").is_none_or(|id| zone.account_id == id)
            && call.parameter("status").is_none_or(|status| zone.status == status)
    };
    let mut zones: Vec<&Zone> = world.zones.values().filter(wanted).collect();
    zones.sort_by(|a, b| a.name.cmp(&b.name));
    let (zones, info) = page::cut(zones, call, SIZE)?;
    Ok(Success::page(zones.into_iter().map(view).collect(), info))
}

/// `<operator>:<text>`, or a name alone.
fn name_matches(name: &str, test: &str) -> bool {
    let (operator, text) = test.split_once(':').unwrap_or(("equal", test));
    let text = text.to_ascii_lowercase();
    match operator {
        "contains" => name.contains(&text),
        "ends_with" => name.ends_with(&text),
        "not_equal" => name != text,
        "starts_with" => name.starts_with(&text),
        _ => name == text,
    }
}

pub(crate) fn get(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    Ok(Success::one(view(call.zone(&service.world())?)))
}

pub(crate) fn create(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    #[derive(Deserialize)]
    struct Body {
        name: String,
    }
    let body: Body = call.json()?;
    let name = dns::canonical(&body.name).filter(|name| name.contains('.'));
    let name = name.ok_or_else(|| Failure::bad_request(1049, "Invalid zone name"))?;
    let zone = pending(&name, &stamp(&service.cloud));
    service.cloud.zones.try_update(|world| {
        if world.zones.values().any(|z| z.name == zone.name) {
            return Err(Failure::bad_request(1061, format!("{} already exists", zone.name)));
        }
        let shown = view(&zone);
        world.zones.insert(zone.id.clone(), zone);
        Ok(Success::one(shown))
    })
}

/// Success says that the check is queued, not that the zone is delegated.
pub(crate) fn check_activation(
    service: &CloudflareService,
    call: &Call<'_>,
) -> Result<Success, Failure> {
    Ok(Success::one(json!({ "id": call.zone(&service.world())?.id })))
}

/// A zone as the API shows it.
fn view(zone: &Zone) -> Value {
    json!({
        "id": zone.id,
        "name": zone.name,
        "status": zone.status,
        "paused": false,
        "type": "full",
        "development_mode": 0,
        "name_servers": zone.name_servers,
        "original_name_servers": null,
        "original_registrar": null,
        "original_dnshost": null,
        "created_on": zone.created_on,
        "modified_on": zone.modified_on,
        "activated_on": zone.activated_on,
        "account": { "id": zone.account_id, "name": "localcloud" },
        "owner": { "id": null, "type": "user", "email": null },
        "meta": { "step": 2, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": false },
        "permissions": ["#dns_records:edit", "#dns_records:read", "#zone:read", "#zone_settings:edit"],
        "plan": {
            "id": "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "name": "Free Website", "price": 0,
            "currency": "USD", "frequency": "", "is_subscribed": false, "can_subscribe": false,
            "legacy_id": "free", "legacy_discount": false, "externally_managed": false,
        },
    })
}
