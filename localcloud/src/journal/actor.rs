//! Who makes a call, by what the call says of itself. Nothing here is verified, and nothing secret is kept.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::Value;

/// The user of an OCI signature or of basic authentication, `token` for a bearer, the account of an ACME message.
pub(crate) fn actor(headers: &HeaderMap, body: &[u8]) -> String {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let found = match authorization.and_then(|text| text.split_once(' ')) {
        Some(("Signature", parameters)) => key_owner(parameters),
        Some(("Basic", credentials)) => user_name(credentials),
        Some(("Bearer", _)) => Some("token".to_owned()),
        Some(_) => None,
        None => account(body),
    };
    found.unwrap_or_default()
}

/// `keyId="<tenancy>/<user>/<fingerprint>"`.
fn key_owner(parameters: &str) -> Option<String> {
    let (_, rest) = parameters.split_once("keyId=\"")?;
    let (key, _) = rest.split_once('"')?;
    key.split('/').nth(1).map(str::to_owned)
}

fn user_name(credentials: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    text.split_once(':').map(|(user, _)| user.to_owned())
}

/// The last word of a message's `kid` (RFC 8555 section 6.2).
fn account(body: &[u8]) -> Option<String> {
    let message: Value = serde_json::from_slice(body).ok()?;
    let header = URL_SAFE_NO_PAD.decode(message.get("protected")?.as_str()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    header.get("kid")?.as_str()?.rsplit('/').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(authorization: &str) -> String {
        let headers = [(AUTHORIZATION, authorization.parse().unwrap())];
        actor(&HeaderMap::from_iter(headers), b"")
    }

    #[test]
    fn a_caller_is_named_by_what_is_no_secret() {
        assert_eq!(named("Signature version=\"1\",keyId=\"tenancy/ada/aa:bb\""), "ada");
        assert_eq!(named(&format!("Basic {}", STANDARD.encode("ns/ada:secret"))), "ns/ada");
        assert_eq!(named("Bearer secret"), "token");
        assert_eq!(named("nonsense"), "");
        let protected = URL_SAFE_NO_PAD.encode(r#"{"kid": "https://localhost/acme/account/a7"}"#);
        let body = format!(r#"{{"protected": "{protected}"}}"#);
        assert_eq!(actor(&HeaderMap::new(), body.as_bytes()), "a7");
    }
}
