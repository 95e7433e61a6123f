//! What holds for every request and response: a deadline, the security headers, the build that answered.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::arrival::Arrival;
use crate::problem::Problem;
use crate::site::Site;

/// Longer than any honest request, shorter than the load balancer's 60 s, so that the reason is ours to tell.
const DEADLINE: Duration = Duration::from_secs(30);

/// Nothing inline, nothing from elsewhere, no scripts at all.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Answers within [`DEADLINE`], with the site's headers on whatever the answer is.
pub(crate) async fn guard(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    let arrival = Arrival::of(&request, &site.settings.app_name);
    request.extensions_mut().insert(arrival);
    let mut response = match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow(DEADLINE).into_response(),
    };
    seal(response.headers_mut(), &site.settings.build_id);
    response
}

fn seal(headers: &mut HeaderMap, build_id: &str) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(const { HeaderValue::from_static("no-store") });
    if let Ok(build) = HeaderValue::from_str(build_id) {
        headers.insert("x-build", build);
    }
}
