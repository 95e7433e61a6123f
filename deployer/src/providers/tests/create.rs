//! Creates make one thing, whatever the service says about tokens and room.

use deployer_core::plan::Action;
use serde_json::{Value, json};

use super::script::{Line, body, header, line};
use super::{act, clouds, tags, vcn};
use crate::failure::Kind;

const MAKE: &str = "POST iaas.uk-london-1/20160918/vcns";
const LIST: &str = "GET iaas.uk-london-1/20160918/vcns";
const RUN: &str = "POST compute-containers.uk-london-1/20210415/containerInstances";
const AT: &str = "container_instance.web-174862e3-0";

fn make() -> Action {
    Action::Create { spec: json!({ "displayName": "main", "cidrBlocks": ["10.0.0.0/16"] }) }
}

fn used() -> Line {
    line(MAKE, 409, &json!({ "code": "InvalidatedRetryToken", "message": "used" }))
}

#[tokio::test]
async fn a_used_token_is_followed_by_the_next_epochs_which_the_mark_names() {
    let lines = vec![used(), line(LIST, 200, &json!([])), line(MAKE, 200, &vcn("main"))];
    let (clouds, script) = clouds(lines);
    act(&clouds, "vcn.main", make(), None).await.unwrap();
    let writes = script.writes();
    let epochs: Vec<Value> =
        writes.iter().map(|write| body(write)["freeformTags"]["deployer-epoch"].clone()).collect();
    assert_eq!(epochs, [json!("0"), json!("1")]);
    assert_ne!(header(&writes[0], "opc-retry-token"), header(&writes[1], "opc-retry-token"));
    assert_eq!(header(&writes[0], "opc-retry-token").len(), 52);
}

#[tokio::test]
async fn what_is_there_by_now_is_taken_instead_of_made_again() {
    let (clouds, script) = clouds(vec![used(), line(LIST, 200, &json!([vcn("main")]))]);
    let found = act(&clouds, "vcn.main", make(), None).await.unwrap().unwrap();
    assert_eq!(found.id, "v1");
    assert_eq!(script.writes().len(), 1);
}

#[tokio::test]
async fn the_answer_of_an_earlier_create_whose_thing_has_failed_is_not_taken() {
    let mut old = super::super::listing::found(vcn("main"));
    old.broken = Some("has failed".to_owned());
    let mut fresh = vcn("main");
    fresh["id"] = json!("v2");
    let (clouds, _) = clouds(vec![line(MAKE, 200, &vcn("main")), line(MAKE, 200, &fresh)]);
    let found = act(&clouds, "vcn.main", make(), Some(old)).await.unwrap().unwrap();
    assert_eq!(found.id, "v2");
}

fn instance() -> Action {
    let spec = json!({ "availabilityDomain": "AD-1", "displayName": "web", "shape": "CI.Standard.E4.Flex",
        "shapeConfig": { "ocpus": 1 }, "containers": [], "vnics": [] });
    Action::Create { spec }
}

fn full() -> Line {
    line(RUN, 500, &json!({ "code": "InternalError", "message": "Out of host capacity." }))
}

fn fault_domains(names: &[&str]) -> Line {
    let domain = |name: &&str| json!({ "name": name, "id": name });
    let domains: Vec<Value> = names.iter().map(domain).collect();
    line("GET identity.uk-london-1/20160918/faultDomains", 200, &json!(domains))
}

fn domains() -> Line {
    let domains = ["AD-1", "AD-2"].map(|name| json!({ "name": name, "id": name }));
    line("GET identity.uk-london-1/20160918/availabilityDomains", 200, &json!(domains))
}

#[tokio::test]
async fn an_instance_is_made_in_the_next_place_that_has_room() {
    let running = json!({ "id": "i1", "displayName": "web", "compartmentId": "c", "availabilityDomain": "AD-1",
        "lifecycleState": "ACTIVE", "freeformTags": tags(AT), "vnics": [{ "vnicId": "n1" }] });
    let vnic = json!({ "id": "n1", "compartmentId": "c", "lifecycleState": "AVAILABLE", "privateIp": "10.0.2.7" });
    let (clouds, script) = clouds(vec![
        full(),
        fault_domains(&["FD-1", "FD-2"]),
        full(),
        line(RUN, 200, &running),
        line("GET compute-containers.uk-london-1/20210415/containerInstances/i1", 200, &running),
        line("GET iaas.uk-london-1/20160918/vnics/n1", 200, &vnic),
    ]);
    let found = act(&clouds, AT, instance(), None).await.unwrap().unwrap();
    assert_eq!(found.outputs["privateIp"], "10.0.2.7");
    let writes = script.writes();
    let places: Vec<Value> =
        writes.iter().map(|write| body(write)["faultDomain"].clone()).collect();
    assert_eq!(places, [Value::Null, json!("FD-1"), json!("FD-2")]);
    let marks =
        writes.iter().map(|write| body(write)["freeformTags"]["deployer-generation"].clone());
    assert!(marks.into_iter().all(|generation| generation == "174862e3"));
}

#[tokio::test]
async fn an_instance_that_fits_nowhere_says_where_it_was_tried() {
    let (clouds, _) = clouds(vec![
        full(),
        fault_domains(&["FD-1"]),
        full(),
        domains(),
        full(),
        fault_domains(&["FD-1"]),
        full(),
    ]);
    let failure = act(&clouds, AT, instance(), None).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Provider);
    assert!(failure.message.contains("AD-1, AD-1/FD-1, AD-2, AD-2/FD-1"), "{}", failure.message);
}
