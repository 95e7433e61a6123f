//! The path that every call takes: sign, send, try again, decode.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    clock::{Clock, SystemClock},
    credentials::Credentials,
    error::{Answer, Error, Failure, Kind, Result},
    http_date,
    region::{Endpoints, Region},
    request::Request,
    retry::{Budget, Policy, Safety, may_repeat},
    signature,
    transport::{RESPONSE_LIMIT, Transport},
};

const CLIENT_RETRIES: HeaderName = HeaderName::from_static("opc-client-retries");
const REQUEST_ID: HeaderName = HeaderName::from_static("opc-request-id");
/// The most pages of one list; more means that the service repeats itself.
const PAGE_LIMIT: usize = 10_000;
/// The service refuses dates that are further off, in seconds; a smaller error needs no correction.
const SKEW_LIMIT: i64 = 60;

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who signs.
    pub credentials: Credentials,
    /// Where requests go.
    pub endpoints: Endpoints,
    /// What sends them.
    pub transport: Arc<dyn Transport>,
    /// What time it is, and waiting.
    pub clock: Arc<dyn Clock>,
    /// Whether requests are signed.
    pub signing: Signing,
    /// How often a failed call is tried again.
    pub retry: Policy,
    /// Where the randomness of waits and request ids starts; the same seed gives the same waits.
    pub seed: u64,
    /// The `user-agent` of every request.
    pub user_agent: String,
}

/// Whether requests are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    /// As the services demand.
    #[default]
    Signed,
    /// For an emulation in this process that trusts its caller: a signature costs more than all the rest of a call.
    Unsigned,
}

impl Config {
    /// The usual retries on the clock of this machine.
    pub fn new(
        credentials: Credentials,
        endpoints: impl Into<Endpoints>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            credentials,
            endpoints: endpoints.into(),
            transport,
            clock: Arc::new(SystemClock),
            signing: Signing::default(),
            retry: Policy::default(),
            seed: random_seed(),
            user_agent: concat!("oci-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Randomness here only spreads waits and names requests, so that a failing source may give zero.
fn random_seed() -> u64 {
    let mut bytes = [0; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => 0,
    }
}

/// What an operation gave, with the headers that matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response<T> {
    /// What the body says.
    pub value: T,
    /// The version of the resource, for `if-match`. On a load balancer it covers all its children.
    pub etag: Option<String>,
    /// The work request that carries the change out, if the operation is asynchronous.
    pub work_request_id: Option<String>,
    /// By which the vendor's support finds the call.
    pub request_id: Option<String>,
    /// The server's own time when it answered.
    pub date: Option<OffsetDateTime>,
}

impl<T> Response<T> {
    /// The same headers around another value.
    pub fn with<U>(self, value: U) -> Response<U> {
        let Self { value: _, etag, work_request_id, request_id, date } = self;
        Response { value, etag, work_request_id, request_id, date }
    }
}

/// Calls the services; cheap to clone, and clones share the retry budget.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    budget: Budget,
    /// Seconds that the server's clock is ahead of ours.
    clock_offset: AtomicI64,
}

impl Client {
    /// A client of `config`. Nothing is sent yet.
    pub fn new(config: Config) -> Self {
        let budget = Budget::new(config.retry.clone(), config.seed);
        Self(Arc::new(Inner { config, budget, clock_offset: AtomicI64::new(0) }))
    }

    /// A client as this one, for another region; none where all regions are behind one address.
    pub fn in_region(&self, region: Region) -> Option<Self> {
        self.region()?;
        Some(Self::new(Config { endpoints: region.into(), ..self.0.config.clone() }))
    }

    /// The region that requests go to, unless they all go to one address.
    pub fn region(&self) -> Option<&Region> {
        self.0.config.endpoints.region()
    }

    /// Who signs.
    pub fn credentials(&self) -> &Credentials {
        &self.0.config.credentials
    }

    /// What time it is here, and waiting.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.config.clock
    }

    /// How far the server's clock was found ahead of this machine's, in seconds; 0 unless a signature
    /// was refused for it. Requests are signed with the corrected time, and a user should be warned.
    pub fn clock_offset(&self) -> i64 {
        self.0.clock_offset.load(Ordering::Relaxed)
    }

    /// Calls `request` and decodes the JSON of the answer.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<Response<T>> {
        let (answer, _) = self.call_whole(request).await?;
        let value = decode(request, &answer)?;
        Ok(answer.with(value))
    }

    /// Calls `request`, whose answer has no body that matters.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn call_empty(&self, request: &Request) -> Result<Response<()>> {
        let (answer, _) = self.call_whole(request).await?;
        Ok(answer.with(()))
    }

    /// Calls `request`, and gives body and headers as they came.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn call_whole(&self, request: &Request) -> Result<(Response<Bytes>, HeaderMap)> {
        let (body, headers) = self.send_until_done(request).await?;
        let text = |name: &str| text(&headers, name);
        let response = Response {
            value: body,
            etag: text("etag"),
            work_request_id: text("opc-work-request-id"),
            request_id: text("opc-request-id"),
            date: text("date").as_deref().and_then(http_date::parse),
        };
        Ok((response, headers))
    }

    /// Calls `request` once per page and gives the items of all pages, bare or under `items`.
    ///
    /// # Errors
    /// See [`Kind`]; a part of a list is never given for the whole.
    pub async fn list<T: DeserializeOwned>(&self, request: &Request) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..PAGE_LIMIT {
            let this_page = request.clone().query_if("page", page.as_deref());
            let (answer, headers) = self.call_whole(&this_page).await?;
            all.extend(items::<T>(request, &answer)?);
            let next = text(&headers, "opc-next-page").filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(all);
            }
            if next == page {
                return Err(unexpected(request, &answer, "its next page is the same page"));
            }
            page = next;
        }
        let reason = format!("the list has more than {PAGE_LIMIT} pages");
        Err(Error::new(request.operation.clone(), Failure::Unexpected { reason, request_id: None }))
    }

    async fn send_until_done(&self, request: &Request) -> Result<(Bytes, HeaderMap)> {
        let Inner { config, budget, .. } = &*self.0;
        let safety = Safety::of(&request.method, request.is_guarded());
        let request_id = format!("{:016X}{:016X}", budget.random(), budget.random());
        let mut wait = Duration::ZERO;
        let mut attempt = 1;
        loop {
            let Refused { error, clock_corrected } = match self.send(request, &request_id).await {
                Ok(answer) => {
                    budget.succeeded();
                    return Ok(answer);
                }
                Err(refused) => refused,
            };
            if clock_corrected && attempt < config.retry.attempts {
                attempt += 1;
                continue;
            }
            if !may_repeat(&error, safety) {
                return Err(error);
            }
            let Some(next) = budget.wait(attempt, wait, &error) else { return Err(error) };
            wait = next;
            config.clock.sleep(wait).await;
            attempt += 1;
        }
    }

    /// Sends once.
    async fn send(
        &self,
        request: &Request,
        request_id: &str,
    ) -> std::result::Result<(Bytes, HeaderMap), Refused> {
        let failed = |failure: Failure| Error::new(request.operation.clone(), failure);
        // Another call may correct it while this one is under way.
        let signed_with = self.clock_offset();
        let http = self.signed(request, request_id).map_err(failed)?;
        let config = &self.0.config;
        let sent = config.clock.now();
        let answer = config.transport.send(http).await.map_err(|error| failed(error.into()))?;
        let middle = sent + (config.clock.now() - sent) / 2;
        let (parts, body) = answer.into_parts();
        if body.len() > RESPONSE_LIMIT {
            let reason = format!("its body is longer than {RESPONSE_LIMIT} bytes");
            let request_id = text(&parts.headers, "opc-request-id");
            return Err(failed(Failure::Unexpected { reason, request_id }).into());
        }
        if parts.status.is_success() {
            return Ok((body, parts.headers));
        }
        let answer = self.refusal(parts.status, &parts.headers, &body, middle);
        let error = failed(answer.into());
        let clock_corrected = error.kind() == Kind::NotAuthenticated
            && self.correct_clock(&parts.headers, middle, signed_with);
        Err(Refused { error, clock_corrected })
    }

    fn signed(
        &self,
        request: &Request,
        request_id: &str,
    ) -> std::result::Result<http::Request<Bytes>, Failure> {
        let Inner { config, .. } = &*self.0;
        let mut http = request.to_http(&config.endpoints.of(request.service))?;
        let header_text = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|_| Failure::Request(format!("`{}` is no header", text.escape_debug())))
        };
        let headers = http.headers_mut();
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, header_text(&config.user_agent)?);
        headers.insert(REQUEST_ID, header_text(request_id)?);
        headers.insert(CLIENT_RETRIES, HeaderValue::from_static("true"));
        let now = config.clock.now() + time::Duration::seconds(self.clock_offset());
        if config.signing == Signing::Unsigned {
            signature::date(&mut http, now)?;
            return Ok(http);
        }
        let (id, key) = (config.credentials.key_id(), config.credentials.key());
        signature::sign(&mut http, id, key, now, request.coverage)?;
        Ok(http)
    }

    fn refusal(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Answer {
        let credential =
            (status == StatusCode::UNAUTHORIZED).then(|| self.0.config.credentials.describe());
        Answer {
            request_id: text(headers, "opc-request-id"),
            retry_after: text(headers, "retry-after").and_then(|text| retry_after(&text, now)),
            credential,
            ..Answer::new(status, body)
        }
    }

    /// Takes over the server's time when a signature was refused and the clocks are far apart.
    /// Says whether the next signature will have another time than the one that was refused.
    fn correct_clock(&self, headers: &HeaderMap, middle: OffsetDateTime, signed_with: i64) -> bool {
        let Some(server) = text(headers, "date").as_deref().and_then(http_date::parse) else {
            return false;
        };
        let offset = (server - middle).whole_seconds();
        let is_off = (offset - signed_with).abs() > SKEW_LIMIT;
        if is_off {
            self.0.clock_offset.store(offset, Ordering::Relaxed);
        }
        is_off
    }
}

/// One attempt that failed.
struct Refused {
    error: Error,
    /// The failure was our clock, and is cured.
    clock_corrected: bool,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, clock_corrected: false }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// `Retry-After`: seconds, or a date.
fn retry_after(text: &str, now: OffsetDateTime) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = http_date::parse(text)? - now;
    Some(Duration::try_from(wait).unwrap_or_default())
}

fn decode<T: DeserializeOwned>(request: &Request, answer: &Response<Bytes>) -> Result<T> {
    serde_json::from_slice(&answer.value)
        .map_err(|error| unexpected(request, answer, &error.to_string()))
}

fn items<T: DeserializeOwned>(request: &Request, answer: &Response<Bytes>) -> Result<Vec<T>> {
    let list = match decode(request, answer)? {
        Value::Array(list) => list,
        Value::Object(mut collection) => match collection.remove("items") {
            Some(Value::Array(list)) => list,
            _ => return Err(unexpected(request, answer, "a collection without `items`")),
        },
        _ => return Err(unexpected(request, answer, "a list was expected")),
    };
    let item = |(index, value)| {
        serde_json::from_value(value)
            .map_err(|error| unexpected(request, answer, &format!("item {index}: {error}")))
    };
    list.into_iter().enumerate().map(item).collect()
}

fn unexpected(request: &Request, answer: &Response<Bytes>, reason: &str) -> Error {
    let request_id = answer.request_id.clone();
    let failure = Failure::Unexpected { reason: reason.to_owned(), request_id };
    Error::new(request.operation.clone(), failure)
}

#[cfg(test)]
mod tests;
