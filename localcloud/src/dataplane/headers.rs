//! Headers between client and backend: what ends here (RFC 9110 section 7.6.1) and what the load balancer says of itself
//! (guide, "Load Balancer Headers").

use http::header::{
    CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};

use crate::conversation;
use crate::dataplane::router::Head;
use crate::dataplane::router::rule_set::HeaderChange;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Removes what concerns one connection only.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named = conversation::named_by_connection(headers);
    let always =
        [CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];
    for name in named.iter().chain(&always) {
        headers.remove(name);
    }
}

/// Puts a switch of protocols back after [`remove_hop_by_hop`].
pub(crate) fn set_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocol);
}

/// Removes headers whose names are not letters, digits, `-` and `_` (`areInvalidCharactersAllowed`).
pub(crate) fn remove_odd(headers: &mut HeaderMap) {
    let is_odd = |name: &&HeaderName| {
        !name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let odd: Vec<HeaderName> = headers.keys().filter(is_odd).cloned().collect();
    for name in odd {
        headers.remove(name);
    }
}

/// The headers of a request as its backend gets them. Rules cannot touch what the load balancer adds.
pub(crate) fn forwarded(head: Head<'_>, rules: &[HeaderChange]) -> HeaderMap {
    let mut headers = head.headers.clone();
    remove_hop_by_hop(&mut headers);
    headers.remove(EXPECT);
    for rule in rules {
        rule.apply(&mut headers);
    }
    let source = head.from.source.to_string();
    let mut chain = String::new();
    for before in head.headers.get_all(FORWARDED_FOR).iter().filter_map(|v| v.to_str().ok()) {
        chain.extend([before, ", "]);
    }
    chain.push_str(&source);
    headers.insert(FORWARDED_PORT, HeaderValue::from(head.from.port));
    let protocol = if head.from.secure { "https" } else { "http" };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(protocol));
    // Each part was a header value or is made of digits and letters.
    if let (Ok(source), Ok(chain)) = (HeaderValue::try_from(source), HeaderValue::try_from(chain)) {
        headers.insert(REAL_IP, source);
        headers.insert(FORWARDED_FOR, chain);
    }
    if let Ok(host) = HeaderValue::from_str(head.host) {
        headers.insert(FORWARDED_HOST, host.clone());
        headers.insert(HOST, host);
    }
    headers
}
