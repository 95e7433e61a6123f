//! The access log: one JSON line per request in `<state>/access.log`, never in a request's way. A log of the vendor's
//! API that is enabled for the load balancer collects the same line.
//!
//! A line is `{"time", "resourceid", "data"}`; `data` has the vendor's fields (Logging reference, "Details for Load
//! Balancer Logs"), or `errorLog` when lines were lost.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;

use crate::cloud::Cloud;
use crate::dataplane::body::Meter;
use crate::log_lines::Said;
use crate::traffic::{AnsweredBy, Request};

/// Lines that wait for the disk; more are counted and lost.
const WAITING: usize = 4096;

/// What a log of the vendor's API calls these lines.
const CATEGORY: &str = "access";

/// Where requests are recorded.
#[derive(Debug, Clone)]
pub(crate) struct AccessLog {
    lines: mpsc::Sender<Line>,
    missed: Arc<AtomicU64>,
}

/// One line.
#[derive(Debug, Serialize)]
struct Line {
    time: String,
    /// OCID of the load balancer.
    resourceid: String,
    data: Record,
}

/// One request in the vendor's fields; all values are text.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) timestamp: String,
    pub(crate) client_addr: String,
    pub(crate) forwarded_for_addr: String,
    pub(crate) host: String,
    /// All backends that were tried, separated by commas.
    pub(crate) backend_addr: String,
    pub(crate) request_processing_time: String,
    pub(crate) backend_connect_time: String,
    pub(crate) backend_processing_time: String,
    pub(crate) lb_status_code: String,
    pub(crate) backend_status_code: String,
    pub(crate) received_bytes: String,
    pub(crate) sent_bytes: String,
    pub(crate) request: String,
    pub(crate) user_agent: String,
    pub(crate) listener_name: String,
    pub(crate) ssl_cipher: String,
    pub(crate) ssl_protocol: String,
}

/// A request under way; written when it is dropped, whatever became of it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) record: Record,
    pub(crate) received: Meter,
    pub(crate) sent: Meter,
    load_balancer: String,
    began: Instant,
    log: AccessLog,
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
            while let Some(line) = waiting.blocking_recv() {
                let lost = counter.swap(0, Ordering::Relaxed);
                cloud.traffic.add(visit(&line));
                collect(&cloud, &line, lost);
                // A full disk must not end the log: what cannot be written counts as lost.
                if write(&mut file, &line, lost).is_err() {
                    counter.fetch_add(lost + 1, Ordering::Relaxed);
                }
            }
        });
        Ok(Self { lines, missed })
    }

    /// Begins the record of a request.
    pub(crate) fn begin(&self, load_balancer: &str, record: Record) -> Entry {
        Entry {
            record,
            received: Meter::default(),
            sent: Meter::default(),
            load_balancer: load_balancer.to_owned(),
            began: Instant::now(),
            log: self.clone(),
        }
    }
}

/// What a line says to who watches.
fn visit(line: &Line) -> Request {
    let Record { request, host, backend_addr, listener_name, .. } = &line.data;
    let mut words = request.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let url = words.next().unwrap_or_default();
    let target = url.split_once("://").map_or(url, |(_, rest)| rest);
    let backends = backend_addr.split(", ").filter(|name| *name != "-");
    Request {
        number: 0,
        time: line.time.clone(),
        method,
        host: host.clone(),
        target: target.strip_prefix(host.as_str()).unwrap_or(target).to_owned(),
        status: line.data.lb_status_code.parse().unwrap_or(0),
        seconds: line.data.request_processing_time.clone(),
        answered_by: AnsweredBy::LoadBalancer {
            id: line.resourceid.clone(),
            listener: listener_name.clone(),
            backends: backends.map(str::to_owned).collect(),
        },
    }
}

/// Hands a line, and what was lost before it, to the log that is enabled for it.
fn collect(cloud: &Cloud, line: &Line, lost: u64) {
    let (logs, now) = (cloud.logging.read(), cloud.clock.now());
    if logs.collecting(&line.resourceid, CATEGORY).is_none() {
        return;
    }
    let time = OffsetDateTime::parse(&line.time, &Rfc3339).unwrap_or(now);
    let marker = (lost > 0).then(|| missed(line, lost));
    let own = serde_json::to_value(&line.data).unwrap_or_default();
    for data in marker.into_iter().chain([own]) {
        let said = Said { resource: &line.resourceid, category: CATEGORY, time, data };
        cloud.log_lines.collect(&logs, now, said);
    }
}

fn missed(line: &Line, lost: u64) -> Value {
    let details = format!("Missed {lost} access logs");
    let error = json!({"type": "General", "errorDetails": details});
    json!({"timestamp": line.time, "errorLog": error})
}

fn write(file: &mut std::fs::File, line: &Line, lost: u64) -> io::Result<()> {
    let mut text = String::new();
    if lost > 0 {
        let data = missed(line, lost);
        let lost = json!({"time": line.time, "resourceid": line.resourceid, "data": data});
        text.extend([lost.to_string(), "\n".to_owned()]);
    }
    text.extend([serde_json::to_string(line)?, "\n".to_owned()]);
    file.write_all(text.as_bytes())
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut data = std::mem::take(&mut self.record);
        data.received_bytes = self.received.read().to_string();
        data.sent_bytes = self.sent.read().to_string();
        data.request_processing_time = seconds(self.began);
        let resourceid = std::mem::take(&mut self.load_balancer);
        let line = Line { time: data.timestamp.clone(), resourceid, data };
        if self.log.lines.try_send(line).is_err() {
            self.log.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Time since a moment, in seconds with milliseconds.
pub(crate) fn seconds(since: Instant) -> String {
    format!("{:.3}", since.elapsed().as_secs_f64())
}
