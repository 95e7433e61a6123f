//! One call before it is sent: operation, address, guards and body.

use std::{borrow::Cow, fmt::Write};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::{error::Failure, region::Service, signature::Coverage};

/// All that RFC 3986 does not list as unreserved is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const RETRY_TOKEN: HeaderName = HeaderName::from_static("opc-retry-token");

/// What makes a change safe to repeat, and safe against other writers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutation {
    /// `opc-retry-token`, 1 to 64 characters: within 24 hours the same token makes the same thing once.
    pub retry_token: Option<String>,
    /// `if-match`: the etag that the resource must still have.
    pub if_match: Option<String>,
}

impl Mutation {
    /// A change that is made once however often it is asked for with `token`.
    pub fn once(token: impl Into<String>) -> Self {
        Self { retry_token: Some(token.into()), if_match: None }
    }

    /// A change of what still has this `etag`.
    pub fn matching(etag: impl Into<String>) -> Self {
        Self { retry_token: None, if_match: Some(etag.into()) }
    }
}

/// One call of one operation.
///
/// The modules of this crate build these; an operation that they lack can be built the same way.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) service: Service,
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) coverage: Coverage,
    pub(crate) problem: Option<String>,
}

impl Request {
    /// A call of `operation` (the vendor's name, for errors) at the path made of `segments`.
    ///
    /// Each segment is escaped by itself, so that a name may hold a slash or a colon.
    pub fn new(
        operation: impl Into<Cow<'static, str>>,
        service: Service,
        method: Method,
        segments: &[&str],
    ) -> Self {
        let operation = operation.into();
        let blank = segments.iter().any(|segment| matches!(*segment, "" | "." | ".."));
        let problem = blank.then(|| format!("a name in its path is empty: {segments:?}"));
        Self {
            operation,
            service,
            method,
            target: segments.iter().map(|segment| format!("/{}", escape(segment))).collect(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            coverage: Coverage::Whole,
            problem,
        }
    }

    /// Adds `name=value` to the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let separator = if self.target.contains('?') { '&' } else { '?' };
        let Self { target, .. } = &mut self;
        write!(target, "{separator}{name}={}", escape(value)).expect("a String takes all text");
        self
    }

    /// Adds `name=value` to the query if there is a value.
    pub fn query_if(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(text) => self.body = text.into(),
            Err(error) => self.problem = Some(format!("its body is no JSON: {error}")),
        }
        self
    }

    /// Sends `body` as it is, left out of the signature as Object Storage wants it.
    pub fn bytes(mut self, body: Bytes) -> Self {
        self.body = body;
        self.coverage = Coverage::WithoutBody;
        self.header(header::CONTENT_TYPE, "application/octet-stream")
    }

    /// Adds the guards of a change.
    pub fn guarded(self, mutation: &Mutation) -> Self {
        let Mutation { retry_token, if_match } = mutation;
        self.header_if(RETRY_TOKEN, retry_token.as_deref())
            .header_if(header::IF_MATCH, if_match.as_deref())
    }

    /// Adds a header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.headers.insert(name, value)),
            Err(_) => self.problem = Some(format!("the value of header {name} is not plain text")),
        }
        self
    }

    /// Adds a header if there is a value.
    pub fn header_if(self, name: HeaderName, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// Whether a header keeps a second copy of the request from doing the work twice.
    pub(crate) fn is_guarded(&self) -> bool {
        let guards = [RETRY_TOKEN, header::IF_MATCH, header::IF_NONE_MATCH];
        guards.iter().any(|name| self.headers.contains_key(name))
    }

    /// The request as HTTP sends it to `endpoint`, unsigned.
    pub(crate) fn to_http(&self, endpoint: &str) -> Result<http::Request<Bytes>, Failure> {
        if let Some(problem) = &self.problem {
            return Err(Failure::Request(problem.clone()));
        }
        let mut request = http::Request::builder()
            .method(self.method.clone())
            .uri(format!("{endpoint}{}", self.target))
            .body(self.body.clone())
            .map_err(|error| Failure::Request(error.to_string()))?;
        request.headers_mut().extend(self.headers.clone());
        Ok(request)
    }
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(segments: &[&str]) -> Request {
        Request::new("GetThing", Service::LoadBalancer, Method::GET, segments)
    }

    #[test]
    fn each_path_segment_is_escaped_by_itself() {
        let request = get(&["20170115", "backends", "10.0.0.3:8080", "a/b c"]);
        assert_eq!(request.target, "/20170115/backends/10.0.0.3%3A8080/a%2Fb%20c");
    }

    #[test]
    fn query_values_are_escaped_and_absent_ones_left_out() {
        let request = get(&["n"]).query("a", "x&y=z").query_if("b", None).query_if("c", Some("é"));
        assert_eq!(request.target, "/n?a=x%26y%3Dz&c=%C3%A9");
    }

    #[test]
    fn an_empty_name_never_addresses_the_collection() {
        let error = get(&["20160918", "vcns", ""]).to_http("https://a").unwrap_err();
        assert!(error.to_string().contains("empty"));
    }

    #[test]
    fn a_header_cannot_be_smuggled_in_a_value() {
        let mutation = Mutation::matching("a\r\nx: y");
        assert!(get(&["n"]).guarded(&mutation).to_http("https://a").is_err());
    }
}
