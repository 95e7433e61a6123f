//! Threads that carry traffic, one for each processor. A connection stays on its thread, with what it has at backends, so
//! that a request never waits for another thread.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The threads; they end when this is dropped, and with them what runs there.
#[derive(Debug)]
pub(crate) struct Lanes {
    handles: Vec<Handle>,
    turn: AtomicUsize,
    _open: DropGuard,
}

/// One of the threads.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) number: usize,
    pub(crate) handle: Handle,
}

/// How many lanes there are.
pub(crate) fn count() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

impl Lanes {
    /// # Errors
    /// When the system gives no more threads.
    pub(crate) fn open() -> io::Result<Self> {
        let open = CancellationToken::new();
        let handles = (0..count()).map(|number| begin(number, open.clone()));
        let handles = handles.collect::<io::Result<_>>()?;
        Ok(Self { handles, turn: AtomicUsize::new(0), _open: open.drop_guard() })
    }

    /// The lane for the next connection.
    pub(crate) fn next(&self) -> Lane {
        let number = self.turn.fetch_add(1, Ordering::Relaxed) % self.handles.len();
        Lane { number, handle: self.handles[number].clone() }
    }
}

fn begin(number: usize, open: CancellationToken) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let run = move || runtime.block_on(open.cancelled());
    thread::Builder::new().name(format!("lane-{number}")).spawn(run)?;
    Ok(handle)
}
