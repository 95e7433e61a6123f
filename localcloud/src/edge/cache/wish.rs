//! Which requests the cache is asked for: static files by their ending (developers.cloudflare.com, "Default cache
//! behavior").

use http::header::{self, HeaderMap};
use http::{Method, request};

use super::Key;
use crate::model::zone::Zone;
use crate::services::cloudflare;

/// Endings that the vendor caches without being told to.
const ENDINGS: [&str; 56] = [
    "7z", "apk", "avi", "avif", "bin", "bmp", "bz2", "class", "css", "csv", "dmg", "doc", "docx",
    "ejs", "eot", "eps", "exe", "flac", "gif", "gz", "ico", "iso", "jar", "jpeg", "jpg", "js",
    "mid", "midi", "mkv", "mp3", "mp4", "ogg", "otf", "pdf", "pict", "pls", "png", "ppt", "pptx",
    "ps", "rar", "svg", "svgz", "swf", "tar", "tif", "tiff", "ttf", "webm", "webp", "woff",
    "woff2", "xls", "xlsx", "zip", "zst",
];

/// A request that a cached answer may do for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) key: Key,
    /// Whether the visitor shows who it is.
    pub(crate) authorized: bool,
    /// `GET` of the whole: its answer may be kept.
    pub(crate) whole: bool,
    pub(crate) is_head: bool,
    /// `Range`, `If-None-Match` and `If-Modified-Since`, which concern the visitor, not the origin.
    pub(crate) conditions: HeaderMap,
    /// Seconds that a browser is told to keep the answer for at least (`browser_cache_ttl`).
    pub(crate) browser_ttl: u64,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Goes to the origin, and its answer to the visitor.
    Dynamic,
    /// As `Dynamic`, but only because the zone is in development mode.
    Bypass,
    Cached(Box<Wish>),
}

/// How a visitor reached the edge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) scheme: &'static str,
    pub(crate) host: &'a str,
    /// Public number of the port.
    pub(crate) port: u16,
}

/// Decides by the request alone.
pub(crate) fn plan(zone: &Zone, arrival: Arrival<'_>, request: &request::Parts) -> Plan {
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    let path = request.uri.path();
    let level = cloudflare::setting(zone, "cache_level");
    let query = request.uri.query();
    let excluded = level == "basic" && query.is_some();
    // Other ports are proxied, but nothing of them is kept ("Network ports").
    let cached_port = matches!(arrival.port, 80 | 443);
    let upgrades = request.headers.contains_key(header::UPGRADE);
    if !reads || !cached_port || !is_static(path) || excluded || upgrades {
        return Plan::Dynamic;
    }
    if cloudflare::setting(zone, "development_mode") == "on" {
        return Plan::Bypass;
    }
    let headers = &request.headers;
    let key = Key {
        zone: zone.id.clone(),
        scheme: arrival.scheme,
        host: arrival.host.to_owned(),
        path: path.to_owned(),
        query: query.filter(|_| level != "simplified").map(str::to_owned),
        codings: codings(headers),
    };
    let mut conditions = HeaderMap::new();
    for name in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::RANGE, header::IF_RANGE]
    {
        if let Some(value) = headers.get(&name) {
            conditions.insert(name, value.clone());
        }
    }
    Plan::Cached(Box::new(Wish {
        key,
        authorized: headers.contains_key(header::AUTHORIZATION),
        whole: request.method == Method::GET && !headers.contains_key(header::RANGE),
        is_head: request.method == Method::HEAD,
        conditions,
        browser_ttl: cloudflare::number(zone, "browser_cache_ttl"),
    }))
}

fn is_static(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    path == "/robots.txt" || ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Visitors that take different codings do not share answers.
fn codings(headers: &HeaderMap) -> String {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    let offered: Vec<String> = lines
        .flat_map(|line| line.split(','))
        .map(|part| part.to_ascii_lowercase().replace(' ', ""))
        .filter(|part| !part.ends_with(";q=0"))
        .map(|part| part.split(';').next().unwrap_or_default().to_owned())
        .collect();
    let known = ["br", "gzip", "zstd"].into_iter();
    known.filter(|coding| offered.iter().any(|o| o == coding)).collect::<Vec<_>>().join(",")
}
