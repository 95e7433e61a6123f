//! What went wrong with a request, as RFC 9457 problem details.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::arrival::{self, Arrival};
use crate::site::Site;

/// The body's type: nothing more is to be read about it than what it says (RFC 9457, 4.2.1).
const TYPE: &str = "about:blank";

/// An answer that is no success: `application/problem+json` with the HTTP status' own title.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    code: StatusCode,
    detail: String,
    /// The option or query parameter at fault.
    parameter: Option<String>,
    /// What that parameter may be.
    expected: Option<String>,
    /// After how many seconds it is worth trying again.
    retry_after: Option<u32>,
}

impl Problem {
    pub(crate) fn new(code: StatusCode, detail: impl Into<String>) -> Self {
        let retry_after = (code == StatusCode::SERVICE_UNAVAILABLE).then_some(2);
        Self { code, detail: detail.into(), parameter: None, expected: None, retry_after }
    }

    /// The status in words.
    pub(crate) fn title(&self) -> &'static str {
        self.code.canonical_reason().unwrap_or("Error")
    }

    /// The option or parameter at fault, if one is.
    pub(crate) fn at(self, parameter: Option<String>) -> Self {
        Self { parameter, ..self }
    }

    /// A query parameter that cannot be used, and what could be.
    pub(crate) fn parameter(name: &str, expected: impl Into<String>) -> Self {
        let expected = expected.into();
        Self {
            parameter: Some(name.to_owned()),
            expected: Some(expected.clone()),
            ..Self::new(StatusCode::BAD_REQUEST, format!("{name} must be {expected}"))
        }
    }

    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "too much is being drawn; try again in a moment")
    }

    pub(crate) fn too_slow(deadline: Duration) -> Self {
        let detail = format!("no answer could be given within {} s", deadline.as_secs());
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// A visitor who asks more than the others can spare.
    pub(crate) fn too_often(seconds: u32) -> Self {
        let detail =
            format!("too many uploads from this address; there is room again in {seconds} s");
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail) }
    }

    /// A visitor who had more computed than the others can spare.
    pub(crate) fn too_much(seconds: u32) -> Self {
        let detail =
            format!("too much was computed for this address; there is time again in {seconds} s");
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail) }
    }

    /// A fault of ours. What it was is nothing for a visitor.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made")
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let told = [self.parameter.is_some(), self.expected.is_some()]
            .into_iter()
            .filter(|is| *is)
            .count();
        let mut body = serializer.serialize_struct("Problem", 4 + told)?;
        body.serialize_field("type", TYPE)?;
        body.serialize_field("title", self.title())?;
        body.serialize_field("status", &self.code.as_u16())?;
        body.serialize_field("detail", &self.detail)?;
        if let Some(parameter) = &self.parameter {
            body.serialize_field("parameter", parameter)?;
        }
        if let Some(expected) = &self.expected {
            body.serialize_field("expected", expected)?;
        }
        body.end()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.code, kind, body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Answers a known path asked with another method; the `Allow` header is added by the router.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not answer that method")
}

/// Tells a problem as a page to whoever prefers one: a form that was sent without scripts shows what it is answered.
pub(crate) async fn for_people(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    request: Request,
    next: Next,
) -> Response {
    let reads_html = arrival::value(request.headers(), header::ACCEPT.as_str())
        .is_some_and(|accepted| accepted.contains("text/html"));
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().filter(|_| reads_html) else {
        return response;
    };
    let page = site.problem_page(&arrival, problem);
    (problem.code, page).into_response()
}
