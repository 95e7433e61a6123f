//! The access log: one JSON line per request in `<state>/access.log`, never in a request's way. A log of the vendor's
//! API that is enabled for the load balancer collects the same line.
//!
//! A line is `{"time", "resourceid", "data"}`; `data` has the vendor's fields (Logging reference, "Details for Load
//! Balancer Logs"), or `errorLog` when lines were lost.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use http::header::{self, HeaderValue};
use http::{Method, StatusCode, Uri, Version};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;

use crate::clock::stamp;
use crate::cloud::Cloud;
use crate::conversation;
use crate::dataplane::Live;
use crate::dataplane::body::Meter;
use crate::dataplane::forward::Visit;
use crate::dataplane::router::Head;
use crate::log_lines::Said;

/// Lines that wait for the disk; more are counted and lost.
const WAITING: usize = 8192;

/// Time in which lines gather for the next write: a wake-up and a write for each would cost more than the request.
const GATHERING: Duration = Duration::from_millis(5);

/// What a log of the vendor's API calls these lines.
const CATEGORY: &str = "access";

/// The status of a request whose client left before the answer.
const LEFT: u16 = 499;

/// Where requests are recorded.
#[derive(Debug, Clone)]
pub(crate) struct AccessLog {
    lines: mpsc::Sender<Line>,
    missed: Arc<AtomicU64>,
}

/// One line as it is written.
#[derive(Debug)]
struct Line {
    live: Arc<Live>,
    text: String,
}

/// A line's content.
#[derive(Debug, Serialize)]
struct Content<'a> {
    time: &'a str,
    /// OCID of the load balancer.
    resourceid: &'a str,
    data: Record<'a>,
}

/// One request in the vendor's fields; all values are text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    timestamp: &'a str,
    client_addr: String,
    forwarded_for_addr: &'a str,
    host: &'a str,
    backend_addr: &'a str,
    request_processing_time: String,
    backend_connect_time: Cow<'a, str>,
    backend_processing_time: Cow<'a, str>,
    lb_status_code: String,
    backend_status_code: Cow<'a, str>,
    received_bytes: String,
    sent_bytes: String,
    request: String,
    user_agent: &'a str,
    listener_name: &'a str,
    ssl_cipher: &'a str,
    ssl_protocol: &'a str,
}

/// A request under way; written when it is dropped, whatever became of it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) received: Meter,
    pub(crate) sent: Meter,
    pub(crate) listener: String,
    /// All backends that were tried, separated by commas.
    pub(crate) backends: String,
    pub(crate) connecting: Option<Duration>,
    pub(crate) processing: Option<Duration>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) backend_status: Option<StatusCode>,
    asked: Asked,
    visit: Arc<Visit>,
    time: OffsetDateTime,
    began: Instant,
}

/// What the client asked for; copies of these share what they hold.
#[derive(Debug)]
struct Asked {
    method: Method,
    uri: Uri,
    version: Version,
    host: Option<HeaderValue>,
    forwarded_for: Option<HeaderValue>,
    user_agent: Option<HeaderValue>,
}

impl AccessLog {
    /// Opens the file and starts its writer, which ends with the last clone of the log.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(crate) fn open(cloud: Arc<Cloud>) -> io::Result<Self> {
        let path = cloud.options.state.join("access.log");
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let (lines, mut waiting) = mpsc::channel::<Line>(WAITING);
        let missed = Arc::new(AtomicU64::new(0));
        let counter = missed.clone();
        tokio::task::spawn_blocking(move || {
            let mut batch = Vec::new();
            while waiting.blocking_recv_many(&mut batch, WAITING) > 0 {
                let lost = counter.swap(0, Ordering::Relaxed);
                collect(&cloud, &batch, lost);
                // A full disk must not end the log: what cannot be written counts as lost.
                if write(&mut file, &batch, lost, &cloud.clock.stamp()).is_err() {
                    counter.fetch_add(lost + batch.len() as u64, Ordering::Relaxed);
                }
                cloud.traffic.log(batch.drain(..).map(|line| line.text));
                thread::sleep(GATHERING);
            }
        });
        Ok(Self { lines, missed })
    }

    fn send(&self, line: Line) {
        if self.lines.try_send(line).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Hands lines, and what was lost before them, to the log that is enabled for each.
fn collect(cloud: &Cloud, lines: &[Line], mut lost: u64) {
    let (logs, now) = (cloud.logging.read(), cloud.clock.now());
    for line in lines {
        let lost = std::mem::take(&mut lost);
        if logs.collecting(&line.live.id, CATEGORY).is_none() {
            continue;
        }
        let mut content: Value = serde_json::from_str(&line.text).unwrap_or_default();
        let stamp = content["time"].as_str().unwrap_or_default();
        let time = OffsetDateTime::parse(stamp, &Rfc3339).unwrap_or(now);
        let marker = (lost > 0).then(|| missed(stamp, lost));
        for data in marker.into_iter().chain([content["data"].take()]) {
            let said = Said { resource: &line.live.id, category: CATEGORY, time, data };
            cloud.log_lines.collect(&logs, now, said);
        }
    }
}

fn missed(time: &str, lost: u64) -> Value {
    let details = format!("Missed {lost} access logs");
    let error = json!({"type": "General", "errorDetails": details});
    json!({"timestamp": time, "errorLog": error})
}

fn write(file: &mut File, lines: &[Line], lost: u64, now: &str) -> io::Result<()> {
    let mut text = String::new();
    if let Some(first) = lines.first().filter(|_| lost > 0) {
        let data = missed(now, lost);
        let lost = json!({"time": now, "resourceid": first.live.id, "data": data});
        text.extend([&lost.to_string(), "\n"]);
    }
    text.extend(lines.iter().flat_map(|line| [line.text.as_str(), "\n"]));
    file.write_all(text.as_bytes())
}

impl Entry {
    /// Begins the record of a request.
    pub(crate) fn begin(visit: Arc<Visit>, head: Head<'_>, uri: &Uri, version: Version) -> Self {
        let header = |name| head.headers.get(name).cloned();
        let asked = Asked {
            method: head.method.clone(),
            uri: uri.clone(),
            version,
            host: header(header::HOST),
            forwarded_for: head.headers.get("x-forwarded-for").cloned(),
            user_agent: header(header::USER_AGENT),
        };
        Self {
            received: Meter::default(),
            sent: Meter::default(),
            listener: String::new(),
            backends: String::new(),
            connecting: None,
            processing: None,
            status: None,
            backend_status: None,
            asked,
            time: visit.live.cloud.clock.now(),
            visit,
            began: Instant::now(),
        }
    }

    /// Notes that a backend is tried.
    pub(crate) fn note_backend(&mut self, backend: &str) {
        note(&mut self.backends, backend);
    }

    fn text(&self) -> String {
        let Asked { method, uri, version, host, forwarded_for, user_agent } = &self.asked;
        let host = conversation::host(uri, host.as_ref());
        let protocol = if self.visit.tls.is_some() { "https" } else { "http" };
        let question = if uri.query().is_some_and(|query| !query.is_empty()) { "?" } else { "" };
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        let time = stamp(self.time);
        let tls = self.visit.tls.as_ref();
        let code = |status: Option<StatusCode>| status.map(|status| status.as_u16());
        let data = Record {
            timestamp: &time,
            client_addr: self.visit.peer.to_string(),
            forwarded_for_addr: shown(forwarded_for.as_ref()),
            host,
            backend_addr: if self.backends.is_empty() { "-" } else { &self.backends },
            request_processing_time: seconds(self.began.elapsed()),
            backend_connect_time: or_dash(self.connecting.map(seconds)),
            backend_processing_time: or_dash(self.processing.map(seconds)),
            lb_status_code: code(self.status).unwrap_or(LEFT).to_string(),
            backend_status_code: or_dash(code(self.backend_status).map(|code| code.to_string())),
            received_bytes: self.received.read().to_string(),
            sent_bytes: self.sent.read().to_string(),
            request: format!("{method} {protocol}://{host}{path}{question}{query} {version:?}"),
            user_agent: shown(user_agent.as_ref()),
            listener_name: &self.listener,
            ssl_cipher: tls.map_or("", |tls| &tls.cipher),
            ssl_protocol: tls.map_or("", |tls| &tls.protocol),
        };
        let content = Content { time: &time, resourceid: &self.visit.live.id, data };
        serde_json::to_string(&content).unwrap_or_default()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let live = Arc::clone(&self.visit.live);
        let line = Line { text: self.text(), live: live.clone() };
        live.log.send(line);
    }
}

/// Adds a backend; the same one again, over another connection, is none more.
fn note(backends: &mut String, backend: &str) {
    if backends.rsplit(", ").next() != Some(backend) {
        let separator = if backends.is_empty() { "" } else { ", " };
        backends.extend([separator, backend]);
    }
}

fn shown(value: Option<&HeaderValue>) -> &str {
    value.and_then(|value| value.to_str().ok()).unwrap_or("-")
}

fn or_dash(text: Option<String>) -> Cow<'static, str> {
    text.map_or(Cow::Borrowed("-"), Cow::Owned)
}

/// In seconds with milliseconds.
fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::note;

    #[test]
    fn a_backend_is_told_once_for_each_turn_also_when_its_name_ends_another_one() {
        let mut backends = String::new();
        for backend in ["10.0.0.1:80", "10.0.0.1:80", "0.0.0.1:80"] {
            note(&mut backends, backend);
        }
        assert_eq!(backends, "10.0.0.1:80, 0.0.0.1:80");
    }
}
