//! Two limits where hyper has one: how long a connection may be idle, and how long the head of a request may take from its
//! first byte on. hyper's limit is the first; the timer that keeps it is told of bytes and then keeps the second.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// The timer of one connection.
#[derive(Debug, Clone)]
pub(super) struct Patience {
    /// How long a head may take.
    pub(super) with_heads: Duration,
    /// Whether anything came since the connection began to wait.
    heard: Arc<AtomicBool>,
}

impl Patience {
    pub(super) fn new(with_heads: Duration) -> Self {
        Self { with_heads, heard: Arc::default() }
    }

    /// To be called with all that arrives.
    pub(super) fn hear(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.heard.store(true, Ordering::Relaxed);
        }
    }
}

impl Timer for Patience {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.heard.store(false, Ordering::Relaxed);
        let end = Box::pin(tokio::time::sleep_until(deadline.into()));
        Box::pin(Wait { end, patience: self.clone(), has_begun: false })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

/// For the next request of a connection. hyper polls it whenever something arrives.
struct Wait {
    end: Pin<Box<tokio::time::Sleep>>,
    patience: Patience,
    has_begun: bool,
}

impl Sleep for Wait {}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.has_begun && self.patience.heard.load(Ordering::Relaxed) {
            self.has_begun = true;
            let end = tokio::time::Instant::now() + self.patience.with_heads;
            self.end.as_mut().reset(end);
        }
        self.end.as_mut().poll(context)
    }
}
