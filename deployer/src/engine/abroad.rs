//! What an environment left in regions that its file no longer names: `down` removes it there.

use std::collections::BTreeSet;

use deployer_core::desired::Desired;
use deployer_core::guard;
use deployer_core::observed::Stray;
use deployer_core::plan;

use super::turn::Turn;
use super::{Consent, Done, ROUNDS, Terms, apply, refused};
use crate::failure::{self, Failure};
use crate::session::Session;

/// Removes all strays, region by region.
pub(super) async fn remove(
    session: &Session,
    terms: &Terms<'_>,
    strays: &[Stray],
    consent: &dyn Consent,
    done: &mut Done,
) -> Result<(), Failure> {
    let regions: BTreeSet<&str> = strays.iter().map(|stray| stray.region.as_str()).collect();
    for region in regions {
        let Some(there) = session.in_region(region) else { continue };
        // First, as what is left leads here again when this run ends in the middle.
        Turn::new(&there, terms.goal.command(), terms.lock_timeout).end().await?;
        empty(&there, terms, region, consent, done).await?;
    }
    Ok(())
}

async fn empty(
    there: &Session,
    terms: &Terms<'_>,
    region: &str,
    consent: &dyn Consent,
    done: &mut Done,
) -> Result<(), Failure> {
    let nothing = Desired::new();
    for _ in 0..ROUNDS {
        let observed = there.observe(&nothing).await?;
        let plan = plan::make(&there.basis(&nothing, &observed, &Default::default()));
        if plan.is_empty() {
            return Ok(());
        }
        guard::locked(&plan, &observed).map_err(|refusal| refused(there, &refusal))?;
        consent.to(&plan)?;
        apply(there, &plan, observed, (terms.stop, &mut *done)).await?;
    }
    let message = format!("what was left in {region} does not go");
    Err(Failure::new(failure::Kind::Unverified, message).hint("somebody else makes it anew"))
}
