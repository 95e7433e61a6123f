//! How a request arrived, as far as it says so itself. Nothing here is verified: in this version the app
//! knows no list of proxies to believe, so every address is only what some header claims.

use axum::extract::Request;
use http::{HeaderMap, Uri, header, uri::Authority};
use serde::Serialize;

/// The request as it was sent, before routing changed its path.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// The target, with the path prefix that led here.
    pub(crate) uri: Uri,
    /// `""`, or `/<app name>` when the request came by a path route; in front of every link.
    pub(crate) base: String,
    /// `scheme://host` that leads back here, for examples to copy.
    pub(crate) origin: String,
}

/// An address and the header that says it is the visitor's.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Claim {
    address: String,
    claimed_by: &'static str,
}

impl Arrival {
    pub(crate) fn of(request: &Request, app_name: &str) -> Self {
        let uri = request.uri().clone();
        let below = uri.path().strip_prefix('/').and_then(|path| path.strip_prefix(app_name));
        let by_path_route = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let base = if by_path_route { format!("/{app_name}") } else { String::new() };
        Self { origin: origin(request.headers()), uri, base }
    }
}

/// Returns the visitor's address once for each header that names one.
pub(crate) fn claims(headers: &HeaderMap) -> Vec<Claim> {
    ["CF-Connecting-IP", "X-Forwarded-For"]
        .into_iter()
        .filter_map(|claimed_by| {
            let address = value(headers, claimed_by)?.split(',').next()?.trim().to_owned();
            Some(Claim { address, claimed_by })
        })
        .collect()
}

/// Returns the first value of a header, however it is encoded, if it says anything.
pub(crate) fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let bytes = headers.get(name)?.as_bytes();
    Some(String::from_utf8_lossy(bytes).trim().to_owned()).filter(|text| !text.is_empty())
}

fn origin(headers: &HeaderMap) -> String {
    let secure = value(headers, "x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let host = value(headers, header::HOST.as_str())
        .filter(|host| host.parse::<Authority>().is_ok())
        .unwrap_or_else(|| "localhost".to_owned());
    format!("{}://{host}", if secure { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn arrival(target: &str, headers: &[(&str, &str)]) -> Arrival {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Arrival::of(&request.body(Body::empty()).unwrap(), "files")
    }

    #[test]
    fn only_a_whole_first_segment_is_a_path_route() {
        assert_eq!(arrival("/files", &[]).base, "/files");
        assert_eq!(arrival("/files/echo", &[]).base, "/files");
        assert_eq!(arrival("/filesystem", &[]).base, "");
        assert_eq!(arrival("/", &[]).base, "");
    }

    #[test]
    fn the_origin_is_what_the_visitor_typed() {
        let forwarded = [("host", "files.example.org"), ("x-forwarded-proto", "https")];
        assert_eq!(arrival("/", &forwarded).origin, "https://files.example.org");
        assert_eq!(arrival("/", &[("host", "127.0.0.1:8080")]).origin, "http://127.0.0.1:8080");
        assert_eq!(arrival("/", &[("host", "<script>")]).origin, "http://localhost");
    }

    #[test]
    fn a_chain_of_forwarders_claims_the_address_it_names_first() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.7, 198.51.100.1".parse().unwrap());
        let claimed_by = "X-Forwarded-For";
        assert_eq!(claims(&headers), [Claim { address: "203.0.113.7".to_owned(), claimed_by }]);
    }
}
