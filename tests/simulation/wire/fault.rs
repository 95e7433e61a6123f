//! What can go wrong with a call, and how often it does.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::json;

use crate::seed::Seed;

/// The time-out of one attempt.
pub(super) const ATTEMPT: Duration = Duration::from_secs(30);

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// No connection.
    Unreached,
    /// The request is lost on the way.
    LostRequest,
    /// The service does what it was asked, and the answer is lost.
    LostAnswer,
    /// So many seconds late.
    Slow(u64),
    /// 429, with or without a `Retry-After`.
    RateLimited,
    /// A 5xx before anything was done.
    Broken(u16),
    /// 412 out of nowhere.
    EtagMismatch,
    /// 409 IncorrectState.
    Busy,
    /// 401: the credential is not good at this moment.
    Expired,
}

impl Fault {
    /// Its name without its numbers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unreached => "unreached",
            Self::LostRequest => "request lost",
            Self::LostAnswer => "answer lost",
            Self::Slow(_) => "slow",
            Self::RateLimited => "429",
            Self::Broken(_) => "5xx",
            Self::EtagMismatch => "412",
            Self::Busy => "409",
            Self::Expired => "401",
        }
    }

    /// The refusal of the vendor whose call it is.
    pub(super) fn answer(self, request: &Request<Bytes>) -> Response<Bytes> {
        let (status, code) = match self {
            Self::RateLimited => (429, "TooManyRequests"),
            Self::Broken(status) => (status, "InternalError"),
            Self::EtagMismatch => (412, "NoEtagMatch"),
            Self::Busy => (409, "IncorrectState"),
            Self::Expired => (401, "NotAuthenticated"),
            _ => (500, "InternalError"),
        };
        let path = request.uri().path();
        let body = if path.starts_with("/client/v4") {
            let number = if status == 401 { 10000 } else { 10001 };
            json!({ "success": false, "result": null, "messages": [], "errors": [{ "code": number, "message": code }] })
        } else if path.contains("/acme/") {
            let kind = if status == 429 { "rateLimited" } else { "serverInternal" };
            json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": code, "status": status })
        } else {
            json!({ "code": code, "message": format!("{code}: out of the simulated blue") })
        };
        let media =
            if path.contains("/acme/") { "application/problem+json" } else { "application/json" };
        let mut response = Response::builder().status(status).header("content-type", media);
        if self == Self::RateLimited {
            response = response.header("retry-after", "2");
        }
        response.body(Bytes::from(body.to_string())).expect("the parts are plain")
    }
}

/// Each history is hard on one operation in so many.
const HARD_ON: u64 = 4;
/// What a history does once, after everything else has come through: each is hard on it, as few come this far.
const RARE: [&str; 1] = ["POST /20170115/loadBalancers"];

/// Faults at random, and for some operations one chosen fault again and again.
#[derive(Debug)]
pub(crate) struct Storm {
    seed: Seed,
    /// One call in so many goes wrong.
    once_in: u64,
    history: u64,
}

impl Storm {
    /// The weather of one history; `history` also says which operations meet which fault more often.
    pub(crate) fn new(history: u64, run: u64) -> Self {
        let mut seed = Seed::new(history ^ (run << 48));
        let once_in = 8 + seed.below(50);
        Self { seed, once_in, history }
    }

    /// Gentle weather with nothing chosen.
    pub(crate) fn light(history: u64, run: u64) -> Self {
        let seed = Seed::new(history ^ (run << 48));
        Self { seed, once_in: 40, history: u64::MAX }
    }

    pub(super) fn strike(&mut self, request: &Request<Bytes>, operation: &str) -> Option<Fault> {
        let every = possible(request, operation);
        // A call that only reads is made more often, and comes before others that are to be met, too.
        let often = if *request.method() == Method::GET { 4 } else { 2 };
        let choice =
            (self.history != u64::MAX).then(|| chosen(operation, self.history / 5)).flatten();
        let fault = if let Some(number) = choice.filter(|_| self.seed.once_in(often)) {
            every[usize::try_from(number % every.len() as u64).ok()?]
        } else if self.seed.once_in(self.once_in) {
            *self.seed.pick(&every)
        } else {
            return None;
        };
        Some(match fault {
            Fault::Slow(_) => Fault::Slow(1 + self.seed.below(28)),
            Fault::Broken(_) => Fault::Broken(*self.seed.pick(&[500, 502, 503, 504])),
            fault => fault,
        })
    }
}

/// The number of the fault that a world has chosen for an operation, if it is hard on it. Operations have
/// different ones: were they all the worst, no run would come to the later ones.
fn chosen(operation: &str, world: u64) -> Option<u64> {
    let mix = |hash: u64, byte: u8| hash.wrapping_mul(31).wrapping_add(byte.into());
    let number = operation.bytes().fold(world, mix);
    let hard_on = if RARE.contains(&operation) { 1 } else { HARD_ON };
    Seed::new(number).once_in(hard_on).then_some(number)
}

/// The faults that a call of this kind can meet.
pub(crate) fn possible(request: &Request<Bytes>, operation: &str) -> Vec<Fault> {
    let mut faults = vec![
        Fault::Unreached,
        Fault::LostRequest,
        Fault::LostAnswer,
        Fault::Slow(0),
        Fault::RateLimited,
        Fault::Broken(0),
    ];
    let is_oci = !operation.contains("/client/v4")
        && !operation.contains("/acme/")
        && !operation.contains("/v2/");
    if is_oci && request.headers().contains_key("if-match") {
        faults.push(Fault::EtagMismatch);
    }
    if is_oci && *request.method() != Method::GET {
        faults.push(Fault::Busy);
    }
    if is_oci || operation.contains("/client/v4") {
        faults.push(Fault::Expired);
    }
    faults
}
