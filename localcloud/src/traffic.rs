//! The newest requests of visitors, for who watches: each once, told by the one that saw most of it.
//!
//! The edge tells what it answered itself, the load balancers what reached them, after their answer is on its way.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Requests that are remembered.
const KEPT: usize = 500;

/// One request and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Counts from 1.
    pub number: u64,
    /// When it came, RFC 3339.
    pub time: String,
    pub method: String,
    /// As the visitor named it.
    pub host: String,
    /// Path and query.
    pub target: String,
    pub status: u16,
    /// Seconds until it was over, with milliseconds.
    pub seconds: String,
    pub answered_by: AnsweredBy,
}

/// Who answered a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AnsweredBy {
    #[default]
    Edge,
    LoadBalancer {
        /// OCID.
        id: String,
        /// Name; `-` when there was none for the request.
        listener: String,
        /// The backends that were asked, `ip:port` each; empty when the load balancer answered by itself.
        backends: Vec<String>,
    },
}

/// A bounded record of requests.
#[derive(Debug, Default)]
pub struct Traffic {
    kept: Mutex<(u64, VecDeque<Request>)>,
}

impl Traffic {
    /// Remembers a request; its number is set here.
    pub(crate) fn add(&self, mut request: Request) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        request.number = kept.0;
        if kept.1.len() == KEPT {
            kept.1.pop_front();
        }
        kept.1.push_back(request);
    }

    /// The requests with a number above `after`, the oldest first.
    pub fn since(&self, after: u64) -> Vec<Request> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.iter().filter(|request| request.number > after).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_request_goes_when_there_is_one_too_many_and_numbers_go_on() {
        let traffic = Traffic::default();
        (0..=KEPT).for_each(|_| traffic.add(Request::default()));
        let kept = traffic.since(0);
        assert_eq!((kept.len(), kept[0].number), (KEPT, 2));
        assert_eq!(traffic.since(KEPT as u64)[0].number, KEPT as u64 + 1);
    }
}
