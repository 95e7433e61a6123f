//! Sessions that stay at one backend by cookie (guide, "Session Persistence").

use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

use crate::dataplane::balancer::{Backend, Set};
use crate::dataplane::router::condition::cookies;

/// The cookie's name when the configuration gives none.
const DEFAULT_COOKIE: &str = "X-Oracle-BMC-LBS-Route";

/// How a set keeps sessions.
#[derive(Debug, Clone)]
pub(crate) struct Persistence {
    cookie: String,
    attributes: String,
    /// The backend's cookie that starts a session; none: every answer does.
    started_by: Option<String>,
    /// Whether a session may move when its backend fails.
    pub(crate) falls_back: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BalancerCookie {
    cookie_name: Option<String>,
    disable_fallback: Option<bool>,
    domain: Option<String>,
    path: Option<String>,
    max_age_in_seconds: Option<u32>,
    is_secure: Option<bool>,
    is_http_only: Option<bool>,
}

impl Persistence {
    /// From `sessionPersistenceConfiguration` and `lbCookieSessionPersistenceConfiguration`, at most one of them given.
    ///
    /// # Errors
    /// When either is not as the vendor writes it.
    pub(crate) fn compile(
        application: Option<&serde_json::Value>,
        balancer: Option<&serde_json::Value>,
    ) -> Result<Option<Self>, String> {
        let (value, by_application) = match (application, balancer) {
            (Some(value), _) => (value, true),
            (None, Some(value)) => (value, false),
            (None, None) => return Ok(None),
        };
        let cookie = BalancerCookie::deserialize(value).map_err(|e| e.to_string())?;
        let falls_back = !cookie.disable_fallback.unwrap_or(false);
        if by_application {
            return Ok(Some(Self {
                cookie: DEFAULT_COOKIE.to_owned(),
                attributes: "; path=/; HttpOnly".to_owned(),
                started_by: Some(cookie.cookie_name.unwrap_or_else(|| "*".to_owned())),
                falls_back,
            }));
        }
        Ok(Some(Self {
            attributes: cookie.attributes(),
            cookie: cookie.cookie_name.unwrap_or_else(|| DEFAULT_COOKIE.to_owned()),
            started_by: None,
            falls_back,
        }))
    }

    /// The backend that a request's cookie names, if the set has it.
    pub(crate) fn named<'s>(&self, set: &'s Set, headers: &HeaderMap) -> Option<&'s Backend> {
        let (_, value) = cookies(headers).find(|(name, _)| *name == self.cookie)?;
        set.backends.iter().find(|backend| mark(&set.name, &backend.name) == value)
    }

    /// Adds the cookie that names the backend, when this answer starts a session or moves it.
    pub(crate) fn mark_response(&self, set: &Set, backend: &str, headers: &mut HeaderMap) {
        let starts = |wanted: &String| {
            headers.get_all(header::SET_COOKIE).iter().any(|cookie| {
                let name = cookie.to_str().ok().and_then(|text| text.split_once('='));
                name.is_some_and(|(name, _)| wanted == "*" || name.trim() == wanted)
            })
        };
        if !self.started_by.as_ref().is_none_or(starts) {
            return;
        }
        let cookie = format!("{}={}{}", self.cookie, mark(&set.name, backend), self.attributes);
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
}

impl BalancerCookie {
    fn attributes(&self) -> String {
        let mut text = format!("; path={}", self.path.as_deref().unwrap_or("/"));
        if let Some(domain) = &self.domain {
            text.extend(["; domain=", domain]);
        }
        if let Some(seconds) = self.max_age_in_seconds {
            text.extend(["; max-age=", &seconds.to_string()]);
        }
        if self.is_secure.unwrap_or(false) {
            text.push_str("; Secure");
        }
        if self.is_http_only.unwrap_or(true) {
            text.push_str("; HttpOnly");
        }
        text
    }
}

/// What a cookie says of a backend: opaque, and the same at every start.
fn mark(set: &str, backend: &str) -> String {
    let hash = digest(&SHA256, format!("{set}/{backend}").as_bytes());
    hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
