//! Until lists show what was just made: they may be a minute behind.

use std::collections::{BTreeMap, BTreeSet};

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Observed;
use deployer_core::plan::{self, Action, Plan};

use crate::execute::Report;
use crate::failure::{self, Failure};
use crate::providers::{LAG, Patience};
use crate::session::Session;

/// What is there, once lists show what was done: until nothing of it is left to do, or for as long as a list may take.
pub(super) async fn settled(
    session: &Session,
    desired: &Desired,
    plan: &Plan,
    report: &Report,
) -> Result<Observed, Failure> {
    let made = made(plan, report);
    let mut patience = Patience::of(LAG);
    let nothing = BTreeMap::new();
    loop {
        let observed = session.observe(desired).await?;
        if plan::make(&session.basis(desired, &observed, &nothing)).is_empty() {
            return Ok(observed);
        }
        if !patience.lasts().await {
            let missing = made.iter().find(|address| !observed.resources.contains_key(address));
            return missing.map_or(Ok(observed), |missing| Err(unseen(missing)));
        }
    }
}

fn unseen(missing: &Address) -> Failure {
    let message = format!("{missing} was made {} s ago, and no list shows it", LAG.as_secs());
    Failure::new(failure::Kind::TimedOut, message)
        .hint("look at it in the console; running the command again goes on")
}

/// What a list must show. A certificate is shown by the load balancer that uses it.
fn made(plan: &Plan, report: &Report) -> BTreeSet<Address> {
    let created = plan.steps.iter().filter(|step| matches!(step.action, Action::Create { .. }));
    let created = created.map(|step| &step.address).filter(|address| report.did(address));
    created.filter(|address| address.kind != Kind::Certificate).cloned().collect()
}
