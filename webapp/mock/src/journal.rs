//! The last requests and what was answered: a ring bounded in number and in bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::json::{Json, object};
use crate::moment::{Moment, format};
use crate::reply::Reply;
use crate::request::{Request, encode_base64};
use crate::stub::Stub;
use crate::stub::asks::{RequestPattern, Seen};

/// The most requests that are kept.
pub const MAX_REQUESTS: usize = 1_000;
/// The most bytes that they take together, where nothing else is said.
pub const MAX_BYTES: usize = 10 << 20;

/// A request that was served.
#[derive(Debug, Clone)]
pub struct Served {
    pub id: String,
    /// Milliseconds since 1970.
    pub at: i64,
    pub request: Request,
    pub stub: Option<Arc<Stub>>,
    pub status: u16,
    pub body: Vec<u8>,
    /// Milliseconds before the first byte.
    pub delay: u64,
}

/// The ring.
#[derive(Debug)]
pub struct Journal {
    served: VecDeque<Served>,
    bytes: usize,
    limit: usize,
}

impl Default for Journal {
    fn default() -> Self {
        Self { served: VecDeque::new(), bytes: 0, limit: MAX_BYTES }
    }
}

impl Journal {
    /// Keeps a request, and lets go of the oldest where there is no room.
    pub fn record(&mut self, id: String, at: i64, request: &Request, reply: &Reply) {
        let body = reply.body.get(..reply.body.len().min(64 * 1024)).unwrap_or_default().to_vec();
        let served = Served {
            id,
            at,
            request: request.clone(),
            stub: reply.stub.clone(),
            status: reply.status,
            body,
            delay: reply.delay.before,
        };
        self.bytes += served.weight();
        self.served.push_back(served);
        self.trim();
    }

    /// Keeps to so many bytes from now on; one request is kept however large it is.
    pub fn limit_to(&mut self, bytes: usize) {
        self.limit = bytes;
        self.trim();
    }

    fn trim(&mut self) {
        while self.served.len() > MAX_REQUESTS || (self.bytes > self.limit && self.served.len() > 1)
        {
            if let Some(oldest) = self.served.pop_front() {
                self.bytes -= oldest.weight();
            }
        }
    }

    /// From the newest to the oldest.
    pub fn newest_first(&self) -> impl Iterator<Item = &Served> {
        self.served.iter().rev()
    }

    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Served> {
        self.served.iter().find(|served| served.id == id)
    }

    /// Those that a pattern accepts, from the newest.
    pub fn matching<'a>(&'a self, pattern: &'a RequestPattern) -> impl Iterator<Item = &'a Served> {
        self.newest_first().filter(|served| pattern.accepts(&Seen::new(&served.request, served.at)))
    }

    /// Removes what is not to be kept, and returns it.
    pub fn take(&mut self, goes: impl Fn(&Served) -> bool) -> Vec<Served> {
        let mut gone = Vec::new();
        let mut kept = VecDeque::new();
        for served in self.served.drain(..) {
            if goes(&served) {
                gone.push(served);
            } else {
                kept.push_back(served);
            }
        }
        self.served = kept;
        self.bytes = self.served.iter().map(Served::weight).sum();
        gone
    }
}

impl Served {
    fn weight(&self) -> usize {
        self.request.weight() + self.body.len()
    }

    /// The request as WireMock's journal shows it.
    #[must_use]
    pub fn request_json(&self) -> Json {
        let mut json = self.request.to_json();
        if let Some(fields) = json.as_object_mut() {
            fields.insert("loggedDate".into(), self.at.into());
            fields.insert(
                "loggedDateString".into(),
                format(Moment::utc(self.at), "yyyy-MM-dd'T'HH:mm:ss.SSSX").into(),
            );
        }
        json
    }

    /// As WireMock's admin API shows it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let response = object([
            ("status", self.status.into()),
            ("bodyAsBase64", encode_base64(&self.body).into()),
            ("body", String::from_utf8_lossy(&self.body).into_owned().into()),
        ]);
        let mut json = object([
            ("id", self.id.as_str().into()),
            ("request", self.request_json()),
            ("response", response),
            ("wasMatched", self.stub.is_some().into()),
            (
                "timing",
                object([("addedDelay", self.delay.into()), ("totalTime", self.delay.into())]),
            ),
        ]);
        if let (Some(fields), Some(stub)) = (json.as_object_mut(), &self.stub) {
            fields.insert("stubMapping".into(), stub.source.clone());
            fields.insert(
                "responseDefinition".into(),
                stub.source.get("response").cloned().unwrap_or_default(),
            );
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_too_large_ones() {
        let mut journal = Journal::default();
        for n in 0..1_500 {
            journal.record(n.to_string(), 0, &Request::new("GET", "/"), &Reply::new(200));
        }
        assert_eq!((journal.newest_first().count(), journal.get("499").is_none()), (1_000, true));
        for n in 0..30 {
            let large = Request::new("POST", "/").with_body(vec![b'x'; 1 << 20]);
            journal.record(format!("large{n}"), 0, &large, &Reply::new(200));
        }
        assert!(journal.bytes <= MAX_BYTES && journal.newest_first().count() < 12);
        journal.limit_to(3 << 20);
        assert_eq!(journal.newest_first().count(), 2);
    }
}
