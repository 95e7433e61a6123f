//! Connections to one backend that wait for their next request.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::client::conn::http1::SendRequest;

use crate::dataplane::body::Body;

/// Connections that are kept; more are closed after their request.
const KEPT: usize = 32;
/// The vendor closes backend connections after this much idleness (guide, "Keep-Alive Settings").
const IDLE: Duration = Duration::from_secs(300);

/// Keep-alive connections. Newest first out, so that the surplus grows old and is closed.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    waiting: Mutex<Vec<(Instant, SendRequest<Body>)>>,
}

impl Pool {
    /// A connection that is ready for a request.
    pub(crate) fn take(&self) -> Option<SendRequest<Body>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(since, connection)| !connection.is_closed() && since.elapsed() < IDLE);
        let ready = waiting.iter().rposition(|(_, connection)| connection.is_ready())?;
        Some(waiting.remove(ready).1)
    }

    /// Keeps a connection. Its response may still be under way: [`Self::take`] passes over it until it is done.
    pub(crate) fn put(&self, connection: SendRequest<Body>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < KEPT {
            waiting.push((Instant::now(), connection));
        }
    }
}
