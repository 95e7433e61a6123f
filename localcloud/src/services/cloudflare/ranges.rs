//! `GET /ips`: the ranges that the edge calls origins from.

use aws_lc_rs::digest;
use serde_json::json;

use super::CloudflareService;
use super::call::Call;
use super::envelope::{Failure, Success};

pub(crate) fn list(service: &CloudflareService, _call: &Call<'_>) -> Result<Success, Failure> {
    let world = service.world();
    let ranges = &world.ranges;
    let text = [ranges.ipv4_cidrs.join(","), ranges.ipv6_cidrs.join(",")].join(";");
    Ok(Success::one(json!({
        "ipv4_cidrs": ranges.ipv4_cidrs,
        "ipv6_cidrs": ranges.ipv6_cidrs,
        "etag": hashed(&text),
    })))
}

/// 32 hex letters that stand for a text.
pub(crate) fn hashed(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
