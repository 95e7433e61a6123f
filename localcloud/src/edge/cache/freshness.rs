//! How long an answer may be kept: what the origin says (RFC 9111, "Origin Cache Control"), else the vendor's defaults.

use http::header::{self, HeaderMap, HeaderName};
use http::{HeaderValue, StatusCode};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

/// Headers that instruct the cache; the first that is there counts alone.
const CONTROLS: [HeaderName; 3] = [
    HeaderName::from_static("cloudflare-cdn-cache-control"),
    HeaderName::from_static("cdn-cache-control"),
    header::CACHE_CONTROL,
];
const IMF_FIXDATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);
/// A year; longer promises are cut.
const LONGEST: u64 = 31_536_000;

/// What to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep {
        until: OffsetDateTime,
    },
    /// The origin does not want it kept.
    Bypass,
    /// Nobody said anything, and by default such answers are not kept.
    Ignore,
}

/// Judges an answer to a `GET` of the whole.
pub(crate) fn judge(
    status: StatusCode,
    headers: &HeaderMap,
    authorized: bool,
    now: OffsetDateTime,
) -> Verdict {
    let control = Control::of(headers);
    let varies = headers.get(header::VARY).is_some_and(|v| v.as_bytes() == b"*");
    let shared = control.has("public") || control.has("must-revalidate");
    let private = authorized && !shared && control.seconds("s-maxage").is_none();
    let forbidden = ["no-store", "no-cache", "private"].into_iter().any(|d| control.has(d));
    if forbidden || private || varies || headers.contains_key(header::SET_COOKIE) {
        return Verdict::Bypass;
    }
    let partial = matches!(status, StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED);
    let explicit = control.ttl().or_else(|| expires(headers, now));
    let ttl = match explicit {
        Some(0) => return Verdict::Bypass,
        Some(ttl) if !partial && !status.is_server_error() => ttl.saturating_sub(age(headers)),
        _ => default_ttl(status),
    };
    if ttl == 0 {
        return Verdict::Ignore;
    }
    let ttl = i64::try_from(ttl.min(LONGEST)).unwrap_or_default();
    Verdict::Keep { until: now + Duration::seconds(ttl) }
}

/// Seconds by status when neither `Cache-Control` nor `Expires` is there.
fn default_ttl(status: StatusCode) -> u64 {
    match status.as_u16() {
        200 | 301 => 7200,
        302 | 303 => 1200,
        404 | 410 => 180,
        _ => 0,
    }
}

/// Seconds that an answer spent in caches before this one.
pub(crate) fn age(headers: &HeaderMap) -> u64 {
    let age = headers.get(header::AGE).and_then(|value| value.to_str().ok());
    age.and_then(|age| age.trim().parse().ok()).unwrap_or(0)
}

fn expires(headers: &HeaderMap, now: OffsetDateTime) -> Option<u64> {
    let expires = headers.get(header::EXPIRES)?;
    // What is no date is in the past (RFC 9111 section 5.3).
    let until = date(expires).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let from = headers.get(header::DATE).and_then(date).unwrap_or(now);
    Some(u64::try_from((until - from).whole_seconds()).unwrap_or(0))
}

/// A moment as HTTP writes it.
pub(crate) fn date(value: &HeaderValue) -> Option<OffsetDateTime> {
    let text = value.to_str().ok()?;
    PrimitiveDateTime::parse(text, IMF_FIXDATE).ok().map(PrimitiveDateTime::assume_utc)
}

/// Tells a browser to keep an answer at least as long as the zone says, and takes away what was for the edge alone.
pub(crate) fn lengthen(headers: &mut HeaderMap, browser_ttl: u64) {
    headers.remove("cloudflare-cdn-cache-control");
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|v| v.to_str().ok());
    let mut parts: Vec<String> =
        lines.flat_map(|line| line.split(',')).map(|part| part.trim().to_owned()).collect();
    let age_of = |part: &String| part.to_ascii_lowercase().strip_prefix("max-age=")?.parse().ok();
    let present: Option<u64> = parts.iter().find_map(age_of);
    if browser_ttl == 0 || present.is_some_and(|present| present >= browser_ttl) {
        return;
    }
    parts.retain(|part| !part.is_empty() && age_of(part).is_none());
    parts.push(format!("max-age={browser_ttl}"));
    headers.remove(header::EXPIRES);
    if let Ok(value) = HeaderValue::from_str(&parts.join(", ")) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}

/// Directives of the header that counts, lower case.
struct Control(Vec<String>);

impl Control {
    fn of(headers: &HeaderMap) -> Self {
        let name = CONTROLS.into_iter().find(|name| headers.contains_key(name));
        let lines = name.into_iter().flat_map(|name| headers.get_all(name));
        let lines = lines.filter_map(|value| value.to_str().ok());
        Self(lines.flat_map(|l| l.split(',')).map(|d| d.trim().to_ascii_lowercase()).collect())
    }

    fn has(&self, directive: &str) -> bool {
        // `private="set-cookie"` limits one header; such an answer is not kept at all here.
        self.0.iter().any(|d| d.split('=').next() == Some(directive))
    }

    fn seconds(&self, directive: &str) -> Option<u64> {
        let value = self.0.iter().find_map(|d| d.strip_prefix(directive)?.strip_prefix('='))?;
        value.trim_matches('"').parse().ok()
    }

    fn ttl(&self) -> Option<u64> {
        self.seconds("s-maxage").or_else(|| self.seconds("max-age"))
    }
}
