//! Who is drawn for next: one visitor after the other, however much one of them asks.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Who asks; those whom nobody vouches for count as one.
pub(crate) type Visitor = Option<IpAddr>;

/// How long a queue may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How many places one visitor may hold at once.
    pub(crate) held: usize,
    /// How many of one visitor, and of all, may wait.
    pub(crate) of_one: usize,
    pub(crate) of_all: usize,
}

/// A queue with that many places at its end.
#[derive(Debug, Clone)]
pub(crate) struct Queue(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    limits: Limits,
    free: usize,
    held: HashMap<Visitor, usize>,
    /// Everybody who waits, the next one first.
    waiting: VecDeque<(Visitor, VecDeque<oneshot::Sender<Place>>)>,
}

/// The right to compute, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    queue: Queue,
    visitor: Visitor,
}

/// There is no room to wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Queue {
    pub(crate) fn new(places: usize, limits: Limits) -> Self {
        let (held, waiting) = (HashMap::new(), VecDeque::new());
        Self(Arc::new(Mutex::new(State { limits, free: places, held, waiting })))
    }

    /// How many places are free.
    pub(crate) fn free(&self) -> usize {
        self.state().free
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self, visitor: Visitor) -> Result<Place, Full> {
        let called = {
            let mut state = self.state();
            if state.free > 0 && state.may_hold(visitor) {
                state.take(visitor);
                return Ok(Place { queue: self.clone(), visitor });
            }
            state.wait(visitor)?
        };
        called.await.map_err(|_| Full)
    }
}

impl State {
    fn may_hold(&self, visitor: Visitor) -> bool {
        self.held.get(&visitor).is_none_or(|held| *held < self.limits.held)
    }

    fn take(&mut self, visitor: Visitor) {
        self.free -= 1;
        *self.held.entry(visitor).or_default() += 1;
    }

    fn give_back(&mut self, visitor: Visitor) {
        self.free += 1;
        if let Some(held) = self.held.get_mut(&visitor) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&visitor);
            }
        }
    }

    fn wait(&mut self, visitor: Visitor) -> Result<oneshot::Receiver<Place>, Full> {
        for (_, line) in &mut self.waiting {
            line.retain(|sender| !sender.is_closed());
        }
        self.waiting.retain(|(_, line)| !line.is_empty());
        if self.waiting.iter().map(|(_, line)| line.len()).sum::<usize>() >= self.limits.of_all {
            return Err(Full);
        }
        let (sender, called) = oneshot::channel();
        let most = self.limits.of_one;
        match self.waiting.iter_mut().find(|(other, _)| *other == visitor) {
            Some((_, line)) if line.len() >= most => return Err(Full),
            Some((_, line)) => line.push_back(sender),
            None if most == 0 => return Err(Full),
            None => self.waiting.push_back((visitor, VecDeque::from([sender]))),
        }
        Ok(called)
    }

    /// The first of the next visitor who may have a place, and who then stands behind all others.
    fn next(&mut self) -> Option<(Visitor, oneshot::Sender<Place>)> {
        for _ in 0..self.waiting.len() {
            let (visitor, mut line) = self.waiting.pop_front()?;
            line.retain(|sender| !sender.is_closed());
            let first = if self.may_hold(visitor) { line.pop_front() } else { None };
            if !line.is_empty() {
                self.waiting.push_back((visitor, line));
            }
            if let Some(first) = first {
                return Some((visitor, first));
            }
        }
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let next = {
            let mut state = self.queue.state();
            state.give_back(self.visitor);
            let next = state.next();
            if let Some((visitor, _)) = next {
                state.take(visitor);
            }
            next
        };
        if let Some((visitor, sender)) = next {
            // Whoever left in this moment gives the place back by dropping it.
            let _ = sender.send(Self { queue: self.queue.clone(), visitor });
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

    const LIMITS: Limits = Limits { held: 2, of_one: 5, of_all: 8 };

    fn visitor(last: u8) -> Visitor {
        Some([192, 0, 2, last].into())
    }

    #[test]
    fn a_visitor_who_asks_once_is_not_behind_all_of_one_who_asks_much() {
        let queue = Queue::new(1, LIMITS);
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
        let queue = Queue::new(1, LIMITS);
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
        let queue = Queue::new(0, LIMITS);
        let mut all: Vec<_> =
            (0..LIMITS.of_one).map(|_| Box::pin(queue.enter(visitor(1)))).collect();
        assert!(all.iter_mut().all(|waiting| poll(waiting.as_mut()).is_pending()));
        assert!(matches!(poll(pin!(queue.enter(visitor(1)))), Poll::Ready(Err(Full))));
        assert!(poll(pin!(queue.enter(visitor(2)))).is_pending());
    }

    #[test]
    fn one_visitor_leaves_a_place_for_others_however_much_he_asks() {
        let queue = Queue::new(3, LIMITS);
        let mut held: Vec<_> = (0..2).map(|_| Box::pin(queue.enter(visitor(1)))).collect();
        let places: Vec<_> = held.iter_mut().map(|entering| poll(entering.as_mut())).collect();
        assert!(places.iter().all(Poll::is_ready));
        let mut third = pin!(queue.enter(visitor(1)));
        assert!(poll(third.as_mut()).is_pending());
        assert!(matches!(poll(pin!(queue.enter(visitor(2)))), Poll::Ready(Ok(_))));
        assert!(poll(third.as_mut()).is_pending());
        drop(places);
        assert!(matches!(poll(third.as_mut()), Poll::Ready(Ok(_))));
        assert_eq!(queue.free(), 3);
    }
}
