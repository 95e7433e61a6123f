//! Request signing: draft-cavage HTTP signatures, version 08, as Oracle Cloud asks for it.
//!
//! Source: <https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm>. Held to
//! vectors made by the vendor's Python SDK, in `tests/contracts/signing`.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use time::OffsetDateTime;

use crate::http_date;

const SHA256_HEADER: HeaderName = HeaderName::from_static("x-content-sha256");

/// Which headers a signature covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coverage {
    /// Date, target and host; with a POST, PUT or PATCH also length, type and hash of the body.
    #[default]
    Whole,
    /// Date, target and host only, whatever the method: Object Storage takes uploads so.
    WithoutBody,
}

/// A request that no signature can be made for.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The private key could not sign, for instance because it is too small.
    #[error("the private key could not sign the request")]
    Key,
    /// The request's address has no host.
    #[error("the request names no host")]
    NoHost,
    /// A header that is part of the signature has a value that HTTP cannot carry.
    #[error("header {0} cannot be written as text")]
    Header(HeaderName),
}

/// Adds `date`, `host`, what describes the body, and the `authorization` made from them.
///
/// `key_id` is `<tenancy>/<user>/<fingerprint>` for a user's key and `ST$<token>` for a session.
///
/// # Errors
/// See [`SignatureError`]; the request is then unchanged but for added headers.
pub fn sign(
    request: &mut Request<Bytes>,
    key_id: &str,
    key: &RsaKeyPair,
    now: OffsetDateTime,
    coverage: Coverage,
) -> Result<(), SignatureError> {
    date(request, now)?;
    let mut names = vec!["date", "(request-target)", "host"];
    if coverage == Coverage::Whole && has_body(request.method()) {
        describe_body(request)?;
        names.extend(["content-length", "content-type", "x-content-sha256"]);
    }
    let text = signing_string(request, &names)?;
    let signature = BASE64_STANDARD.encode(signature_of(&text, key)?);
    let names = names.join(" ");
    let authorization = format!(
        r#"Signature algorithm="rsa-sha256",headers="{names}",keyId="{key_id}",signature="{signature}",version="1""#
    );
    insert(request, header::AUTHORIZATION, &authorization)?;
    if let Some(value) = request.headers_mut().get_mut(header::AUTHORIZATION) {
        value.set_sensitive(true);
    }
    Ok(())
}

/// Adds `date` and `host` alone.
///
/// # Errors
/// See [`SignatureError`].
pub(crate) fn date(
    request: &mut Request<Bytes>,
    now: OffsetDateTime,
) -> Result<(), SignatureError> {
    let host = request.uri().authority().ok_or(SignatureError::NoHost)?.as_str().to_owned();
    insert(request, header::DATE, &http_date::format(now))?;
    insert(request, header::HOST, &host)
}

fn has_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// An empty body is described too: length 0 and the hash of nothing.
fn describe_body(request: &mut Request<Bytes>) -> Result<(), SignatureError> {
    let length = request.body().len().to_string();
    let hash = BASE64_STANDARD.encode(digest(&SHA256, request.body()));
    insert(request, header::CONTENT_LENGTH, &length)?;
    insert(request, SHA256_HEADER, &hash)?;
    if !request.headers().contains_key(header::CONTENT_TYPE) {
        insert(request, header::CONTENT_TYPE, "application/json")?;
    }
    Ok(())
}

fn insert(
    request: &mut Request<Bytes>,
    name: HeaderName,
    text: &str,
) -> Result<(), SignatureError> {
    let value = HeaderValue::from_str(text).map_err(|_| SignatureError::Header(name.clone()))?;
    request.headers_mut().insert(name, value);
    Ok(())
}

/// The text that is signed: one `name: value` line per covered header, in the order of `names`.
fn signing_string(request: &Request<Bytes>, names: &[&str]) -> Result<String, SignatureError> {
    let lines: Result<Vec<String>, SignatureError> =
        names.iter().map(|name| signing_line(request, name)).collect();
    Ok(lines?.join("\n"))
}

fn signing_line(request: &Request<Bytes>, name: &str) -> Result<String, SignatureError> {
    if name == "(request-target)" {
        let method = request.method().as_str().to_ascii_lowercase();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        return Ok(format!("(request-target): {method} {target}"));
    }
    let value = request.headers().get(name).and_then(|value| value.to_str().ok());
    match value {
        Some(value) => Ok(format!("{name}: {value}")),
        None => Err(SignatureError::Header(
            name.parse().expect("the covered header names are constants of this file"),
        )),
    }
}

fn signature_of(text: &str, key: &RsaKeyPair) -> Result<Vec<u8>, SignatureError> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| SignatureError::Key)?;
    Ok(signature)
}

#[cfg(test)]
mod tests;
