//! The newest requests of visitors, for who watches: each once, told by the one that saw most of it.
//!
//! The edge tells what it answered itself; of what reached the load balancers, their access log does. Its lines are read
//! only when somebody watches.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

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
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How many there were; the number of the newest one.
    count: u64,
    newest: VecDeque<Told>,
}

#[derive(Debug)]
enum Told {
    Request(Request),
    /// A line of an access log.
    Line(String),
}

impl Traffic {
    /// Remembers a request; its number is set when it is read.
    pub(crate) fn add(&self, request: Request) {
        self.kept().push(Told::Request(request));
    }

    /// Remembers the requests of these lines of an access log.
    pub(crate) fn log(&self, lines: impl ExactSizeIterator<Item = String>) {
        let mut kept = self.kept();
        let forgotten = lines.len().saturating_sub(KEPT);
        kept.count += forgotten as u64;
        lines.skip(forgotten).for_each(|line| kept.push(Told::Line(line)));
    }

    /// The requests with a number above `after`, the oldest first.
    pub fn since(&self, after: u64) -> Vec<Request> {
        let kept = self.kept();
        let first = kept.count - kept.newest.len() as u64 + 1;
        let read = |(number, told): (u64, &Told)| {
            let request = match told {
                Told::Request(request) => request.clone(),
                Told::Line(line) => logged(line),
            };
            Request { number, ..request }
        };
        (first..).zip(&kept.newest).filter(|(number, _)| *number > after).map(read).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn push(&mut self, told: Told) {
        self.count += 1;
        if self.newest.len() == KEPT {
            self.newest.pop_front();
        }
        self.newest.push_back(told);
    }
}

/// The request of a line of an access log, which the data plane writes in the vendor's fields.
fn logged(line: &str) -> Request {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let data = |field: &str| line["data"][field].as_str().unwrap_or_default();
    let (host, mut words) = (data("host"), data("request").split(' '));
    let method = words.next().unwrap_or_default().to_owned();
    let url = words.next().unwrap_or_default();
    let target = url.split_once("://").map_or(url, |(_, rest)| rest);
    let backends = data("backendAddr").split(", ").filter(|name| *name != "-");
    Request {
        number: 0,
        time: data("timestamp").to_owned(),
        method,
        host: host.to_owned(),
        target: target.strip_prefix(host).unwrap_or(target).to_owned(),
        status: data("lbStatusCode").parse().unwrap_or(0),
        seconds: data("requestProcessingTime").to_owned(),
        answered_by: AnsweredBy::LoadBalancer {
            id: line["resourceid"].as_str().unwrap_or_default().to_owned(),
            listener: data("listenerName").to_owned(),
            backends: backends.map(str::to_owned).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_request_goes_when_there_is_one_too_many_and_numbers_go_on() {
        let traffic = Traffic::default();
        (0..=KEPT).for_each(|_| traffic.add(Request::default()));
        traffic.log(vec![String::new(); 2 * KEPT].into_iter());
        let (kept, count) = (traffic.since(0), 3 * KEPT as u64 + 1);
        assert_eq!((kept.len(), kept[KEPT - 1].number), (KEPT, count));
        assert_eq!(traffic.since(count - 1).len(), 1);
        assert_eq!(traffic.since(count).len(), 0);
    }

    #[test]
    fn a_line_of_an_access_log_says_who_asked_for_what_and_who_answered() {
        let traffic = Traffic::default();
        let data = serde_json::json!({"timestamp": "2026-01-05T09:00:00.000Z", "host": "a.example.net",
            "request": "GET https://a.example.net/b?c HTTP/1.1", "lbStatusCode": "502",
            "requestProcessingTime": "0.004", "listenerName": "https",
            "backendAddr": "10.0.0.2:80, 10.0.0.3:80"});
        let line = serde_json::json!({"resourceid": "lb", "data": data}).to_string();
        traffic.log(vec![line].into_iter());
        let expected = Request {
            number: 1,
            time: "2026-01-05T09:00:00.000Z".to_owned(),
            method: "GET".to_owned(),
            host: "a.example.net".to_owned(),
            target: "/b?c".to_owned(),
            status: 502,
            seconds: "0.004".to_owned(),
            answered_by: AnsweredBy::LoadBalancer {
                id: "lb".to_owned(),
                listener: "https".to_owned(),
                backends: vec!["10.0.0.2:80".to_owned(), "10.0.0.3:80".to_owned()],
            },
        };
        assert_eq!(traffic.since(0), [expected]);
    }
}
