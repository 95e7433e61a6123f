//! What a call is called when its ids and names are taken out.

use bytes::Bytes;
use http::Request;

/// `METHOD /path/{id}/...`.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    let path = request.uri().path();
    let mut shown = String::new();
    let mut before = "";
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        shown.push('/');
        shown.push_str(if is_name(before, segment) { "{}" } else { segment });
        before = segment;
    }
    format!("{} {shown}", request.method())
}

fn is_name(before: &str, segment: &str) -> bool {
    let is_id = segment.starts_with("ocid1.")
        || (segment.len() >= 20
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || "-_=".contains(c)));
    let named = [
        "backendSets",
        "backends",
        "listeners",
        "certificates",
        "hostnames",
        "ruleSets",
        "pathRouteSets",
        "routingPolicies",
        "n",
        "b",
        "o",
        "v2",
        "manifests",
        "blobs",
        "order",
        "authz",
        "chall",
        "cert",
        "finalize",
        "acct",
    ];
    is_id || named.contains(&before)
}
