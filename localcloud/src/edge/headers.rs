//! Headers on their way through: what the edge adds, takes away and rewrites.

use std::net::IpAddr;

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Uri, request, uri};

use super::front::Public;
use crate::conversation;
use crate::model::zone::World;

/// Headers of one connection, which never pass a proxy (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
const LOOP: HeaderName = HeaderName::from_static("cdn-loop");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What the origin is told of the request.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) host: &'a str,
    pub(crate) ray: &'a str,
    pub(crate) scheme: &'static str,
    pub(crate) visitor: IpAddr,
}

/// The host that a request is for: lower case, without port and final dot.
pub(crate) fn host(request: &request::Parts) -> Option<String> {
    let authority = match request.uri.authority() {
        Some(authority) => authority.clone(),
        None => request.headers.get(header::HOST)?.to_str().ok()?.parse().ok()?,
    };
    let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// Whether the request passed this edge before.
pub(crate) fn is_looping(headers: &HeaderMap) -> bool {
    let named = |value: &HeaderValue| value.to_str().is_ok_and(|v| v.contains("cloudflare"));
    headers.get_all(LOOP).iter().any(named)
}

/// Removes what belongs to one connection only.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let named = conversation::named_by_connection(headers);
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Keeps a change of protocol alive across the edge.
pub(crate) fn keep_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, protocol);
}

/// Makes the request's headers those that the vendor sends to an origin.
pub(crate) fn tell(headers: &mut HeaderMap, told: &Told<'_>) {
    join_cookies(headers);
    let before = headers.get(FORWARDED_FOR).and_then(|value| value.to_str().ok());
    let chain = before.map(|before| format!("{before}, ")).unwrap_or_default();
    // The port that visitors of the vendor's edge name; that this edge's own is another must not be seen behind it.
    set(headers, header::HOST, told.host);
    set(headers, FORWARDED_FOR, &format!("{chain}{}", told.visitor));
    set(headers, HeaderName::from_static("x-forwarded-proto"), told.scheme);
    set(headers, HeaderName::from_static("cf-connecting-ip"), &told.visitor.to_string());
    set(headers, HeaderName::from_static("cf-ipcountry"), "XX");
    set(headers, HeaderName::from_static("cf-ray"), told.ray);
    let scheme = format!("{{\"scheme\":\"{}\"}}", told.scheme);
    set(headers, HeaderName::from_static("cf-visitor"), &scheme);
    set(headers, LOOP, "cloudflare; loops=1");
}

/// HTTP/2 may split cookies over several headers, HTTP/1.1 may not (RFC 9113 section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let all: Vec<&[u8]> =
        headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if all.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&all.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

/// Points a redirect to a name of this cloud at the edge's own port.
///
/// Origins redirect to the ports of the vendor's edge, such as 443 in `https://host/`. The local edge is published on
/// other ports, where such a redirect would leave it for whatever has port 443 on this machine.
pub(crate) fn relocate(headers: &mut HeaderMap, world: &World, public: &Public) {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    if let Some(moved) = location.and_then(|location| relocated(location, world, public)) {
        set(headers, header::LOCATION, &moved);
    }
}

fn relocated(location: &str, world: &World, public: &Public) -> Option<String> {
    let mut parts = location.parse::<Uri>().ok()?.into_parts();
    let scheme = parts.scheme.as_ref()?.as_str();
    let authority = parts.authority.as_ref()?;
    let named = authority.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    let ours = public.local(scheme, named)?;
    let here = world.zone_of(&authority.host().to_ascii_lowercase()).is_some();
    if !here || ours == named {
        return None;
    }
    parts.authority = Some(format!("{}:{ours}", authority.host()).parse::<uri::Authority>().ok()?);
    // A fragment is no part of an `Uri` and would be lost.
    let fragment = location.split_once('#').map(|(_, f)| format!("#{f}")).unwrap_or_default();
    Some(format!("{}{fragment}", Uri::from_parts(parts).ok()?))
}

pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
