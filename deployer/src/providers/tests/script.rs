//! A vendor that knows which calls come, in which order, and refuses to answer any other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::Value;

use crate::http::{Sending, Transport};

/// An expected call, `GET host/path`, and its answer.
pub(super) struct Line {
    call: String,
    status: u16,
    body: String,
    etag: Option<&'static str>,
}

pub(super) fn line(call: &str, status: u16, body: &Value) -> Line {
    Line { call: call.to_owned(), status, body: body.to_string(), etag: None }
}

/// An answer with a version.
pub(super) fn versioned(call: &str, etag: &'static str, body: &Value) -> Line {
    Line { etag: Some(etag), ..line(call, 200, body) }
}

#[derive(Clone)]
pub(super) struct Script {
    lines: Arc<Mutex<VecDeque<Line>>>,
    requests: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

impl Script {
    pub(super) fn new(lines: Vec<Line>) -> Self {
        Self { lines: Arc::new(Mutex::new(lines.into())), requests: Arc::default() }
    }

    /// Checks that everything was asked for, and gives the requests that change something.
    pub(super) fn writes(&self) -> Vec<http::Request<Bytes>> {
        let left: Vec<String> =
            self.lines.lock().unwrap().iter().map(|line| line.call.clone()).collect();
        assert_eq!(left, [""; 0], "never called");
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|request| request.method() != http::Method::GET).cloned().collect()
    }
}

pub(super) fn header<'a>(request: &'a http::Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub(super) fn body(request: &http::Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

impl Transport for Script {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        let host = request.uri().host().unwrap_or_default();
        let host = host.split('.').take(2).collect::<Vec<_>>().join(".");
        let call = format!("{} {host}{}", request.method(), request.uri().path());
        // Calls side by side come in any order.
        let mut lines = self.lines.lock().unwrap();
        let position = lines.iter().position(|line| line.call == call);
        let line = position.and_then(|position| lines.remove(position));
        let line = line.unwrap_or_else(|| panic!("{call} is not in the script"));
        self.requests.lock().unwrap().push(request);
        Box::pin(async move {
            let mut answer = http::Response::builder().status(line.status);
            if let Some(etag) = line.etag {
                answer = answer.header("etag", etag);
            }
            Ok(answer.body(Bytes::from(line.body)).unwrap())
        })
    }
}
