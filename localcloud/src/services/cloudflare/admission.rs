//! Who may call, how often, and which calls are planned to fail.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use time::{Duration, OffsetDateTime};

use super::CloudflareService;
use super::envelope::Failure;
use super::route::Route;

/// Calls that a token may make in a window.
const CALLS: u32 = 1_200;
const WINDOW: Duration = Duration::minutes(5);

/// How much of the token's quota is used.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    window: Mutex<Option<(OffsetDateTime, u32)>>,
}

/// What is left of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    calls: Option<u32>,
    seconds: u32,
}

impl Allowance {
    fn take(&self, now: OffsetDateTime) -> Left {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, used) = window.filter(|(since, _)| now - *since < WINDOW).unwrap_or((now, 0));
        *window = Some((since, used.saturating_add(1)));
        let seconds = u32::try_from((since + WINDOW - now).whole_seconds()).unwrap_or(0);
        Left { calls: CALLS.checked_sub(used + 1), seconds }
    }
}

impl Left {
    /// Adds the headers that every answer carries (draft-ietf-httpapi-ratelimit-headers).
    pub(crate) fn announce(self, headers: &mut HeaderMap) {
        let left = format!("\"default\";r={};t={}", self.calls.unwrap_or(0), self.seconds);
        let policy = format!("\"default\";q={CALLS};w={}", WINDOW.whole_seconds());
        for (name, value) in [("ratelimit", left), ("ratelimit-policy", policy)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

impl CloudflareService {
    /// Lets a call in, or says why not; open routes are not counted.
    pub(super) fn admit(
        &self,
        request: &Request<Bytes>,
        route: &Route,
    ) -> (Result<(), Failure>, Option<Left>) {
        if route.open {
            return (self.spare(route), None);
        }
        if let Err(failure) = self.authenticate(request.headers(), route) {
            return (Err(failure), None);
        }
        let left = self.allowance.take(self.cloud.clock.now());
        let admitted = match left.calls {
            None => Err(Failure::throttled(left.seconds.max(1))),
            Some(_) => self.spare(route),
        };
        (admitted, Some(left))
    }

    fn spare(&self, route: &Route) -> Result<(), Failure> {
        match self.cloud.faults.strike("cloudflare", route.operation) {
            Some(status) => Err(Failure::planned(status)),
            None => Ok(()),
        }
    }

    fn authenticate(&self, headers: &HeaderMap, route: &Route) -> Result<(), Failure> {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            if headers.contains_key("x-auth-key") {
                let text = "Unknown X-Auth-Key or X-Auth-Email";
                return Err(Failure::new(StatusCode::FORBIDDEN, 9103, text));
            }
            let text = "Missing X-Auth-Key, X-Auth-Email or Authorization headers";
            return Err(Failure::bad_request(9106, text));
        };
        let token = value.to_str().ok().and_then(|v| v.strip_prefix("Bearer "));
        let visible =
            |token: &&str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        let Some(token) = token.filter(visible) else {
            let reason = "Invalid format for Authorization header";
            return Err(Failure::bad_request(6003, "Invalid request headers").because(6111, reason));
        };
        if aws_lc_rs::constant_time::verify_slices_are_equal(
            token.as_bytes(),
            self.api_token.as_bytes(),
        )
        .is_ok()
        {
            return Ok(());
        }
        Err(match route.operation {
            "VerifyToken" => Failure::new(StatusCode::UNAUTHORIZED, 1000, "Invalid API Token"),
            "ListZones" | "CreateZone" | "GetZone" => {
                Failure::new(StatusCode::FORBIDDEN, 9109, "Invalid access token")
            }
            _ => Failure::new(StatusCode::FORBIDDEN, 10000, "Authentication error"),
        })
    }
}
