//! Which backend of a set takes the next request.

pub(crate) mod persistence;
pub(crate) mod pool;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustls::ClientConfig;

use crate::dataplane::balancer::persistence::Persistence;
use crate::dataplane::balancer::pool::Pool;
use crate::model::load_balancer::SslConfiguration;

/// A backend set, compiled.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) policy: Policy,
    pub(crate) backends: Vec<Backend>,
    pub(crate) persistence: Option<Persistence>,
    /// TLS towards the backends, and what it was made of.
    pub(crate) ssl: Option<SslConfiguration>,
    pub(crate) tls: Option<Arc<ClientConfig>>,
    pub(crate) turn: AtomicUsize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    RoundRobin,
    LeastConnections,
    IpHash,
}

/// A backend as configured, with what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Backend {
    /// `ip:port`, as the vendor writes it.
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    pub(crate) weight: usize,
    pub(crate) drain: bool,
    pub(crate) backup: bool,
    pub(crate) offline: bool,
    /// Connections at a time; 0: no limit.
    pub(crate) most: usize,
    pub(crate) state: Arc<State>,
    pub(crate) pool: Arc<Pool>,
}

/// What outlives a change of the configuration.
#[derive(Debug, Default)]
pub(crate) struct State {
    healthy: AtomicBool,
    active: AtomicUsize,
}

/// A request or connection that a backend is busy with, counted until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    state: Arc<State>,
}

/// Who asks, and which backends are out of the question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) source: IpAddr,
    /// Backends that were tried for this request, by name.
    pub(crate) tried: &'a [String],
}

impl Set {
    /// The backend for a request, if any can take it: healthy, neither draining nor offline nor full; backups only when
    /// no primary can.
    pub(crate) fn pick(&self, asker: Asker<'_>) -> Option<&Backend> {
        let of = |backup: bool| {
            let fitting = move |b: &&Backend| b.backup == backup && !b.drain && b.can_serve(asker);
            self.backends.iter().filter(fitting).collect::<Vec<_>>()
        };
        let primaries = of(false);
        let fitting = if primaries.is_empty() { of(true) } else { primaries };
        match self.policy {
            Policy::RoundRobin => by_weight(&fitting, self.turn.fetch_add(1, Ordering::Relaxed)),
            Policy::IpHash => by_weight(&fitting, hash(asker.source)),
            // Compared by active / weight without dividing.
            Policy::LeastConnections => fitting.into_iter().min_by(|a, b| {
                (a.state.active() * b.weight.max(1)).cmp(&(b.state.active() * a.weight.max(1)))
            }),
        }
    }

    /// The backend that a session belongs to, while it works; draining does not end sessions.
    pub(crate) fn pick_named(&self, name: &str, asker: Asker<'_>) -> Option<&Backend> {
        self.backends.iter().find(|b| b.name == name && b.can_serve(asker))
    }
}

impl Backend {
    /// Counts a connection until the lease is dropped.
    pub(crate) fn lease(&self) -> Lease {
        self.state.active.fetch_add(1, Ordering::Relaxed);
        Lease { state: self.state.clone() }
    }

    fn can_serve(&self, asker: Asker<'_>) -> bool {
        let full = self.most > 0 && self.state.active() >= self.most;
        self.state.is_healthy() && !self.offline && !full && !asker.tried.contains(&self.name)
    }
}

impl State {
    pub(crate) fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    pub(crate) fn set_healthy(&self, healthy: bool) {
        self.healthy.store(healthy, Ordering::Relaxed);
    }

    fn active(&self) -> usize {
        self.active.load(Ordering::Relaxed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.state.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The backend at a place of the row in which each one stands as often as it weighs.
fn by_weight<'b>(backends: &[&'b Backend], place: usize) -> Option<&'b Backend> {
    let total: usize = backends.iter().map(|b| b.weight).sum();
    let mut place = place.checked_rem(total)?;
    backends.iter().copied().find(|backend| {
        let here = place < backend.weight;
        place = place.wrapping_sub(backend.weight);
        here
    })
}

/// FNV-1a; the same source gets the same backend across restarts.
fn hash(source: IpAddr) -> usize {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = match source.to_canonical() {
        IpAddr::V4(v4) => v4.octets().iter().fold(0xcbf2_9ce4_8422_2325, fold),
        IpAddr::V6(v6) => v6.octets().iter().fold(0xcbf2_9ce4_8422_2325, fold),
    };
    usize::try_from(hash >> 33).unwrap_or_default()
}

#[cfg(test)]
mod tests;
