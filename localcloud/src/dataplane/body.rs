//! Bodies on their way through: counted, and given up when nothing moves.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep, timeout};

pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// Any body.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is known as a whole.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Bytes that passed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<AtomicU64>);

impl Meter {
    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// Waits for an outcome as long as bytes keep passing: `None` after at least `limit` without any.
pub(crate) async fn while_moving<T>(
    limit: Duration,
    meter: &Meter,
    outcome: impl Future<Output = T>,
) -> Option<T> {
    let mut outcome = std::pin::pin!(outcome);
    loop {
        let seen = meter.read();
        match timeout(limit, &mut outcome).await {
            Ok(outcome) => return Some(outcome),
            Err(_) if meter.read() == seen => return None,
            Err(_) => {}
        }
    }
}

/// A body that fails after `limit` without a frame, and holds `guard` until it is done.
#[derive(Debug)]
pub(crate) struct Watched<G> {
    body: Incoming,
    meter: Meter,
    limit: Duration,
    /// Made when something is waited for the first time.
    silence: Option<Pin<Box<Sleep>>>,
    /// Whether the next frame is being waited for. Time that the reader takes is not silence.
    waiting: bool,
    _guard: G,
}

impl<G: Send + Unpin + 'static> Watched<G> {
    pub(crate) fn boxed(body: Incoming, meter: Meter, limit: Duration, guard: G) -> Body {
        Self { body, meter, limit, silence: None, waiting: false, _guard: guard }.boxed_unsync()
    }
}

impl<G: Unpin> HttpBody for Watched<G> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) else {
            let silence = this.silence.get_or_insert_with(|| Box::pin(sleep(this.limit)));
            if !std::mem::replace(&mut this.waiting, true) {
                silence.as_mut().reset(Instant::now() + this.limit);
            }
            let silent = silence.as_mut().poll(context);
            return silent.map(|()| Some(Err("nothing moved for too long".into())));
        };
        this.waiting = false;
        if let Some(bytes) = frame.as_ref().and_then(|f| f.as_ref().ok()?.data_ref()) {
            this.meter.add(bytes.len());
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
