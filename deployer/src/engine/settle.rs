//! Until lists show what was just made: they may be a minute behind.

use std::collections::BTreeSet;
use std::time::Duration;

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Observed;
use deployer_core::plan::{Action, Plan};
use tokio::time::{Instant, sleep};

use crate::execute::Report;
use crate::failure::{self, Failure};
use crate::session::Session;

/// How long a list may take.
const SETTLING: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// What is there, once everything that was made is shown.
pub(super) async fn settled(
    session: &Session,
    desired: &Desired,
    plan: &Plan,
    report: &Report,
) -> Result<Observed, Failure> {
    let made = made(plan, report);
    let deadline = Instant::now() + SETTLING;
    loop {
        let observed = session.observe(desired).await?;
        let missing = made.iter().find(|address| !observed.resources.contains_key(address));
        let Some(missing) = missing else { return Ok(observed) };
        if Instant::now() > deadline {
            let waited = SETTLING.as_secs();
            let message = format!("{missing} was made {waited} s ago, and no list shows it");
            return Err(Failure::new(failure::Kind::TimedOut, message)
                .hint("look at it in the console; running the command again goes on"));
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// What a list must show. A certificate is shown by the load balancer that uses it.
fn made(plan: &Plan, report: &Report) -> BTreeSet<Address> {
    let created = plan.steps.iter().filter(|step| matches!(step.action, Action::Create { .. }));
    let created = created.map(|step| &step.address).filter(|address| report.did(address));
    created.filter(|address| address.kind != Kind::Certificate).cloned().collect()
}
