//! Who calls: OCIR's token service (`/20180419/docker/token`), bearer tokens, and Basic for simple clients.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::{AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use super::refusal::Refusal;
use super::route::{Operation, Route, TOKEN_PATH};
use super::{Answer, RegistryCredentials, RegistryService, reply};
use crate::model::repository::Repository;
use crate::policy::Request;
use crate::{conversation, ids, loopback};

/// Seconds that a token is good for.
const LIFETIME: i64 = 3600;

/// Whom a call is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// Someone without credentials: may read public repositories.
    Anonymous,
    /// The account of the namespace: may do everything.
    Owner,
}

/// The account and the key that signs its tokens; a restart makes all tokens void.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) credentials: RegistryCredentials,
    key: hmac::Key,
}

impl Access {
    pub(super) fn new(credentials: RegistryCredentials) -> Self {
        Self { credentials, key: hmac::Key::new(hmac::HMAC_SHA256, &ids::bytes::<32>()) }
    }

    /// The repository's name without the namespace; `None` for a name outside of it.
    pub(super) fn within_namespace<'a>(&self, name: &'a str) -> Option<&'a str> {
        name.strip_prefix(&self.credentials.namespace)?.strip_prefix('/')
    }

    /// Whom the `Authorization` header speaks for; `None` when there is none or it is not valid.
    pub(super) fn caller(&self, headers: &HeaderMap, now: OffsetDateTime) -> Option<Caller> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, value) = header.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.verify(value.trim(), now);
        }
        (scheme.eq_ignore_ascii_case("basic") && self.knows(value.trim())).then_some(Caller::Owner)
    }

    /// Whether Basic credentials are the account's.
    fn knows(&self, encoded: &str) -> bool {
        let Ok(given) = STANDARD.decode(encoded) else { return false };
        let RegistryCredentials { namespace, username, password, .. } = &self.credentials;
        let user = username.strip_prefix(&format!("{namespace}/")).unwrap_or(username);
        let right = format!("{namespace}/{user}:{password}");
        verify_slices_are_equal(&given, right.as_bytes()).is_ok()
    }

    fn issue(&self, caller: Caller, now: OffsetDateTime) -> String {
        let word = match caller {
            Caller::Anonymous => "anonymous",
            Caller::Owner => "owner",
        };
        let claim = format!("{word}.{}", now.unix_timestamp() + LIFETIME);
        let proof = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, claim.as_bytes()));
        format!("{claim}.{proof}")
    }

    fn verify(&self, token: &str, now: OffsetDateTime) -> Option<Caller> {
        let (claim, proof) = token.rsplit_once('.')?;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
        hmac::verify(&self.key, claim.as_bytes(), &proof).ok()?;
        let (word, expiry) = claim.split_once('.')?;
        let valid = expiry.parse::<i64>().is_ok_and(|expiry| expiry > now.unix_timestamp());
        let caller = if word == "owner" { Caller::Owner } else { Caller::Anonymous };
        valid.then_some(caller)
    }
}

impl RegistryService {
    /// The token service: Basic credentials for a token of the account; none for a token that reads what is public.
    pub(super) fn issue_token(&self, parts: &Parts) -> Answer {
        let now = self.cloud.clock.now();
        let caller = match self.access.caller(&parts.headers, now) {
            Some(caller) => caller,
            None if parts.headers.contains_key(AUTHORIZATION) => return Err(Refusal::anonymous()),
            None if self.only_reads_public(parts.uri.query().unwrap_or_default()) => {
                Caller::Anonymous
            }
            None => return Err(Refusal::anonymous()),
        };
        let token = self.access.issue(caller, now);
        let body = serde_json::json!({
            "token": token, "access_token": token,
            "expires_in": LIFETIME, "issued_at": self.cloud.clock.stamp(),
        });
        let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
        reply(StatusCode::OK, &headers, body.to_string())
    }

    /// Whether the tenancy's policies let the account do this; OCIR asks for them at the repository's compartment.
    ///
    /// # Errors
    /// 403, as for whoever is nobody.
    pub(super) fn authorize(
        &self,
        repository: &Repository,
        operation: &Operation,
    ) -> Result<(), Refusal> {
        let permission = if operation.writes() { "REPOSITORY_UPDATE" } else { "REPOSITORY_READ" };
        let compartment = &repository.compartment_id;
        let request = Request {
            permission,
            operation: operation.name(),
            compartments: &[(compartment.clone(), String::new())],
            variables: &BTreeMap::from([("target.repo.name", repository.display_name.clone())]),
        };
        if self.cloud.policies.allow(&request) {
            return Ok(());
        }
        let denial = format!("{} needs {permission} in {compartment}", operation.name());
        self.cloud.policies.remember(denial);
        let message = "The user is not authorized to do this to the repository";
        Err(Refusal::new(StatusCode::FORBIDDEN, "DENIED", message))
    }

    /// Whether each `scope=repository:<name>:<actions>` of the query is a pull from a public repository.
    fn only_reads_public(&self, query: &str) -> bool {
        let world = self.cloud.repositories.read();
        let mut scopes = values(query, "scope")
            .flat_map(|scopes| scopes.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let public = |scope: String| {
            let mut fields = scope.split(':');
            let kind = fields.next();
            let name = fields.next().and_then(|name| self.access.within_namespace(name));
            kind == Some("repository")
                && fields.next() == Some("pull")
                && name.and_then(|name| world.named(name)).is_some_and(|r| r.is_public)
        };
        scopes.next().is_some_and(public) && scopes.all(public)
    }
}

/// The decoded values of one key of a query.
pub(super) fn values<'a>(query: &'a str, key: &'a str) -> impl Iterator<Item = String> + 'a {
    query.split('&').filter_map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded =
            || percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
        (name == key).then(decoded)
    })
}

/// The name under which the registry was called.
pub(super) fn host(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| parts.uri.authority().map(http::uri::Authority::as_str))
}

/// The `Host` of the call. Another site's name or page has no business here (DNS rebinding).
///
/// # Errors
/// 403 when the host is not this machine or the call comes from a web page.
pub(super) fn local_host(parts: &Parts) -> Result<String, Refusal> {
    if conversation::objection(parts).is_some() {
        let text = "the request can be read in more than one way";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "UNSUPPORTED", text));
    }
    match host(parts) {
        Some(host) if loopback::is_local_host(host) && !parts.headers.contains_key(ORIGIN) => {
            Ok(host.to_owned())
        }
        _ => {
            Err(Refusal::new(StatusCode::FORBIDDEN, "DENIED", "this registry is for this machine"))
        }
    }
}

/// 401 with the way to the token service, as OCIR writes it.
pub(super) fn challenge(host: &str, route: &Route) -> Refusal {
    let actions = if route.operation.writes() { "pull,push" } else { "pull" };
    let scope = match route.name.as_str() {
        "" => String::new(),
        name => format!("repository:{name}:{actions}"),
    };
    let value =
        format!(r#"Bearer realm="http://{host}{TOKEN_PATH}",service="{host}",scope="{scope}""#);
    Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "authentication required")
        .with(WWW_AUTHENTICATE, value)
}
