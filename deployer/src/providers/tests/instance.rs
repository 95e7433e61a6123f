//! What can be changed on a container instance: the security groups of its interface.

use deployer_core::plan::Action;
use serde_json::{Value, json};

use super::script::{Line, body, header, line, versioned};
use super::{Found, act, clouds, tags};
use crate::failure::Kind;
use crate::providers::listing;

const AT: &str = "container_instance.web-1f2e3d4c-0";
const ONE: &str = "GET compute-containers.uk-london-1/20210415/containerInstances/ci";
const VNIC: &str = "GET iaas.uk-london-1/20160918/vnics/v";

fn instance() -> Value {
    json!({ "id": "ci", "compartmentId": "c", "displayName": "web", "availabilityDomain": "ad",
        "lifecycleState": "ACTIVE", "containers": [], "containerCount": 1, "shape": "s",
        "shapeConfig": { "ocpus": 1.0, "memoryInGBs": 2.0 }, "containerRestartPolicy": "ALWAYS",
        "timeCreated": "2024-01-01T00:00:00Z", "vnics": [{ "vnicId": "v" }], "freeformTags": tags(AT) })
}

fn vnic(groups: &[&str]) -> Value {
    json!({ "id": "v", "compartmentId": "c", "lifecycleState": "AVAILABLE",
        "privateIp": "10.0.0.3", "nsgIds": groups })
}

/// As a list and a look at its interface show it, which is in no group.
fn seen() -> Option<Found> {
    let mut spec = instance();
    spec["vnics"][0]["nsgIds"] = json!([]);
    Some(listing::found(spec))
}

fn update() -> Action {
    let spec = json!({ "vnics": [{ "nsgIds": ["ours"] }] });
    Action::Update { id: "ci".to_owned(), spec, changes: Vec::new(), calls: Vec::new() }
}

fn looks(groups: &[&str]) -> Vec<Line> {
    vec![versioned(ONE, "e1", &instance()), versioned(VNIC, "e7", &vnic(groups))]
}

#[tokio::test]
async fn an_instance_is_put_into_its_groups_when_its_interface_is_as_it_was_planned() {
    let mut lines = looks(&[]);
    lines.push(line("PUT iaas.uk-london-1/20160918/vnics/v", 200, &vnic(&["ours"])));
    lines.extend(looks(&["ours"]));
    let (clouds, script) = clouds(lines);
    let found = act(&clouds, AT, update(), seen()).await.unwrap().unwrap();
    let writes = script.writes();
    assert_eq!(header(&writes[0], "if-match"), "e7");
    assert_eq!(body(&writes[0]), json!({ "nsgIds": ["ours"] }));
    assert_eq!(found.spec["vnics"][0]["nsgIds"], json!(["ours"]));
    assert_eq!(found.outputs["privateIp"], "10.0.0.3");
}

#[tokio::test]
async fn an_interface_that_somebody_else_changed_since_is_left_alone() {
    let (clouds, script) = clouds(looks(&["theirs"]));
    let failure = act(&clouds, AT, update(), seen()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Conflict);
    assert!(failure.message.contains("security groups"), "{}", failure.message);
    assert_eq!(script.writes().len(), 0);
}
