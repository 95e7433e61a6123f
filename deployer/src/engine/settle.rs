//! Until lists show what is there: they may be a minute behind.

use std::collections::{BTreeMap, BTreeSet};

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Observed;
use deployer_core::plan::{self, Action, Plan};

use crate::event::Event;
use crate::execute::Report;
use crate::failure::{self, Failure};
use crate::providers::{LAG, Patience};
use crate::session::Session;

/// What is there, once lists show what was done: until nothing of it is left to do, or for as long as a list may take.
/// What was not touched just now is not waited for: it is not late, but somebody else's.
pub(super) async fn settled(
    session: &Session,
    desired: &Desired,
    plan: &Plan,
    report: &Report,
) -> Result<Observed, Failure> {
    let made = made(plan, report);
    let mut patience = Patience::of(LAG);
    let nothing = BTreeMap::new();
    let mut is_told = false;
    loop {
        let observed = session.observe(desired).await?;
        let rest = plan::make(&session.basis(desired, &observed, &nothing));
        let Some(late) = late(&rest, plan, report) else { return Ok(observed) };
        if !is_told {
            let text = format!(
                "waiting until lists show {late} as it is now, {} s at most",
                LAG.as_secs()
            );
            session.clouds.listener.event(Event::Note { text });
            is_told = true;
        }
        if !patience.lasts().await {
            let missing = made.iter().find(|address| !observed.resources.contains_key(address));
            return missing.map_or(Ok(observed), |missing| Err(unseen(missing)));
        }
    }
}

/// What is there, once it is shown what things live in: of two lists one may be behind the other.
pub(super) async fn whole(session: &Session, desired: &Desired) -> Result<Observed, Failure> {
    let mut patience = Patience::of(LAG);
    let nothing = BTreeMap::new();
    let mut is_told = false;
    loop {
        let observed = session.observe(desired).await?;
        let plan = plan::make(&session.basis(desired, &observed, &nothing));
        let Some(orphan) = plan.steps.iter().find(|step| step.is_orphan()) else {
            return Ok(observed);
        };
        if !is_told {
            let text =
                format!("{} is there and what it lives in is not: looking again", orphan.address);
            session.clouds.listener.event(Event::Note { text });
            is_told = true;
        }
        if !patience.lasts().await {
            return Ok(observed);
        }
    }
}

/// What was done just now and still looks as if it were not.
fn late<'a>(rest: &'a Plan, plan: &Plan, report: &Report) -> Option<&'a Address> {
    let touched = |address: &Address| {
        plan.steps.iter().any(|step| step.address == *address) && report.did(address)
    };
    rest.steps.iter().map(|step| &step.address).find(|address| touched(address))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use deployer_core::observed::Known;
    use deployer_core::plan::Basis;

    use super::*;
    use crate::execute::Outcome;

    #[test]
    fn only_what_was_done_just_now_is_late_and_what_others_changed_is_not() {
        let addresses = ["vcn.main", "subnet.app"].map(|text| text.parse::<Address>().unwrap());
        let spec = serde_json::json!({});
        let resource = |address: &Address| {
            let spec = spec.clone();
            (address.clone(), deployer_core::desired::Resource { spec, after: BTreeSet::new() })
        };
        let plan = |desired: &Desired| {
            let (observed, variables) = (Observed::default(), BTreeMap::new());
            let known = Known { observed: &observed, variables: &variables };
            plan::make(&Basis::new("x", desired, known))
        };
        let [vcn, subnet] =
            addresses.each_ref().map(|address| plan(&Desired::from([resource(address)])));
        let done = |address: &Address| (address.clone(), "create", Outcome::Done, 0.0);
        let report = Report { outcomes: vec![done(&addresses[0])], ..Report::default() };
        assert_eq!(late(&vcn, &vcn, &report), Some(&addresses[0]));
        assert_eq!(late(&subnet, &vcn, &report), None);
        assert_eq!(late(&vcn, &vcn, &Report::default()), None);
    }
}
