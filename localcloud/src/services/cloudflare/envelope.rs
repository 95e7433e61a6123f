//! The vendor's envelope: `success`, `errors`, `messages`, `result`, `result_info`.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// What a call yields.
#[derive(Debug)]
pub(crate) struct Success {
    result: Value,
    info: Option<Value>,
}

impl Success {
    pub(crate) fn one(result: Value) -> Self {
        Self { result, info: None }
    }

    pub(crate) fn page(result: Vec<Value>, info: Value) -> Self {
        Self { result: Value::Array(result), info: Some(info) }
    }
}

/// Why a call was refused: the vendor's code and text, with the reasons below it.
#[derive(Debug, thiserror::Error)]
#[error("{status}: {message} ({code})")]
pub(crate) struct Failure {
    status: StatusCode,
    code: u32,
    message: String,
    chain: Option<(u32, String)>,
    retry_after_s: Option<u32>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), chain: None, retry_after_s: None }
    }

    pub(crate) fn bad_request(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// A record that breaks a rule of the DNS or of the plan: 1004 with the rule below it.
    pub(crate) fn validation(code: u32, message: impl Into<String>) -> Self {
        Self::bad_request(1004, "DNS Validation Error").because(code, message)
    }

    pub(crate) fn because(mut self, code: u32, message: impl Into<String>) -> Self {
        self.chain = Some((code, message.into()));
        self
    }

    pub(crate) fn body(reason: &dyn std::fmt::Display) -> Self {
        Self::bad_request(9207, format!("Request body is invalid. {reason}"))
    }

    pub(crate) fn no_route(path: &str) -> Self {
        let text = format!(
            "Could not route to /client/v4{path}, perhaps your object identifier is invalid?"
        );
        Self::new(StatusCode::NOT_FOUND, 7003, text)
    }

    pub(crate) fn no_zone() -> Self {
        Self::new(StatusCode::NOT_FOUND, 1001, "Invalid zone identifier")
    }

    pub(crate) fn no_record() -> Self {
        Self::new(StatusCode::NOT_FOUND, 81044, "Record does not exist.")
    }

    pub(crate) fn throttled(retry_after_s: u32) -> Self {
        let text = "Rate limited. Please wait and consider throttling your request speed";
        let mut failure = Self::new(StatusCode::TOO_MANY_REQUESTS, 971, text);
        failure.retry_after_s = Some(retry_after_s);
        failure
    }

    /// A planned failure. A second of waiting is enough for a rehearsal.
    pub(crate) fn planned(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match status {
            StatusCode::TOO_MANY_REQUESTS => Self::throttled(1),
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
                Self::new(status, 10000, "Authentication error")
            }
            _ => Self::new(status, 10001, "Unable to process the request"),
        }
    }

    /// Gateways in front of the API answer with a page of their own, not with an envelope.
    fn comes_from_a_gateway(&self) -> bool {
        self.status.as_u16() > 501
    }

    fn items(&self) -> Value {
        let mut item = json!({ "code": self.code, "message": self.message });
        if let Some((code, message)) = &self.chain {
            item["error_chain"] = json!([{ "code": code, "message": message }]);
        }
        json!([item])
    }
}

/// A call's outcome as it goes over HTTP.
pub(crate) fn response(outcome: Result<Success, Failure>) -> Response<Bytes> {
    match outcome {
        Ok(success) => {
            let mut body = json!({
                "success": true, "errors": [], "messages": [], "result": success.result,
            });
            if let Some(info) = success.info {
                body["result_info"] = info;
            }
            with(StatusCode::OK, "application/json", body.to_string())
        }
        Err(failure) if failure.comes_from_a_gateway() => {
            let text = format!(
                "<html><head><title>{0}</title></head><body>{0}</body></html>",
                failure.status
            );
            with(failure.status, "text/html; charset=UTF-8", text)
        }
        Err(failure) => {
            let body = json!({
                "success": false, "errors": failure.items(), "messages": [], "result": null,
            });
            let mut response = with(failure.status, "application/json", body.to_string());
            if let Some(seconds) = failure.retry_after_s {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
    }
}

fn with(status: StatusCode, kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
