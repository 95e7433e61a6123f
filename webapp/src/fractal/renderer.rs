//! Computes jobs beside the async threads: shallow ones and deep ones on threads of their own, so that one kind never
//! waits for the other; for one visitor after the other; and only for as long as somebody waits for the result.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use mandelbrot::{Cancel, Cancelled, Job, Plan, Raw, References};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;

use super::ledger::Ledger;
use crate::problem::Problem;
use crate::queue::{Limits, Place, Queue};

/// How long a job may wait for its turn, and how long it may take then. Together they are less than a request may take.
const PATIENCE: Duration = Duration::from_secs(8);
const DEADLINE: Duration = Duration::from_secs(20);
/// Jobs that should take longer are not begun.
const MOST: Duration = Duration::from_secs(100);
/// More than a screen full of tiles of one visitor may wait.
const LIMITS: Limits = Limits { held: usize::MAX, of_one: 256, of_all: 2_048 };
/// Bytes of answers, and of reference orbits, that are kept for whoever asks next.
const KEPT: u64 = 48 << 20;
const REFERENCES: usize = 48 << 20;

/// Everything that computes fractals.
#[derive(Debug)]
pub(crate) struct Renderer {
    references: Arc<References>,
    shallow: Lane,
    deep: Lane,
    ledger: Arc<Ledger>,
    /// Finished answers by their address.
    kept: Cache<String, Bytes, Weight>,
}

/// Threads, and the queue for them.
#[derive(Debug)]
struct Lane {
    pool: ThreadPool,
    queue: Queue,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<String, Bytes> for Weight {
    fn weight(&self, address: &String, answer: &Bytes) -> u64 {
        (address.len() + answer.len()) as u64 + 64
    }
}

impl Renderer {
    pub(crate) fn new() -> Self {
        Self {
            references: Arc::new(References::new(REFERENCES)),
            shallow: Lane::new(),
            deep: Lane::new(),
            ledger: Arc::default(),
            kept: Cache::with_weighter(4_096, KEPT, Weight),
        }
    }

    /// Returns a kept answer, or makes it; whoever asks for the same meanwhile gets the same.
    pub(crate) async fn once(
        &self,
        address: &str,
        make: impl Future<Output = Result<Bytes, Problem>>,
    ) -> Result<Bytes, Problem> {
        self.kept.get_or_insert_async(address, make).await
    }

    /// Computes a job at a visitor's expense.
    pub(crate) async fn draw(&self, visitor: Option<IpAddr>, job: Job) -> Result<Raw, Problem> {
        let plan = mandelbrot::plan(&job);
        let references = Arc::clone(&self.references);
        let work = move |cancel: &Cancel| mandelbrot::draw(&job, &references, cancel);
        self.run(visitor, plan, work).await
    }

    /// Does work that a plan was made for.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        visitor: Option<IpAddr>,
        plan: Plan,
        work: impl FnOnce(&Cancel) -> Result<T, Cancelled> + Send + 'static,
    ) -> Result<T, Problem> {
        let price = price(&plan);
        if price > MOST {
            let fewer = "fewer at this depth and size: this would take minutes";
            return Err(Problem::parameter("iterations", fewer));
        }
        self.ledger.pay(visitor, price, Instant::now()).map_err(Problem::too_much)?;
        let mut bill = Bill { ledger: Arc::clone(&self.ledger), visitor, price, begun: None };
        let lane = if plan.deep { &self.deep } else { &self.shallow };
        let place = tokio::time::timeout(PATIENCE, lane.queue.enter(visitor)).await;
        let place = place.ok().and_then(Result::ok).ok_or_else(Problem::busy)?;
        bill.begun = Some(Instant::now());
        let done = tokio::time::timeout(DEADLINE, lane.begin(place, work)).await;
        done.map_err(|_| Problem::too_slow(DEADLINE))?
    }
}

impl Lane {
    fn new() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        Self { pool: pool.expect("threads can be started"), queue: Queue::new(threads, LIMITS) }
    }

    /// Does work on the threads of this lane until it is done or nobody waits any more.
    async fn begin<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce(&Cancel) -> Result<T, Cancelled> + Send + 'static,
    ) -> Result<T, Problem> {
        let (sender, done) = oneshot::channel();
        let cancel = Arc::new(Cancel::default());
        let _ends_with_the_visitor = CancelledOnDrop(Arc::clone(&cancel));
        self.pool.spawn(move || {
            let result = work(&cancel);
            drop(place);
            // Nobody is there any more when it was cancelled.
            let _ = sender.send(result);
        });
        // A sender that is gone without a word had a thread that panicked.
        let result = done.await.map_err(|_| Problem::internal())?;
        result.map_err(|Cancelled| Problem::internal())
    }
}

struct CancelledOnDrop(Arc<Cancel>);

impl Drop for CancelledOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What was paid; settled however the work ends.
struct Bill {
    ledger: Arc<Ledger>,
    visitor: Option<IpAddr>,
    price: Duration,
    begun: Option<Instant>,
}

impl Drop for Bill {
    fn drop(&mut self) {
        let took = self.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        self.ledger.settle(self.visitor, self.price, took);
    }
}

/// What a job takes at most, or nearly: steps at the speed of an old core, and at depth the reference orbit, whose
/// multiplications grow with the square of its digits, and the jumps that most pixels make along it.
fn price(plan: &Plan) -> Duration {
    let steps = plan.most_steps as f64;
    let seconds = if plan.deep {
        let limbs = f64::from(plan.bits) / 64.0;
        let orbit = plan.orbit_steps as f64 * (30.0 + 1.5 * limbs * limbs);
        let step = if plan.beyond_floats { 20.0 } else { 2.0 };
        (orbit + steps.min(plan.pixels as f64 * 600.0 + steps / 64.0) * step) * 1e-9
    } else {
        steps * 0.4e-9
    };
    Duration::try_from_secs_f64(seconds + 0.001).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use mandelbrot::{Tile, View, plan};

    use super::*;

    fn price_of(tile: &str, limit: u32) -> Duration {
        let parts: Vec<&str> = tile.split('/').collect();
        let tile = Tile::new(parts[0].parse().unwrap(), parts[1], parts[2]).unwrap();
        price(&plan(&tile.job(limit).unwrap()))
    }

    #[test]
    fn what_people_look_at_is_cheap_and_what_would_block_the_site_is_refused() {
        assert!(price_of("2/-1/-1", 256) < Duration::from_millis(20));
        assert!(price_of("40/0/0", 8_192) < Duration::from_millis(500));
        assert!(price_of("900/0/0", 1 << 21) < MOST);
        assert!(price_of("3600/0/0", 1 << 20) < MOST);
        let view = View::around((0.0, 0.0), 3.0, (2048, 2048)).unwrap();
        assert!(price(&plan(&Job::new(view, 20_000_000).unwrap())) > MOST);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_cancelled_and_paid_for_no_longer() {
        let renderer = Renderer::new();
        let view = View::around((0.0, 0.0), 3.0, (64, 64)).unwrap();
        let plan = plan(&Job::new(view, 100).unwrap());
        let (begun, has_begun) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let work = move |cancel: &Cancel| {
            let _ = begun.send(());
            while !cancel.is_cancelled() {
                std::thread::yield_now();
            }
            let _ = ended.send(());
            Err::<(), _>(Cancelled)
        };
        tokio::select! {
            _ = renderer.run(None, plan, work) => panic!("it ends only when it is cancelled"),
            _ = has_begun => {}
        }
        has_ended.await.unwrap();
        assert_eq!(renderer.run(None, plan, |_| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn the_same_answer_is_made_once() {
        let renderer = Renderer::new();
        let made = std::sync::atomic::AtomicU32::new(0);
        let make = || async {
            tokio::task::yield_now().await;
            made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(Bytes::from_static(b"tile"))
        };
        let (one, other) = tokio::join!(renderer.once("a", make()), renderer.once("a", make()));
        assert_eq!(one.unwrap(), other.unwrap());
        assert_eq!(made.into_inner(), 1);
    }
}
