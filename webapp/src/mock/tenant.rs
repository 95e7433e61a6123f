//! One visitor's workspace: the engine behind a lock, the key to it, and who watches.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{SystemTime, UNIX_EPOCH};

use mock::{Reply, Request, Seeded, Workspace};
use tokio::sync::{Semaphore, broadcast};

use super::live::Event;

/// How many events a watcher may be behind before it is told that some are left out.
const EVENTS_KEPT: usize = 256;
/// The most watchers of one workspace.
const WATCHERS: usize = 8;

/// A workspace and everything around it.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    /// Opens the admin API.
    pub(crate) token: String,
    /// Whose it is, for the number that one visitor may have; unknown after a restart.
    pub(crate) maker: Option<IpAddr>,
    engine: Mutex<Engine>,
    pub(crate) events: broadcast::Sender<Arc<str>>,
    pub(crate) watchers: Arc<Semaphore>,
    /// When it was last used, in milliseconds since 1970.
    used: AtomicI64,
    /// Whether the store is behind.
    changed: AtomicBool,
    /// The size of its content when it was last looked at, in bytes.
    weight: AtomicUsize,
}

#[derive(Debug)]
struct Engine {
    workspace: Workspace,
    random: Seeded,
}

impl Tenant {
    pub(crate) fn new(
        id: String,
        token: String,
        maker: Option<IpAddr>,
        workspace: Workspace,
    ) -> Self {
        Self {
            token,
            maker,
            weight: AtomicUsize::new(workspace.weight()),
            engine: Mutex::new(Engine { workspace, random: Seeded(seed()) }),
            events: broadcast::Sender::new(EVENTS_KEPT),
            watchers: Arc::new(Semaphore::new(WATCHERS)),
            used: AtomicI64::new(now()),
            changed: AtomicBool::new(true),
            id,
        }
    }

    /// Answers a request to the mock API and tells those who watch.
    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let at = self.touch();
        let mut engine = self.lock();
        let Engine { workspace, random } = &mut *engine;
        let before = workspace.crud.bytes();
        let mut reply = workspace.answer(request, at, random);
        if workspace.crud.bytes() != before {
            self.changed.store(true, Ordering::Relaxed);
        }
        if workspace.settings.cors {
            reply = with_cors(request, reply);
        }
        if self.events.receiver_count() > 0 {
            let id = workspace.journal.newest_first().next().map(|served| served.id.as_str());
            let event = Event { id, at, request, reply: &reply }.to_json();
            // Nobody may have been left since.
            let _ = self.events.send(event.into());
        }
        reply
    }

    /// Answers a request to the admin API. Content beyond `most` bytes is refused.
    pub(crate) fn admin(&self, request: &Request, most: usize) -> Reply {
        let at = self.touch();
        let mut engine = self.lock();
        let Engine { workspace, random } = &mut *engine;
        let adds = matches!(request.method.as_str(), "POST" | "PUT");
        if adds && workspace.weight() + request.body.len() > most.max(request.body.len()) {
            return Reply::text(507, "all workspaces together are full; remove some stubs or data");
        }
        let reply = workspace.admin(request, at, random);
        if request.method != "GET" {
            self.weight.store(workspace.weight(), Ordering::Relaxed);
            self.changed.store(true, Ordering::Relaxed);
        }
        reply
    }

    /// Gives the workspace so much room for its journal, in bytes.
    pub(crate) fn limit_journal(&self, bytes: usize) {
        self.lock().workspace.journal.limit_to(bytes);
    }

    /// The content, if it changed since it was asked for the last time.
    pub(crate) fn changes(&self) -> Option<String> {
        self.changed
            .swap(false, Ordering::Relaxed)
            .then(|| self.lock().workspace.export().to_string())
    }

    /// Says that the content is still to be kept.
    pub(crate) fn not_kept(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight.load(Ordering::Relaxed)
    }

    /// Milliseconds since 1970.
    pub(crate) fn last_used(&self) -> i64 {
        self.used.load(Ordering::Relaxed)
    }

    fn touch(&self) -> i64 {
        let now = now();
        self.used.store(now, Ordering::Relaxed);
        now
    }

    /// Whether somebody else is being answered.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.engine.try_lock(), Err(TryLockError::WouldBlock))
    }

    /// A panic while the lock was held leaves a workspace that still answers.
    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets pages of any origin read the answer; a preflight that no stub answers is answered here.
fn with_cors(request: &Request, mut reply: Reply) -> Reply {
    let preflight =
        request.method == "OPTIONS" && request.header("access-control-request-method").is_some();
    if preflight && reply.stub.is_none() {
        let why = "preflight of another origin";
        let asked = request.header("access-control-request-headers").unwrap_or("*").to_owned();
        reply = Reply::new(204)
            .with_header(
                "Access-Control-Allow-Methods",
                "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            )
            .with_header("Access-Control-Allow-Headers", asked)
            .because(why);
    }
    if reply.header("access-control-allow-origin").is_none() {
        reply = reply.with_header("Access-Control-Allow-Origin", "*");
    }
    reply
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn seed() -> u64 {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => now().unsigned_abs(),
    }
}
