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
    let chain = head.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let chain: Vec<&str> = chain.chain([source.as_str()]).collect();
    let protocol = if head.from.secure { "https" } else { "http" };
    for (name, value) in [
        ("x-forwarded-for", chain.join(", ").as_str()),
        ("x-forwarded-host", head.host),
        ("x-forwarded-port", &head.from.port.to_string()),
        ("x-forwarded-proto", protocol),
        ("x-real-ip", &source),
        (HOST.as_str(), head.host),
    ] {
        // Each part was a header value or is made of digits and letters.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}
