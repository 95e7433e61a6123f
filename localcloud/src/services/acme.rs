//! An ACME certificate authority (RFC 8555, RFC 9773, the profiles extension) over this cloud's own [`Authority`].
//!
//! Good enough for clients that know nothing of us: instant-acme, certbot, lego, dehydrated. Validation asks the
//! cloud's DNS over a real socket. State survives a restart; URLs are made from the base of each request.
//!
//! [`Authority`]: crate::authority::Authority

mod account;
mod answer;
mod authorization;
mod caa;
mod certificate;
mod challenge;
mod directory;
mod finalize;
mod http01;
mod jwk;
mod jws;
mod key_change;
mod lookup;
mod nonce;
mod order;
mod policy;
mod problem;
mod renewal;
mod revocation;
mod route;
mod state;
#[cfg(test)]
mod tests;
mod validation;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, Request};
use tokio::task::JoinSet;

use self::answer::Answer;
use self::jws::Call;
use self::lookup::Resolver;
use self::nonce::Nonces;
pub use self::policy::Policy;
use self::problem::{Kind, Problem};
pub(super) use self::route::OPERATIONS;
use self::route::Route;
use self::state::World;
use super::Reply;
use crate::cloud::Cloud;
use crate::document::Document;

/// The authority's front end, validation and issuance.
#[derive(Debug)]
pub struct AcmeService {
    cloud: Arc<Cloud>,
    /// The authoritative DNS of this cloud; every validation asks it.
    resolver: Resolver,
    world: Document<World>,
    nonces: Nonces,
    policy: Mutex<Policy>,
    /// Validations and issuances under way; they end with the service.
    working: Mutex<JoinSet<()>>,
    /// Whether work that a restart interrupted was taken up again.
    resumed: std::sync::Once,
}

impl AcmeService {
    /// Opens the state kept in the cloud's folder.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(cloud: Arc<Cloud>, resolver: SocketAddr) -> io::Result<Arc<Self>> {
        Self::furnish(cloud, Resolver::Server(resolver))
    }

    /// The authority of a simulation: it looks at the zones without asking a server.
    pub(crate) fn simulate(cloud: Arc<Cloud>) -> io::Result<Arc<Self>> {
        let resolver = Resolver::Zones(Arc::clone(&cloud));
        Self::furnish(cloud, resolver)
    }

    fn furnish(cloud: Arc<Cloud>, resolver: Resolver) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            world: Document::keep(cloud.folder(), "acme")?,
            cloud,
            resolver,
            nonces: Nonces::default(),
            policy: Mutex::default(),
            working: Mutex::default(),
            resumed: std::sync::Once::new(),
        }))
    }

    /// Whether a path is one of this authority's.
    pub(crate) fn serves(path: &str) -> bool {
        path == "/directory" || path == "/terms" || path.starts_with("/acme/")
    }

    /// The operation that a path means; empty when it means none.
    pub(crate) fn operation(path: &str) -> &'static str {
        Route::of(path).map(|route| route.operation()).unwrap_or_default()
    }

    /// What this authority allows at present.
    pub fn policy(&self) -> Policy {
        self.policy.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what this authority allows; holds until the process ends.
    pub fn set_policy(&self, policy: Policy) {
        *self.policy.lock().unwrap_or_else(PoisonError::into_inner) = policy;
    }

    /// Answers one request; `base` is the origin that clients use, for example `https://127.0.0.1:14000`.
    pub async fn handle(self: &Arc<Self>, request: Request<Bytes>, base: &str) -> Reply {
        self.resumed.call_once(|| self.resume());
        let Some(route) = Route::of(request.uri().path()) else {
            let response =
                self.finish(Err(Problem::new(Kind::NotFound, "no such resource")), base, true);
            return Reply { operation: String::new(), mutating: false, response };
        };
        let operation = route.operation();
        let head = request.method() == Method::HEAD;
        let (mutating, outcome) = match self.cloud.faults.strike("acme", operation) {
            Some(status) => (route.writes(), Err(Problem::planned(status))),
            None => self.carry_out(&route, &request, base),
        };
        let mut response = self.finish(outcome, base, request.method() != Method::GET);
        if head {
            *response.body_mut() = Bytes::new();
        }
        // Handing over to the validations that this call began keeps a single-threaded test going.
        tokio::task::yield_now().await;
        Reply { operation: operation.to_owned(), mutating, response }
    }

    /// Whether the call asked for a change, and what came of it.
    fn carry_out(
        self: &Arc<Self>,
        route: &Route<'_>,
        request: &Request<Bytes>,
        base: &str,
    ) -> (bool, Result<Answer, Problem>) {
        let method = request.method();
        if method == Method::GET || method == Method::HEAD {
            return (false, self.read(route, method, base));
        }
        if method != Method::POST {
            return (
                false,
                Err(Problem::new(Kind::MethodNotAllowed, format!("{method} is not used here"))),
            );
        }
        match self.admit(request, base) {
            Ok(call) => (route.writes() && !call.payload.is_empty(), self.post(route, &call)),
            Err(problem) => (route.writes(), Err(problem)),
        }
    }

    /// The resources that need no signature.
    fn read(&self, route: &Route<'_>, method: &Method, base: &str) -> Result<Answer, Problem> {
        match route {
            Route::Directory => Ok(self.directory(base)),
            Route::NewNonce if method == Method::HEAD => Ok(Answer::empty(200)),
            Route::NewNonce => Ok(Answer::empty(204)),
            Route::Terms => {
                Ok(Answer::text("Certificates of this authority are for this machine alone.\n"))
            }
            Route::RenewalInfo(id) => self.renewal_info(id),
            _ => Err(Problem::new(Kind::MethodNotAllowed, "this resource is read by POST-as-GET")),
        }
    }

    fn post(self: &Arc<Self>, route: &Route<'_>, call: &Call) -> Result<Answer, Problem> {
        match route {
            Route::Directory => Ok(self.directory(&call.base)),
            Route::NewAccount => self.new_account(call),
            Route::Account(id) => self.account(call, id),
            Route::AccountOrders(id) => self.account_orders(call, id),
            Route::NewOrder => self.new_order(call),
            Route::Order(id) => self.order(call, id),
            Route::Finalize(id) => self.finalize(call, id),
            Route::Authorization(id) => self.authorization(call, id),
            Route::Challenge(id, kind) => self.challenge(call, id, kind),
            Route::Certificate(id) => self.certificate(call, id),
            Route::RevokeCert => self.revoke(call),
            Route::KeyChange => self.key_change(call),
            Route::NewNonce | Route::Terms | Route::RenewalInfo(_) => {
                Err(Problem::new(Kind::MethodNotAllowed, "this resource is read by GET"))
            }
        }
    }

    /// Adds what every answer carries (RFC 8555 sections 6.5 and 7.1).
    fn finish(
        &self,
        outcome: Result<Answer, Problem>,
        base: &str,
        wants_nonce: bool,
    ) -> http::Response<Bytes> {
        let mut answer = outcome.unwrap_or_else(|problem| problem.answer(base));
        if wants_nonce || answer.status == 204 {
            answer = answer.with("replay-nonce", self.nonces.issue(self.cloud.clock.now()));
        }
        answer.with("link", format!("<{base}/directory>;rel=\"index\"")).respond()
    }

    /// Runs work that outlives the call that began it.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        while working.try_join_next().is_some() {}
        working.spawn(work);
    }
}
