//! Zone settings: the vendor's defaults on a free plan, and which values each takes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::CloudflareService;
use super::call::Call;
use super::envelope::{Failure, Success};
use crate::model::zone::Zone;

/// Which values a setting takes.
#[derive(Debug, Clone, Copy)]
enum Takes {
    /// The plan does not let it be changed.
    Fixed,
    Number,
    /// `security_header`: Strict-Transport-Security.
    StrictTransport,
    Words(&'static [&'static str]),
}

const SWITCH: Takes = Takes::Words(&["on", "off"]);
const VERSIONS: Takes = Takes::Words(&["1.0", "1.1", "1.2", "1.3"]);
const TLS_1_3: Takes = Takes::Words(&["on", "off", "zrt"]);
const SSL: Takes = Takes::Words(&["off", "flexible", "full", "strict"]);
const CACHE_LEVELS: Takes = Takes::Words(&["aggressive", "basic", "simplified"]);
const SECURITY_LEVELS: Takes =
    Takes::Words(&["essentially_off", "low", "medium", "high", "under_attack"]);

/// Name, default, what it takes.
const TABLE: &[(&str, &str, Takes)] = &[
    ("0rtt", "off", SWITCH),
    ("always_online", "off", SWITCH),
    ("always_use_https", "off", SWITCH),
    ("automatic_https_rewrites", "on", SWITCH),
    ("brotli", "on", SWITCH),
    ("browser_cache_ttl", "14400", Takes::Number),
    ("browser_check", "on", SWITCH),
    ("cache_level", "aggressive", CACHE_LEVELS),
    ("challenge_ttl", "1800", Takes::Number),
    ("development_mode", "off", SWITCH),
    ("early_hints", "off", SWITCH),
    ("email_obfuscation", "on", SWITCH),
    ("hotlink_protection", "off", SWITCH),
    ("http2", "on", Takes::Fixed),
    ("http3", "on", SWITCH),
    ("ip_geolocation", "on", SWITCH),
    ("ipv6", "on", SWITCH),
    ("min_tls_version", "1.0", VERSIONS),
    ("mirage", "off", Takes::Fixed),
    ("opportunistic_encryption", "on", SWITCH),
    ("opportunistic_onion", "on", SWITCH),
    ("polish", "off", Takes::Fixed),
    ("privacy_pass", "on", SWITCH),
    ("pseudo_ipv4", "off", Takes::Words(&["off", "add_header", "overwrite_header"])),
    ("rocket_loader", "off", SWITCH),
    ("security_header", "", Takes::StrictTransport),
    ("security_level", "medium", SECURITY_LEVELS),
    ("server_side_exclude", "on", SWITCH),
    ("ssl", "full", SSL),
    ("ssl_automatic_mode", "auto", Takes::Words(&["auto", "custom"])),
    ("tls_1_3", "on", TLS_1_3),
    ("tls_client_auth", "off", SWITCH),
    ("true_client_ip_header", "off", Takes::Fixed),
    ("webp", "off", Takes::Fixed),
    ("websockets", "on", SWITCH),
];

pub(crate) fn list(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let zone = call.zone(&world)?;
    let all = TABLE.iter().map(|(name, _, takes)| view(zone, name, *takes)).collect();
    Ok(Success::one(Value::Array(all)))
}

pub(crate) fn get(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    let (name, takes) = known(call)?;
    Ok(Success::one(view(call.zone(&service.world())?, name, takes)))
}

pub(crate) fn patch(service: &CloudflareService, call: &Call<'_>) -> Result<Success, Failure> {
    #[derive(Deserialize)]
    struct Body {
        value: Value,
    }
    let (name, takes) = known(call)?;
    let Body { value } = call.json()?;
    let value = accepted(name, takes, value)?;
    service.change(call, |zone, now| {
        zone.settings.insert(name.to_owned(), value);
        zone.settings.insert(changed_at(name), now.into());
        Ok(Success::one(view(zone, name, takes)))
    })
}

fn known(call: &Call<'_>) -> Result<(&'static str, Takes), Failure> {
    let name = call.path.last().copied().unwrap_or_default();
    let row = TABLE.iter().find(|(known, _, _)| *known == name);
    row.map(|(name, _, takes)| (*name, *takes))
        .ok_or_else(|| Failure::bad_request(1003, format!("Undefined zone setting: {name}")))
}

/// Checks a value; `security_header` is filled up with what was not sent.
fn accepted(name: &str, takes: Takes, value: Value) -> Result<Value, Failure> {
    let good = match takes {
        Takes::Fixed => {
            let text = format!("Not allowed to edit setting for {name}");
            return Err(Failure::bad_request(1005, text));
        }
        Takes::Number => value.is_u64(),
        Takes::StrictTransport => return strict_transport(&value),
        Takes::Words(words) => value.as_str().is_some_and(|word| words.contains(&word)),
    };
    if good { Ok(value) } else { Err(invalid(name)) }
}

fn strict_transport(value: &Value) -> Result<Value, Failure> {
    let name = "security_header";
    let sent = value.get("strict_transport_security").and_then(Value::as_object);
    let mut whole = default_of(name);
    for (key, value) in sent.ok_or_else(|| invalid(name))? {
        let place = whole["strict_transport_security"].get_mut(key).ok_or_else(|| invalid(name))?;
        if place.is_boolean() != value.is_boolean() || place.is_u64() != value.is_u64() {
            return Err(invalid(name));
        }
        *place = value.clone();
    }
    Ok(whole)
}

fn invalid(name: &str) -> Failure {
    Failure::bad_request(1007, format!("Invalid value for zone setting {name}"))
}

fn default_of(name: &str) -> Value {
    let row = TABLE.iter().find(|(known, _, _)| *known == name);
    match row {
        Some((_, _, Takes::StrictTransport)) => json!({ "strict_transport_security": {
            "enabled": false, "max_age": 0, "include_subdomains": false, "preload": false, "nosniff": false,
        }}),
        Some((_, default, Takes::Number)) => default.parse::<u64>().unwrap_or_default().into(),
        Some((_, default, _)) => (*default).into(),
        None => Value::Null,
    }
}

fn view(zone: &Zone, name: &str, takes: Takes) -> Value {
    let value = zone.settings.get(name).cloned().unwrap_or_else(|| default_of(name));
    json!({
        "id": name,
        "value": value,
        "editable": !matches!(takes, Takes::Fixed),
        "modified_on": zone.settings.get(&changed_at(name)),
    })
}

/// Where the time of a setting's last change is kept; no setting's name has a dot.
fn changed_at(name: &str) -> String {
    format!("{name}.modified_on")
}

/// Every setting as it is in force, the vendor's default where it was not changed.
pub(crate) fn in_force(zone: &Zone) -> Value {
    let value = |name: &str| zone.settings.get(name).cloned().unwrap_or_else(|| default_of(name));
    let mut all: serde_json::Map<String, Value> =
        TABLE.iter().map(|(name, _, _)| ((*name).to_owned(), value(name))).collect();
    all.insert("universal_ssl".to_owned(), super::is_universal(zone).into());
    Value::Object(all)
}

/// A word setting as it is in force, the vendor's default when it was not changed.
pub(crate) fn word(zone: &Zone, name: &str) -> String {
    let value = zone.settings.get(name).cloned().unwrap_or_else(|| default_of(name));
    value.as_str().unwrap_or_default().to_owned()
}

/// A number setting as it is in force.
pub(crate) fn number(zone: &Zone, name: &str) -> u64 {
    let value = zone.settings.get(name).cloned().unwrap_or_else(|| default_of(name));
    value.as_u64().unwrap_or_default()
}

/// The `Strict-Transport-Security` that the zone asks for, when it does.
pub(crate) fn strict_transport_header(zone: &Zone) -> Option<String> {
    let rule = zone.settings.get("security_header")?.get("strict_transport_security")?;
    let is = |key: &str| rule.get(key).and_then(Value::as_bool).unwrap_or(false);
    is("enabled").then(|| {
        let age = rule.get("max_age").and_then(Value::as_u64).unwrap_or(0);
        let subdomains = if is("include_subdomains") { "; includeSubDomains" } else { "" };
        let preload = if is("preload") { "; preload" } else { "" };
        format!("max-age={age}{subdomains}{preload}")
    })
}
