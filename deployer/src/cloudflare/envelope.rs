//! The envelope around every answer: `{success, errors, result, result_info}`.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{CloudflareError, Issue, Refusal};

/// How much of a gateway's page is kept.
const KEPT: usize = 512;

/// What every answer of the API says about itself.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    success: bool,
    #[serde(default)]
    errors: Vec<Issue>,
}

/// A result with what the answer says about pages.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) result: T,
    pub(super) result_info: Option<PageInfo>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct PageInfo {
    pub(super) per_page: Option<usize>,
    pub(super) total_count: Option<usize>,
    pub(super) total_pages: Option<usize>,
}

impl Envelope {
    /// Lets an answer pass that says it succeeded; 200 alone does not say so.
    pub(super) fn check(
        operation: &'static str,
        answer: Response<Bytes>,
    ) -> Result<Response<Bytes>, CloudflareError> {
        let envelope = serde_json::from_slice::<Self>(answer.body()).ok();
        if answer.status().is_success() && envelope.as_ref().is_some_and(|e| e.success) {
            return Ok(answer);
        }
        let text = match &envelope {
            Some(_) => String::new(),
            None => String::from_utf8_lossy(&answer.body()[..answer.body().len().min(KEPT)])
                .into_owned(),
        };
        let refusal = Refusal {
            status: answer.status(),
            issues: envelope.map(|e| e.errors).unwrap_or_default(),
            text,
            ray: header(&answer, "cf-ray"),
            after: header(&answer, "retry-after").parse().ok().map(Duration::from_secs),
        };
        Err(CloudflareError::Refused { operation, refusal: Box::new(refusal) })
    }

    /// Reads the result of an answer that passed [`Self::check`].
    pub(super) fn read<T: DeserializeOwned>(
        operation: &'static str,
        answer: &Response<Bytes>,
    ) -> Result<Page<T>, CloudflareError> {
        serde_json::from_slice(answer.body()).map_err(|source| CloudflareError::Unreadable {
            operation,
            ray: header(answer, "cf-ray"),
            source,
        })
    }
}

fn header(answer: &Response<Bytes>, name: &str) -> String {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}
