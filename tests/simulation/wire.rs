//! What stands between an operator and the clouds: it counts calls, takes time, loses and refuses some of them, and ends
//! the operator's run where it is told to.

mod bug;
mod fault;
mod operation;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use deployer::http::{HttpError, Sending, Transport};
use http::{Request, Response};
use tokio::sync::Notify;
use tokio::time::sleep;

pub(crate) use bug::Bug;
pub(crate) use fault::{Fault, Storm};
pub(crate) use operation::operation;

use crate::seed::Seed;
use crate::world::Clouds;

/// Where around a call a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    BeforeSend,
    AfterCommit,
    AfterResponse,
}

impl Point {
    pub(crate) const ALL: [Self; 3] = [Self::BeforeSend, Self::AfterCommit, Self::AfterResponse];
}

/// What is to happen to one run.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// Call (from 1) and point at which it ends.
    pub(crate) crash: Option<(u64, Point)>,
    pub(crate) storm: Option<Mutex<Storm>>,
    pub(crate) bug: Option<Bug>,
    /// Spreads the time that calls take; the order of whatever is ready comes from it.
    pub(crate) order: Option<Mutex<Seed>>,
    pub(crate) calls: AtomicU64,
    pub(crate) mutations: AtomicU64,
    pub(crate) killed: Notify,
    /// How often its user was asked to agree to a plan.
    pub(crate) asked: AtomicU64,
    pub(crate) trace: Mutex<Vec<Call>>,
}

/// One call as the wire saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Which of the run's calls it is, from 1.
    pub(crate) sent: u64,
    pub(crate) operation: String,
    pub(crate) path: String,
    /// 0: no answer came back.
    pub(crate) status: u16,
    /// What it could meet, and what it met.
    pub(crate) possible: Vec<Fault>,
    pub(crate) fault: Option<Fault>,
    /// Whether it is only to be carried out on the version that was seen.
    pub(crate) guarded: bool,
    /// When the service carried it out, in milliseconds of simulated time; none when it never arrived.
    pub(crate) arrived: Option<u64>,
    /// Whether the service did what it was asked, be it that nobody heard of it.
    pub(crate) accepted: bool,
    /// Its place among all that arrived.
    pub(crate) number: u64,
}

impl Call {
    pub(crate) fn is_mutation(&self) -> bool {
        is_mutation(&self.operation)
    }

    /// Whether it asks, and changes nothing.
    pub(crate) fn reads(&self) -> bool {
        self.operation.starts_with("GET ") || self.operation.starts_with("HEAD ")
    }

    /// Whether it takes, keeps or gives back the lease.
    pub(crate) fn is_lease_write(&self) -> bool {
        self.operation.starts_with("PUT /n/") && self.path.ends_with("lease.json")
    }
}

/// Whether a call changes what `up` is about. Orders at the ACME authority and the lease are not.
fn is_mutation(operation: &str) -> bool {
    !operation.starts_with("GET ")
        && !operation.starts_with("HEAD ")
        && !operation.contains("/acme/")
        && !operation.contains(" /n/")
}

impl Script {
    pub(crate) fn crashing(call: u64, point: Point) -> Self {
        Self { crash: Some((call, point)), ..Self::default() }
    }

    /// Calls take different times, so that what is ready at once is carried out in another order for every seed.
    pub(crate) fn ordered(seed: u64) -> Self {
        Self { order: Some(Mutex::new(Seed::new(seed))), ..Self::default() }
    }

    pub(crate) fn trace(&self) -> Vec<Call> {
        locked(&self.trace).clone()
    }

    /// The run ends here: whoever waits for this call waits for ever, and is dropped.
    async fn die(&self) -> ! {
        self.killed.notify_one();
        loop {
            std::future::pending::<()>().await;
        }
    }

    /// How long one way takes.
    fn way(&self) -> Duration {
        let Some(order) = &self.order else { return Duration::from_millis(1) };
        Duration::from_micros(500 + locked(order).below(20_000))
    }

    fn fault(&self, request: &Request<Bytes>, operation: &str) -> Option<Fault> {
        locked(self.storm.as_ref()?).strike(request, operation)
    }

    fn write_down(&self, call: Call) {
        if talks() {
            let Call { operation, status, fault, arrived, .. } = &call;
            println!("  {arrived:?} {operation} {status} {fault:?}");
        }
        locked(&self.trace).push(call);
    }
}

/// The transport of one run. What was sent travels on, whether or not its sender still waits, is awake or lives.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) clouds: Arc<Clouds>,
    pub(crate) script: Arc<Script>,
}

impl Transport for Wire {
    fn send(&self, request: Request<Bytes>) -> Sending<'_> {
        let (wire, url) = (self.clone(), request.uri().to_string());
        let travel = tokio::spawn(async move { wire.exchange(request).await });
        Box::pin(async move { travel.await.unwrap_or(Err(HttpError::Broken { url, sent: true })) })
    }
}

impl Wire {
    async fn exchange(self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let script = &self.script;
        let number = script.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let ends_at = |point| script.crash == Some((number, point));
        if ends_at(Point::BeforeSend) {
            script.die().await;
        }
        let operation = operation(&request);
        if is_mutation(&operation) {
            script.mutations.fetch_add(1, Ordering::Relaxed);
        }
        let (path, url) = (request.uri().path().to_owned(), request.uri().to_string());
        let fault = script.fault(&request, &operation);
        let guarded = request.headers().contains_key("if-match");
        let possible =
            if script.storm.is_some() { fault::possible(&request, &operation) } else { Vec::new() };
        let mut call = Call {
            sent: number,
            operation,
            path,
            status: 0,
            possible,
            fault,
            guarded,
            arrived: None,
            accepted: false,
            number: 0,
        };
        sleep(script.way()).await;
        let outcome = self.carried(request, fault, &mut call).await;
        if let Ok(response) = &outcome {
            call.status = response.status().as_u16();
        }
        script.write_down(call);
        if ends_at(Point::AfterCommit) {
            script.die().await;
        }
        sleep(script.way()).await;
        if ends_at(Point::AfterResponse) {
            script.killed.notify_one();
        }
        outcome.map_err(|sent| HttpError::Broken { url, sent })
    }

    /// The call with its fault; an error says whether the other side may have read it.
    async fn carried(
        &self,
        request: Request<Bytes>,
        fault: Option<Fault>,
        call: &mut Call,
    ) -> Result<Response<Bytes>, bool> {
        match fault {
            Some(Fault::Unreached) => Err(false),
            Some(Fault::LostRequest) => {
                sleep(fault::ATTEMPT).await;
                Err(true)
            }
            Some(Fault::LostAnswer) => {
                self.answered(request, call).await;
                sleep(fault::ATTEMPT).await;
                Err(true)
            }
            Some(Fault::Slow(seconds)) => {
                sleep(Duration::from_secs(seconds)).await;
                Ok(self.answered(request, call).await)
            }
            Some(refused) => Ok(refused.answer(&request)),
            None => Ok(self.answered(request, call).await),
        }
    }

    async fn answered(&self, request: Request<Bytes>, call: &mut Call) -> Response<Bytes> {
        call.arrived = Some(self.clouds.milliseconds());
        call.number = self.clouds.arrived();
        let response = match self.script.bug {
            Some(bug) => bug.exchange(&self.clouds, request).await,
            None => self.clouds.send(request).await,
        };
        call.accepted = response.status().is_success();
        call.guarded &= self.script.bug != Some(Bug::EtagDropped);
        response
    }
}

/// Whether a replay is to tell what happens.
pub(crate) fn talks() -> bool {
    static TALKS: LazyLock<bool> = LazyLock::new(|| std::env::var_os("SIMULATION_TALK").is_some());
    *TALKS
}

pub(crate) fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
