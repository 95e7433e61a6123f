//! Requests as they come, as server-sent events. Who reads slowly is told how many were left out; who does not read at
//! all is let go.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use mock::{Reply, Request};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::tenant::Tenant;
use crate::problem::Problem;
use crate::site::Site;

/// How many events wait inside the connection.
const AHEAD: usize = 16;
/// How often it is asked whether the process stops.
const TICK: Duration = Duration::from_secs(1);
/// After how many quiet ticks something is sent, so that nobody on the way gives up.
const SILENT_TICKS: u32 = 15;
/// How long a watcher may not read.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most characters of a URL or a reason.
const LONGEST: usize = 500;

/// A request that was answered.
pub(super) struct Event<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) at: i64,
    pub(super) request: &'a Request,
    pub(super) reply: &'a Reply,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: Option<&'a str>,
    at: i64,
    method: &'a str,
    url: &'a str,
    status: u16,
    /// The name or identifier of the stub.
    stub: Option<&'a str>,
    why: &'a str,
    /// Whether anything answered: a stub, data, a document or an echo.
    matched: bool,
    delay: u64,
    fault: Option<&'a str>,
}

impl Event<'_> {
    pub(super) fn to_json(&self) -> String {
        let stub = self.reply.stub.as_ref();
        let shown = Shown {
            id: self.id,
            at: self.at,
            method: clipped(&self.request.method),
            url: clipped(&self.request.url),
            status: self.reply.status,
            stub: stub.map(|stub| stub.name.as_ref().unwrap_or(&stub.id).as_str()).map(clipped),
            why: clipped(&self.reply.why),
            matched: !self.reply.unmatched,
            delay: self.reply.delay.before,
            fault: self.reply.fault.map(mock::stub::response::Fault::name),
        };
        serde_json::to_string(&shown).unwrap_or_default()
    }
}

/// The stream, until the watcher goes or the process stops.
pub(super) fn watch(site: &Arc<Site>, tenant: &Arc<Tenant>) -> Result<Response, Problem> {
    let place = Arc::clone(&tenant.watchers).try_acquire_owned();
    let place = place.map_err(|_| {
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many watch this workspace already")
    })?;
    let mut events = tenant.events.subscribe();
    let (sender, receiver) = mpsc::channel(AHEAD);
    let site = Arc::clone(site);
    tokio::spawn(async move {
        let _held_while_watching = place;
        let mut line = Some(": hello\n\n".to_owned());
        let mut quiet = 0;
        loop {
            if let Some(line) = line.take() {
                quiet = 0;
                let sent = sender.send(Ok::<_, Infallible>(Bytes::from(line)));
                if !matches!(tokio::time::timeout(PATIENCE, sent).await, Ok(Ok(()))) {
                    return;
                }
            }
            line = match tokio::time::timeout(TICK, events.recv()).await {
                Ok(Ok(event)) => Some(format!("event: request\ndata: {event}\n\n")),
                Ok(Err(RecvError::Lagged(left_out))) => {
                    Some(format!("event: gap\ndata: {left_out}\n\n"))
                }
                Ok(Err(RecvError::Closed)) => return,
                Err(_) => {
                    quiet += 1;
                    (quiet >= SILENT_TICKS).then(|| ": still here\n\n".to_owned())
                }
            };
            if sender.is_closed() || site.stopping.load(Ordering::Relaxed) {
                return;
            }
        }
    });
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

fn clipped(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}
