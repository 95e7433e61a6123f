//! A stream that is given up when its other end takes nothing, or when nothing moves at all, for too long.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Passes reads and writes on; fails with `TimedOut`.
#[derive(Debug)]
pub(crate) struct Patient<S> {
    stream: S,
    stalled: Alarm,
    quiet: Option<Alarm>,
}

impl<S> Patient<S> {
    /// `stall`: how long the other end may take nothing of what waits for it. `quiet`: how long nothing may move.
    pub(crate) fn new(stream: S, stall: Duration, quiet: Option<Duration>) -> Self {
        Self { stream, stalled: Alarm::new(stall), quiet: quiet.map(Alarm::new) }
    }

    fn moved(&mut self) {
        self.stalled.set = false;
        if let Some(quiet) = &mut self.quiet {
            quiet.set = false;
        }
    }

    /// What became of a try to hand bytes on.
    fn wrote<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Pending => {
                self.stalled.poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            outcome @ Poll::Ready(_) => {
                self.moved();
                outcome
            }
        }
    }
}

/// Rings some time after it was set.
#[derive(Debug)]
struct Alarm {
    after: Duration,
    set: bool,
    sleep: Pin<Box<Sleep>>,
}

impl Alarm {
    fn new(after: Duration) -> Self {
        Self { after, set: false, sleep: Box::pin(sleep(after)) }
    }

    /// Sets it unless it is, and looks whether it rings.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !std::mem::replace(&mut self.set, true) {
            self.sleep.as_mut().reset(Instant::now() + self.after);
        }
        self.sleep.as_mut().poll(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_read(context, buffer);
        if outcome.is_ready() {
            if let Some(quiet) = &mut this.quiet {
                quiet.set = false;
            }
            return outcome;
        }
        let Some(quiet) = &mut this.quiet else { return Poll::Pending };
        quiet.poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(outcome, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(context) {
            Poll::Pending => this.wrote(Poll::Pending, context),
            // Nothing to hand on is no movement.
            outcome @ Poll::Ready(_) => outcome,
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_shutdown(context);
        this.wrote(outcome, context)
    }
}
