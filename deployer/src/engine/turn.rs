//! Taking turns: the lease around a round, or none when the environment does without.

use std::collections::BTreeMap;
use std::time::Duration;

use deployer_core::address::Address;

use super::LOOKS;
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::lease::{Acquired, Applicant, Config, Lease, Seen};
use crate::session::{Seat, Session};

/// A run that may come to need the lease; none waits for anybody with `lease = false`.
pub(super) struct Turn<'a> {
    session: &'a Session,
    applicant: Option<Applicant>,
}

/// Address to digest of what was asked for when it was applied last.
pub(super) type Applied = BTreeMap<Address, String>;

impl<'a> Turn<'a> {
    /// `command` is what others are told who wait, `patience` how long this one waits for them.
    pub(super) fn new(session: &'a Session, command: &str, patience: Duration) -> Self {
        let clouds = &session.clouds;
        let Seat { client, holder, nonce, pace, .. } = &session.seat;
        let config = || Config {
            client: client.clone(),
            namespace: clouds.namespace.clone(),
            compartment: clouds.compartment.clone(),
            uid: clouds.environment.uid.clone(),
            holder: holder.clone(),
            place: clouds.store.place(),
            command: format!("deployer {command}"),
            nonce: nonce.clone(),
            pace: *pace,
            patience,
            listener: clouds.listener.clone(),
        };
        Self { session, applicant: clouds.environment.lease.then(|| Applicant::new(config())) }
    }

    pub(super) async fn look(&self) -> Result<Seen, Failure> {
        match &self.applicant {
            Some(applicant) => applicant.look().await,
            None => Ok(Seen::nothing()),
        }
    }

    /// Removes the lease once nobody has it, for good: nothing is to be written in its turn any more.
    pub(super) async fn end(&self) -> Result<(), Failure> {
        let Some(applicant) = &self.applicant else { return Ok(()) };
        for _ in 0..LOOKS {
            let seen = applicant.look().await?;
            if seen.is_nothing() {
                return Ok(());
            }
            if let Acquired::Held(lease) = applicant.acquire(seen).await? {
                return lease.remove().await;
            }
        }
        Err(contended())
    }

    /// Lets this run write, once it is its turn.
    pub(super) async fn take(&self, seen: Seen) -> Result<Acquired<Option<Lease>>, Failure> {
        let fence = &self.session.seat.fence;
        let Some(applicant) = &self.applicant else {
            fence.open();
            return Ok(Acquired::Held(None));
        };
        Ok(match applicant.acquire(seen).await? {
            Acquired::Held(lease) => {
                fence.hold(lease.clone());
                Acquired::Held(Some(lease))
            }
            Acquired::Stale => Acquired::Stale,
        })
    }
}

/// Does `work` while the lease is renewed. When it is lost the work goes on until it notices that nothing of it passes
/// the fence any more; why is given, too.
pub(super) async fn kept<T>(
    lease: Option<&Lease>,
    work: impl Future<Output = Result<T, Failure>>,
) -> (Result<T, Failure>, Option<Failure>) {
    let Some(lease) = lease else { return (work.await, None) };
    tokio::pin!(work);
    tokio::select! {
        biased;
        outcome = &mut work => (outcome, None),
        lost = lease.keep() => (work.await, Some(lost)),
    }
}

/// Lets the next one have its turn.
pub(super) async fn release(session: &Session, lease: Option<&Lease>, applied: Option<Applied>) {
    let Some(lease) = lease else { return };
    let applied = applied.map_or_else(
        || lease.applied().clone(),
        |applied| applied.into_iter().map(|(at, digest)| (at.to_string(), digest)).collect(),
    );
    if let Err(failure) = lease.release(applied).await {
        let text =
            format!("the lease could not be released ({}); it expires by itself", failure.message);
        session.clouds.listener.event(Event::Note { text });
    }
}

pub(super) async fn remove(lease: Option<&Lease>) -> Result<(), Failure> {
    match lease {
        Some(lease) => lease.remove().await,
        None => Ok(()),
    }
}

/// What was applied last, as far as the lease knows.
pub(super) fn applied(seen: &Seen) -> Applied {
    let known = seen.applied().iter();
    known.filter_map(|(at, digest)| Some((at.parse().ok()?, digest.clone()))).collect()
}

pub(super) fn contended() -> Failure {
    let message = "others keep changing this environment between looking and beginning";
    Failure::new(failure::Kind::Locked, message).hint("agree on who goes first")
}
