//! Stops the world at one call: from that call on nothing is carried out, or nothing after it, until it is released.
//!
//! What is held before it is carried out never will be. So whoever kills a client while the world stands still knows how
//! many of its calls were carried out: those before the one that was held, and that one too when its answer was.

use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// Where the world is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The number of the call, counted from 1 as calls of any service arrive from now on.
    pub call: u64,
    #[serde(default)]
    pub point: Point,
    /// Whether GET and HEAD do not count.
    #[serde(default)]
    pub changes_only: bool,
}

/// On which side of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// It has arrived, and nothing of it is carried out.
    #[default]
    Before,
    /// It is carried out, and its answer is not sent.
    After,
}

/// What a gate shows of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The call that the world stands still at, once it does: its service, method and path.
    pub stopped_at: Option<String>,
    /// How many calls are held: that one, and those that arrived later.
    pub held: u64,
}

/// What every call to a control plane passes.
#[derive(Debug, Default)]
pub struct Gate {
    plan: watch::Sender<Plan>,
    held: AtomicU64,
}

#[derive(Debug, Default)]
struct Plan {
    hold: Option<Hold>,
    stopped_at: Option<String>,
}

/// Which way a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Through,
    /// To the end of the stop, and away.
    Nowhere,
    /// As the call that the world stops at.
    Stops(Point),
}

impl Gate {
    /// Plans a stop, in the place of one that was planned before.
    pub fn plan(&self, hold: Hold) {
        self.plan.send_replace(Plan { hold: Some(hold), stopped_at: None });
    }

    /// Lets later calls pass again, answers the one that was carried out, and refuses the others that are held.
    pub fn release(&self) {
        self.plan.send_replace(Plan::default());
    }

    pub fn standing(&self) -> Standing {
        let stopped_at = self.plan.borrow().stopped_at.clone();
        Standing { stopped_at, held: self.held.load(Ordering::SeqCst) }
    }

    /// Does the work of a call, unless it was held before; `shown` is its service and path.
    pub(crate) async fn pass<T>(
        &self,
        method: &Method,
        shown: (&str, &str),
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let way = self.way(!matches!(*method, Method::GET | Method::HEAD));
        let stop = || format!("{} {method} {}", shown.0, shown.1);
        match way {
            Way::Through => Some(work.await),
            Way::Nowhere => {
                self.hold(None).await;
                None
            }
            Way::Stops(Point::Before) => {
                self.hold(Some(stop())).await;
                None
            }
            Way::Stops(Point::After) => {
                let answer = work.await;
                self.hold(Some(stop())).await;
                Some(answer)
            }
        }
    }

    fn way(&self, is_change: bool) -> Way {
        let mut way = Way::Through;
        self.plan.send_if_modified(|plan| {
            if let Some(hold) = &mut plan.hold {
                way = hold.meets(is_change);
            }
            false
        });
        way
    }

    async fn hold(&self, stopped_at: Option<String>) {
        let _held = Held::among(&self.held);
        let mut plan = self.plan.subscribe();
        if stopped_at.is_some() {
            self.plan
                .send_modify(|plan| plan.stopped_at = stopped_at.filter(|_| plan.hold.is_some()));
        }
        // The sender lives as long as the gate.
        let _released = plan.wait_for(|plan| plan.hold.is_none()).await;
    }
}

impl Hold {
    /// Counts a call that arrives.
    fn meets(&mut self, is_change: bool) -> Way {
        if self.call == 0 {
            return Way::Nowhere;
        }
        if self.changes_only && !is_change {
            return Way::Through;
        }
        self.call -= 1;
        if self.call == 0 { Way::Stops(self.point) } else { Way::Through }
    }
}

/// Counts one call as held, until it goes on or its client goes away.
struct Held<'a>(&'a AtomicU64);

impl<'a> Held<'a> {
    fn among(held: &'a AtomicU64) -> Self {
        held.fetch_add(1, Ordering::SeqCst);
        Self(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::task::{Context, Poll, Waker};

    use super::*;

    type Call<'a> = std::pin::Pin<Box<dyn Future<Output = Option<()>> + 'a>>;

    /// Calls that write their name down when they are carried out.
    fn calls<'a>(gate: &'a Gate, done: &'a RefCell<Vec<&'static str>>) -> Vec<Call<'a>> {
        let call = |(method, path)| -> Call<'a> {
            let work = async move { done.borrow_mut().push(path) };
            Box::pin(async move { gate.pass(&method, ("oci", path), work).await })
        };
        [
            (Method::POST, "/one"),
            (Method::GET, "/two"),
            (Method::POST, "/three"),
            (Method::GET, "/four"),
        ]
        .map(call)
        .into()
    }

    fn polled(calls: &mut [Call<'_>]) -> Vec<Poll<Option<()>>> {
        calls
            .iter_mut()
            .map(|call| call.as_mut().poll(&mut Context::from_waker(Waker::noop())))
            .collect()
    }

    #[test]
    fn after_a_call_its_answer_is_held_and_the_next_is_refused_at_the_release() {
        let (gate, done) = (Gate::default(), RefCell::default());
        gate.plan(Hold { call: 2, point: Point::After, changes_only: true });
        let mut calls = calls(&gate, &done);
        let through = Poll::Ready(Some(()));
        assert_eq!(polled(&mut calls), [through, through, Poll::Pending, Poll::Pending]);
        let stopped_at = Some("oci POST /three".to_owned());
        assert_eq!(gate.standing(), Standing { stopped_at, held: 2 });
        gate.release();
        assert_eq!(polled(&mut calls[2..]), [through, Poll::Ready(None)]);
        assert_eq!(*done.borrow(), ["/one", "/two", "/three"]);
        assert_eq!(gate.standing(), Standing::default());
    }

    #[test]
    fn before_a_call_it_and_all_later_ones_are_held_and_never_carried_out() {
        let (gate, done) = (Gate::default(), RefCell::default());
        gate.plan(Hold { call: 2, point: Point::Before, changes_only: false });
        let mut calls = calls(&gate, &done);
        assert_eq!(polled(&mut calls)[1..], [Poll::Pending; 3]);
        assert_eq!(gate.standing().stopped_at.as_deref(), Some("oci GET /two"));
        gate.release();
        assert_eq!(polled(&mut calls[1..]), [Poll::Ready(None); 3]);
        assert_eq!(*done.borrow(), ["/one"]);
    }
}
