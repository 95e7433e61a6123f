//! Connections to one backend that wait for their next request.

use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use hyper::client::conn::http1::SendRequest;

use crate::dataplane::body::Body;
use crate::dataplane::lanes;

/// Connections that a lane keeps; more are closed after their request.
const KEPT: usize = 64;
/// The vendor closes backend connections after this much idleness (guide, "Keep-Alive Settings").
const IDLE: Duration = Duration::from_secs(300);

/// Keep-alive connections, for each lane its own. Nobody waits for a lock here.
#[derive(Debug)]
pub(crate) struct Pool {
    lanes: Vec<ArrayQueue<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    connection: SendRequest<Body>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { lanes: (0..lanes::count()).map(|_| ArrayQueue::new(KEPT)).collect() }
    }
}

impl Pool {
    /// A connection of this lane that is ready for a request.
    pub(crate) fn take(&self, lane: usize) -> Option<SendRequest<Body>> {
        let waiting = self.lanes.get(lane)?;
        for _ in 0..waiting.len() {
            let next = waiting.pop()?;
            if next.connection.is_closed() || next.since.elapsed() >= IDLE {
                continue;
            }
            if next.connection.is_ready() {
                return Some(next.connection);
            }
            // Its answer is still under way.
            let _full = waiting.push(next);
        }
        None
    }

    /// Keeps a connection. Its response may still be under way: [`Self::take`] passes over it until it is done.
    pub(crate) fn put(&self, lane: usize, connection: SendRequest<Body>) {
        if let Some(waiting) = self.lanes.get(lane) {
            let _closed = waiting.push(Waiting { since: Instant::now(), connection });
        }
    }
}
