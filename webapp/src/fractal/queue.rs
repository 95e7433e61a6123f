//! Who is drawn for next: one visitor after the other, however much one of them asks.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How many of one visitor may wait; more than a screen full of tiles.
const OF_ONE: usize = 256;
/// How many may wait at all.
const OF_ALL: usize = 2_048;

type Visitor = Option<IpAddr>;

/// A queue with that many places at its end.
#[derive(Debug, Clone)]
pub(super) struct Queue(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    free: usize,
    /// Everybody who waits, the next one first.
    waiting: VecDeque<(Visitor, VecDeque<oneshot::Sender<Place>>)>,
}

/// The right to compute, until it is dropped.
#[derive(Debug)]
pub(super) struct Place(Queue);

/// There is no room to wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Queue {
    pub(super) fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: places, waiting: VecDeque::new() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(super) async fn enter(&self, visitor: Visitor) -> Result<Place, Full> {
        let called = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Place(self.clone()));
            }
            state.wait(visitor)?
        };
        called.await.map_err(|_| Full)
    }
}

impl State {
    fn wait(&mut self, visitor: Visitor) -> Result<oneshot::Receiver<Place>, Full> {
        for (_, line) in &mut self.waiting {
            line.retain(|sender| !sender.is_closed());
        }
        self.waiting.retain(|(_, line)| !line.is_empty());
        if self.waiting.iter().map(|(_, line)| line.len()).sum::<usize>() >= OF_ALL {
            return Err(Full);
        }
        let (sender, called) = oneshot::channel();
        match self.waiting.iter_mut().find(|(other, _)| *other == visitor) {
            Some((_, line)) if line.len() >= OF_ONE => return Err(Full),
            Some((_, line)) => line.push_back(sender),
            None => self.waiting.push_back((visitor, VecDeque::from([sender]))),
        }
        Ok(called)
    }

    /// The first of the next visitor, who then stands behind all others.
    fn next(&mut self) -> Option<oneshot::Sender<Place>> {
        while let Some((visitor, mut line)) = self.waiting.pop_front() {
            let first = std::iter::from_fn(|| line.pop_front()).find(|sender| !sender.is_closed());
            if !line.is_empty() {
                self.waiting.push_back((visitor, line));
            }
            if first.is_some() {
                return first;
            }
        }
        self.free += 1;
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let next = self.0.state().next();
        if let Some(sender) = next {
            // Whoever left in this moment gives the place back by dropping it.
            let _ = sender.send(Self(self.0.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn visitor(last: u8) -> Visitor {
        Some([192, 0, 2, last].into())
    }

    #[test]
    fn a_visitor_who_asks_once_is_not_behind_all_of_one_who_asks_much() {
        let queue = Queue::new(1);
        let Poll::Ready(Ok(place)) = poll(pin!(queue.enter(visitor(1)))) else { panic!("free") };
        let (mut a, mut b, mut c) = (
            pin!(queue.enter(visitor(1))),
            pin!(queue.enter(visitor(1))),
            pin!(queue.enter(visitor(2))),
        );
        for pending in [poll(a.as_mut()), poll(b.as_mut()), poll(c.as_mut())] {
            assert!(pending.is_pending());
        }
        drop(place);
        let Poll::Ready(Ok(place)) = poll(a.as_mut()) else { panic!("first come") };
        drop(place);
        assert!(poll(b.as_mut()).is_pending());
        assert!(matches!(poll(c.as_mut()), Poll::Ready(Ok(_))));
    }

    #[test]
    fn who_leaves_the_queue_takes_no_place_with_them() {
        let queue = Queue::new(1);
        let Poll::Ready(Ok(place)) = poll(pin!(queue.enter(visitor(1)))) else { panic!("free") };
        {
            let mut gone = pin!(queue.enter(visitor(2)));
            assert!(poll(gone.as_mut()).is_pending());
        }
        drop(place);
        assert!(matches!(poll(pin!(queue.enter(visitor(3)))), Poll::Ready(Ok(_))));
    }

    #[test]
    fn one_visitor_cannot_fill_it() {
        let queue = Queue::new(0);
        let mut all: Vec<_> = (0..OF_ONE).map(|_| Box::pin(queue.enter(visitor(1)))).collect();
        assert!(all.iter_mut().all(|waiting| poll(waiting.as_mut()).is_pending()));
        assert!(matches!(poll(pin!(queue.enter(visitor(1)))), Poll::Ready(Err(Full))));
        assert!(poll(pin!(queue.enter(visitor(2)))).is_pending());
    }
}
