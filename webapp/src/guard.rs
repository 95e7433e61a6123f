//! What holds for every request and response: an id, a line in the log, counters, the security headers, the build that
//! answered. Deadlines and allowances are the routes'.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};

use crate::arrival::{self, Arrival};
use crate::mock::Foreign;
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;

/// Longer than any honest request, shorter than the load balancer's 60 s, so that the reason is ours to tell.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Nothing inline, nothing from elsewhere. Results of tools are shown from memory, which is what `blob:` is.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Answers with the site's headers on whatever the answer is, and takes note of it.
pub(crate) async fn guard(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    site.metrics.begin();
    let arrival = Arrival::of(&request, &site.settings.app_name);
    request.extensions_mut().insert(arrival);
    let (id, method) = (request_id(), request.method().clone());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let ray = arrival::value(request.headers(), "cf-ray");
    let mut response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    if response.extensions().get::<Foreign>().is_some() {
        site.metrics.end("mock", status, took);
        return response;
    }
    seal(response.headers_mut(), &site.settings.build_id, &id);
    site.metrics.end(&route, status, took);
    tracing::info!(%id, %method, route, status, ms = took.as_millis(), ray, "answered");
    response
}

/// Answers within [`DEADLINE`].
pub(crate) async fn hurry(request: Request, next: Next) -> Response {
    match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow(DEADLINE).into_response(),
    }
}

/// Lets a visitor use what costs something only so often, and only from this site's own pages or from no page at all.
pub(crate) async fn ration(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::POST
        && arrival::value(request.headers(), "sec-fetch-site").as_deref() == Some("cross-site")
    {
        return Problem::new(StatusCode::FORBIDDEN, "pages of other sites may not use this")
            .into_response();
    }
    let visitor =
        visitor::address(request.extensions(), request.headers(), site.settings.trusted_hops);
    match visitor.map_or(Ok(()), |visitor| site.allowance.take(visitor)) {
        Ok(()) => next.run(request).await,
        Err(seconds) => Problem::too_often(seconds).into_response(),
    }
}

fn seal(headers: &mut HeaderMap, build_id: &str, id: &str) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(const { HeaderValue::from_static("no-store") });
    for (name, value) in [("x-build", build_id), ("x-request-id", id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// Sixteen digits that tell requests apart; nobody has to be unable to guess them.
fn request_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
