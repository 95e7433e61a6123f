//! Who may change a workspace: whoever has its token. It comes in a header, as the password of basic authentication, or,
//! for clients that know nothing but a base URL, as the first step of the path: `/~TOKEN/__admin/mappings`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};

use super::tenant::Tenant;
use crate::arrival;
use crate::problem::Problem;

/// The path without the token that may stand at its front, and that token.
pub(super) fn split(target: &str) -> (&str, Option<&str>) {
    let Some(rest) = target.strip_prefix("/~") else { return (target, None) };
    match rest.find(['/', '?']) {
        Some(end) => (&rest[end..], Some(&rest[..end])),
        None => ("/", Some(rest)),
    }
}

/// Refuses whoever has not shown the token.
pub(super) fn check(
    tenant: &Tenant,
    headers: &HeaderMap,
    in_path: Option<&str>,
) -> Result<(), Problem> {
    let shown = in_path.map(str::to_owned).or_else(|| in_header(headers));
    if shown.is_some_and(|shown| same(shown.as_bytes(), tenant.token.as_bytes())) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        "the workspace's token is needed: as `Authorization: Bearer TOKEN`, as the password of basic authentication, \
         or in the base URL, `/~TOKEN/__admin/…`",
    ))
}

fn in_header(headers: &HeaderMap) -> Option<String> {
    let value = arrival::value(headers, AUTHORIZATION.as_str())?;
    let (scheme, credentials) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(credentials.trim().to_owned()),
        "basic" => {
            let pair = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
            Some(pair.split_once(':')?.1.to_owned())
        }
        _ => None,
    }
}

/// Compares in a time that does not depend on where they differ.
fn same(shown: &[u8], token: &[u8]) -> bool {
    shown.len() == token.len() && shown.iter().zip(token).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_front_of_the_path_is_taken_off_it() {
        assert_eq!(split("/~abc/__admin/mappings"), ("/__admin/mappings", Some("abc")));
        assert_eq!(split("/~abc?x=1"), ("?x=1", Some("abc")));
        assert_eq!(split("/~abc"), ("/", Some("abc")));
        assert_eq!(split("/things/~abc"), ("/things/~abc", None));
    }
}
