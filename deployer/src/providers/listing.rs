//! What OCI lists, and what of it is ours.

use std::time::Duration;

use deployer_core::address::Kind;
use deployer_core::observed::Found;
use deployer_core::value::Outputs;
use oci::{Client, LifecycleState};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::mark::{self, Whose};
use super::{Clouds, Listed, oci_failure};
use crate::failure::{self, Failure};

/// How far behind a list may be.
pub(crate) const LAG: Duration = Duration::from_secs(120);
/// How long a removal may take.
const ENDING: Duration = Duration::from_secs(600);

/// Waits between looks at what is not yet as it will be: longer and longer, until a deadline.
#[derive(Debug)]
pub(crate) struct Patience {
    deadline: Instant,
    next: Duration,
}

impl Patience {
    const FIRST: Duration = Duration::from_secs(2);
    const LONGEST: Duration = Duration::from_secs(10);

    pub(crate) fn of(whole: Duration) -> Self {
        Self { deadline: Instant::now() + whole, next: Self::FIRST }
    }

    /// Looks soon, and then less and less often.
    pub(crate) fn eager(whole: Duration) -> Self {
        Self { next: Duration::from_millis(50), ..Self::of(whole) }
    }

    /// Waits once more, unless the time is over.
    pub(crate) async fn lasts(&mut self) -> bool {
        if Instant::now() > self.deadline {
            return false;
        }
        sleep(self.next).await;
        self.next = self.next.mul_f64(1.5).min(Self::LONGEST);
        true
    }
}

/// Everything of an OCI kind in a compartment, whoever it belongs to.
pub(super) async fn all(client: &Client, compartment: &str, kind: Kind) -> oci::Result<Vec<Value>> {
    fn values<T: Serialize>(list: Vec<T>) -> Vec<Value> {
        list.into_iter().map(|item| json!(item)).collect()
    }
    let (client, within) = (client, compartment);
    Ok(match kind {
        Kind::Vcn => values(oci::vcn::list(client, within).await?),
        Kind::InternetGateway => values(oci::internet_gateway::list(client, within, None).await?),
        Kind::NatGateway => values(oci::nat_gateway::list(client, within, None).await?),
        Kind::RouteTable => values(oci::route_table::list(client, within, None).await?),
        Kind::SecurityList => values(oci::security_list::list(client, within, None).await?),
        Kind::Subnet => values(oci::subnet::list(client, within, None).await?),
        Kind::NetworkSecurityGroup => {
            values(oci::network_security_group::list(client, within, None).await?)
        }
        Kind::Repository => values(oci::container_repository::list(client, within).await?),
        Kind::ContainerInstance => values(oci::container_instance::list(client, within).await?),
        Kind::LoadBalancer => values(oci::load_balancer::list(client, within).await?),
        // What does not live in a compartment is never listed here.
        Kind::Image | Kind::Certificate | Kind::ZoneSetting | Kind::DnsRecord => Vec::new(),
    })
}

/// What of a kind carries this environment's mark, and is not on its way out.
pub(super) async fn ours(clouds: &Clouds, kind: Kind) -> Listed {
    ours_of(clouds, &clouds.oci, kind).await
}

/// As [`ours`], by a client of any region.
pub(super) async fn ours_of(clouds: &Clouds, client: &Client, kind: Kind) -> Listed {
    let mut listed = ours_and_ending(clouds, client, kind).await?;
    listed.retain(|(_, found)| !state(&found.spec).is_ending());
    Ok(listed)
}

/// As [`ours`], once what is on its way out is gone, or back: a removal that was accepted can still fail.
pub(super) async fn ours_at_rest(clouds: &Clouds, kind: Kind) -> Listed {
    let mut patience = Patience::of(ENDING);
    let mut is_told = false;
    loop {
        let listed = ours_and_ending(clouds, &clouds.oci, kind).await?;
        let ending = listed.iter().find(|(_, found)| state(&found.spec).is_ending());
        let Some((address, _)) = ending else { return Ok(listed) };
        if !is_told {
            clouds.note(address, "waiting for the removal that an earlier run began");
            is_told = true;
        }
        if !patience.lasts().await {
            let message = format!("{address} is still on its way out after {} s", ENDING.as_secs());
            return Err(Failure::new(failure::Kind::TimedOut, message)
                .hint("look at it in the console; running the command again goes on"));
        }
    }
}

async fn ours_and_ending(clouds: &Clouds, client: &Client, kind: Kind) -> Listed {
    let list = all(client, &clouds.compartment, kind).await;
    let list = list.map_err(|error| oci_failure(&format!("list every {kind}"), &error))?;
    marked(list, &clouds.environment.uid, kind)
}

fn marked(list: Vec<Value>, uid: &str, kind: Kind) -> Listed {
    let mut marked = Vec::new();
    for spec in list.into_iter().filter(|spec| !state(spec).is_gone()) {
        let address = match mark::of_tags(&spec["freeformTags"], uid) {
            Whose::Ours(mark) => mark.address(),
            Whose::Newer => return Err(newer(&spec["id"])),
            Whose::Others => None,
        };
        if let Some(address) = address
            && address.kind == kind
        {
            marked.push((address, found(spec)));
        }
    }
    Ok(marked)
}

/// Something of ours was made by a deployer that knows more than this one.
pub(super) fn newer(what: impl std::fmt::Display) -> Failure {
    Failure::new(failure::Kind::Refused, format!("{what} was made by a newer deployer"))
        .hint("use that version for this environment")
}

pub(super) fn state(spec: &Value) -> LifecycleState {
    serde_json::from_value(spec["lifecycleState"].clone()).unwrap_or_default()
}

/// What the planner sees of a resource that OCI shows as `spec`.
pub(super) fn found(spec: Value) -> Found {
    let text = |field: &str| spec[field].as_str().unwrap_or_default().to_owned();
    let broken = (state(&spec) == LifecycleState::Failed).then(|| "has failed".to_owned());
    let outputs = Outputs::from([
        ("id".to_owned(), text("id")),
        ("displayName".to_owned(), text("displayName")),
    ]);
    let created = text("timeCreated");
    Found { id: text("id"), state: text("lifecycleState"), outputs, created, broken, spec }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vcn(schema: &str, state: &str) -> Value {
        let tags = json!({ "deployer": schema, "deployer-environment": "u", "deployer-address": "vcn.main" });
        json!({ "id": "ocid1.vcn.1", "lifecycleState": state, "freeformTags": tags, "timeCreated": "t" })
    }

    #[test]
    fn what_carries_the_mark_is_ours_until_it_is_gone() {
        let listed = marked(vec![vcn("1", "AVAILABLE"), vcn("1", "TERMINATED")], "u", Kind::Vcn);
        let listed = listed.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (listed[0].0.to_string().as_str(), listed[0].1.created.as_str()),
            ("vcn.main", "t")
        );
        assert_eq!(marked(vec![vcn("1", "AVAILABLE")], "other", Kind::Vcn).unwrap(), []);
    }

    #[test]
    fn a_newer_mark_of_this_environment_stops_everything() {
        let refused = marked(vec![vcn("2", "AVAILABLE")], "u", Kind::Vcn).unwrap_err();
        assert_eq!(refused.kind, failure::Kind::Refused);
        assert_eq!(marked(vec![vcn("2", "AVAILABLE")], "other", Kind::Vcn).unwrap(), []);
    }
}
