//! Work that is no plan, done while nobody else changes the environment.

use std::time::Duration;

use super::LOOKS;
use super::turn::{self, Turn};
use crate::failure::Failure;
use crate::lease::Acquired;
use crate::session::Session;

/// Does `work` under the lease, or with an open fence when the environment does without. Whether what was seen before
/// still holds is for the work to find out. `command` names it to others, who wait; this waits for them as long as
/// `patience` says.
///
/// # Errors
/// When it is not this one's turn in time, the lease is lost, or the work fails.
pub async fn alone<T>(
    session: &Session,
    (command, patience): (&str, Duration),
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let turn = Turn::new(session, command, patience);
    for _ in 0..LOOKS {
        let lease = match turn.take(turn.look().await?).await? {
            Acquired::Held(lease) => lease,
            Acquired::Stale => continue,
        };
        let (outcome, lost) = turn::kept(lease.as_ref(), work).await;
        session.seat.fence.shut();
        turn::release(session, lease.as_ref(), None).await;
        return outcome.map_err(|failure| lost.unwrap_or(failure));
    }
    Err(turn::contended())
}
