//! Verifies the vendor's request signatures: draft-cavage HTTP signatures, RSA PKCS #1 v1.5 with SHA-256.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::failure::Failure;
use crate::credentials::Credentials;

const SKEW: Duration = Duration::minutes(5);

/// Verifies who sent a request and that nothing of it was changed.
///
/// `streams`: whether the operation takes raw bytes, which the vendor's clients leave out of the signature.
///
/// # Errors
/// The vendor's 401; its message says what is wrong, never what would be right.
pub(crate) fn verify(
    credentials: &Credentials,
    request: &Request<Bytes>,
    streams: bool,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    let authorization = header(request, "authorization")?;
    let parameters = authorization
        .strip_prefix("Signature ")
        .ok_or_else(|| refused("the Authorization header is not a signature"))?;
    let parameter = |name| parameter(parameters, name);
    if parameter("algorithm")? != "rsa-sha256" || parameter("version").is_ok_and(|v| v != "1") {
        return Err(refused("the signature's algorithm or version is not supported"));
    }
    if parameter("keyId")? != credentials.key_id() {
        return Err(refused("the key is not known"));
    }
    let signed: Vec<String> =
        parameter("headers")?.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
    covers_enough(request, &signed, streams)?;
    is_fresh(request, &signed, now)?;
    let signature = STANDARD
        .decode(parameter("signature")?)
        .map_err(|_| refused("the signature is not base64"))?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &credentials.public_key)
        .verify(signing_string(request, &signed)?.as_bytes(), &signature)
        .map_err(|_| refused("the signature does not match the request"))?;
    if signed.iter().any(|name| name == "x-content-sha256") {
        let hash = STANDARD.encode(digest(&SHA256, request.body()));
        if header(request, "x-content-sha256")? != hash {
            return Err(refused("x-content-sha256 does not match the body"));
        }
    }
    Ok(())
}

/// Verifies that a request that says when it was signed says so rightly: all that a simulation asks of a signature.
///
/// # Errors
/// As [`verify`].
pub(crate) fn check_date(request: &Request<Bytes>, now: OffsetDateTime) -> Result<(), Failure> {
    let named = ["x-date", "date"].into_iter().find(|name| request.headers().contains_key(*name));
    named.map_or(Ok(()), |name| is_fresh(request, &[name.to_owned()], now))
}

fn covers_enough(
    request: &Request<Bytes>,
    signed: &[String],
    streams: bool,
) -> Result<(), Failure> {
    let has = |name: &str| signed.iter().any(|s| s == name);
    let with_body =
        [Method::POST, Method::PUT, Method::PATCH].contains(request.method()) && !streams;
    let of_body: &[&str] =
        if with_body { &["content-length", "content-type", "x-content-sha256"] } else { &[] };
    let required = ["(request-target)", "host"].iter().chain(of_body);
    match required.copied().find(|name| !has(name)) {
        Some(name) => Err(refused(&format!("{name} is not signed"))),
        None if !has("date") && !has("x-date") => Err(refused("date is not signed")),
        None => Ok(()),
    }
}

fn is_fresh(
    request: &Request<Bytes>,
    signed: &[String],
    now: OffsetDateTime,
) -> Result<(), Failure> {
    let name = if signed.iter().any(|s| s == "x-date") { "x-date" } else { "date" };
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let date = PrimitiveDateTime::parse(header(request, name)?, format)
        .map_err(|_| refused("the date is not written as RFC 9110 section 5.6.7 has it"))?;
    if (now - date.assume_utc()).abs() > SKEW {
        return Err(refused("the date is more than five minutes from this cloud's"));
    }
    Ok(())
}

fn signing_string(request: &Request<Bytes>, signed: &[String]) -> Result<String, Failure> {
    let mut lines = Vec::with_capacity(signed.len());
    for name in signed {
        let value = if name == "(request-target)" {
            // As it was on the wire: a URL that was tidied up does not match what was signed.
            let target = request.uri().path_and_query().map_or("/", |p| p.as_str());
            format!("{} {target}", request.method().as_str().to_ascii_lowercase())
        } else {
            header(request, name)?.to_owned()
        };
        lines.push(format!("{name}: {value}"));
    }
    Ok(lines.join("\n"))
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Result<&'a str, Failure> {
    let value = request.headers().get(name).and_then(|value| value.to_str().ok());
    value.ok_or_else(|| refused(&format!("{name} is missing")))
}

/// `name="value"` of a list; none of the values holds a quote.
fn parameter<'a>(parameters: &'a str, name: &str) -> Result<&'a str, Failure> {
    let mut pairs = parameters.split("\",").filter_map(|pair| pair.trim().split_once("=\""));
    let found = pairs.find(|(key, _)| *key == name);
    found
        .map(|(_, value)| value.trim_end_matches('"'))
        .ok_or_else(|| refused(&format!("the signature has no {name}")))
}

fn refused(why: &str) -> Failure {
    Failure::not_authenticated(format!("Failed to verify the HTTP(S) Signature: {why}"))
}
