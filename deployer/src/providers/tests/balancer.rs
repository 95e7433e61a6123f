//! The load balancer is changed along an unbroken chain of versions.

use deployer_core::balancer::{Call, Child};
use deployer_core::plan::Action;
use serde_json::{Value, json};

use super::super::listing;
use super::script::{self, Line, header, line, versioned};
use super::{act, clouds, tags};
use crate::failure::Kind;

const AT: &str = "load_balancer.main";
const LOOK: &str = "GET iaas.uk-london-1/20170115/loadBalancers/lb";

fn balancer(hostnames: &[&str]) -> Value {
    let hostname = |name: &&str| ((*name).to_owned(), json!({ "name": name, "hostname": name }));
    let hostnames: serde_json::Map<String, Value> = hostnames.iter().map(hostname).collect();
    json!({ "id": "lb", "compartmentId": "c", "displayName": "main", "shapeName": "flexible",
        "lifecycleState": "ACTIVE", "freeformTags": tags(AT), "hostnames": hostnames })
}

fn delete(name: &str) -> Call {
    Call::Delete { child: Child::Hostname, name: name.to_owned() }
}

fn deleted(name: &str) -> Line {
    let call = format!("DELETE iaas.uk-london-1/20170115/loadBalancers/lb/hostnames/{name}");
    line(&call, 204, &json!({}))
}

/// The look for changes that have failed, before the first.
fn none_failed() -> Line {
    line(&format!("{LOOK}/workRequests"), 200, &json!([]))
}

fn update(calls: Vec<Call>) -> Action {
    Action::Update { id: "lb".to_owned(), spec: json!({}), changes: Vec::new(), calls }
}

#[tokio::test]
async fn each_call_is_made_to_the_version_that_the_one_before_left() {
    let (clouds, script) = clouds(vec![
        versioned(LOOK, "e1", &balancer(&["a", "b"])),
        none_failed(),
        deleted("a"),
        versioned(LOOK, "e2", &balancer(&["b"])),
        deleted("b"),
        versioned(LOOK, "e3", &balancer(&[])),
    ]);
    let seen = listing::found(balancer(&["a", "b"]));
    act(&clouds, AT, update(vec![delete("a"), delete("b")]), Some(seen)).await.unwrap();
    let writes = script.writes();
    let versions: Vec<&str> = writes.iter().map(|write| header(write, "if-match")).collect();
    assert_eq!(versions, ["e1", "e2"]);
}

#[tokio::test]
async fn what_somebody_else_adds_between_two_calls_stops_the_second() {
    let (clouds, script) = clouds(vec![
        versioned(LOOK, "e1", &balancer(&["a", "b"])),
        none_failed(),
        deleted("a"),
        versioned(LOOK, "e3", &balancer(&["b", "theirs"])),
    ]);
    let seen = listing::found(balancer(&["a", "b"]));
    let calls = update(vec![delete("a"), delete("b")]);
    let failure = act(&clouds, AT, calls, Some(seen)).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Conflict);
    assert!(failure.message.contains("hostnames theirs"), "{}", failure.message);
    assert_eq!(script.writes().len(), 1);
}

#[tokio::test]
async fn nothing_more_is_written_when_a_look_shows_no_version() {
    let (clouds, script) = clouds(vec![
        versioned(LOOK, "e1", &balancer(&["a", "b"])),
        none_failed(),
        deleted("a"),
        line(LOOK, 200, &balancer(&["b"])),
    ]);
    let seen = listing::found(balancer(&["a", "b"]));
    let calls = update(vec![delete("a"), delete("b")]);
    let failure = act(&clouds, AT, calls, Some(seen)).await.unwrap_err();
    assert!(failure.message.contains("shows no version"), "{}", failure.message);
    assert_eq!(script.writes().len(), 1);
}

#[tokio::test]
async fn name_and_protection_are_set_back_in_one_call() {
    let mut before = balancer(&[]);
    before["displayName"] = json!("by hand");
    before["isDeleteProtectionEnabled"] = json!(true);
    let body = json!({ "displayName": "main", "isDeleteProtectionEnabled": false });
    let mut after = before.clone();
    after["displayName"] = json!("main");
    after["isDeleteProtectionEnabled"] = json!(false);
    let (clouds, script) = clouds(vec![
        versioned(LOOK, "e1", &before),
        none_failed(),
        line(&LOOK.replace("GET", "PUT"), 204, &json!({})),
        versioned(LOOK, "e2", &after),
    ]);
    let calls = vec![Call::SetAttributes { body: body.clone() }];
    act(&clouds, AT, update(calls), Some(listing::found(before))).await.unwrap();
    assert_eq!(script::body(&script.writes()[0]), body);
}

#[tokio::test]
async fn a_child_that_is_made_carries_a_token_beside_the_version() {
    let make = "POST iaas.uk-london-1/20170115/loadBalancers/lb/hostnames";
    let (clouds, script) = clouds(vec![
        versioned(LOOK, "e1", &balancer(&[])),
        none_failed(),
        line(make, 204, &json!({})),
        versioned(LOOK, "e2", &balancer(&["a"])),
    ]);
    let body = json!({ "hostname": "a" });
    let call = Call::Create { child: Child::Hostname, name: json!("a"), body };
    act(&clouds, AT, update(vec![call]), Some(listing::found(balancer(&[])))).await.unwrap();
    let write = &script.writes()[0];
    assert_eq!(header(write, "if-match"), "e1");
    assert_eq!(header(write, "opc-retry-token").len(), 52);
}

const MAKE: &str = "POST iaas.uk-london-1/20170115/loadBalancers";
const LIST: &str = "GET iaas.uk-london-1/20170115/loadBalancers";

/// A create as planned by a run that was issued this certificate.
fn make(certificate: &str) -> Action {
    let certificate = json!({ "certificateName": certificate, "publicCertificate": "pem" });
    Action::Create {
        spec: json!({ "displayName": "main", "shapeName": "flexible", "subnetIds": ["s"],
            "backendSets": {}, "certificate": certificate }),
    }
}

fn used() -> Line {
    line(MAKE, 409, &json!({ "code": "InvalidatedRetryToken", "message": "used" }))
}

fn nothing() -> Line {
    line(LIST, 200, &json!([]))
}

#[tokio::test]
async fn whatever_certificate_a_run_was_issued_it_asks_for_the_same_load_balancer() {
    let mut tokens = Vec::new();
    for certificate in ["crt-1", "crt-2"] {
        let refused = line(MAKE, 400, &json!({ "code": "LimitExceeded", "message": "full" }));
        let (clouds, script) = clouds(vec![nothing(), used(), nothing(), refused]);
        act(&clouds, AT, make(certificate), None).await.unwrap_err();
        let writes = script.writes();
        tokens.push([0, 1].map(|write| header(&writes[write], "opc-retry-token").to_owned()));
    }
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[0][0], tokens[0][1]);
}

#[tokio::test]
async fn a_load_balancer_that_another_run_made_after_the_last_look_is_planned_with_anew() {
    let there = line(LIST, 200, &json!([balancer(&[])]));
    let (clouds, script) = clouds(vec![nothing(), used(), there]);
    let failure = act(&clouds, AT, make("crt-1"), None).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Conflict);
    assert_eq!(script.writes().len(), 1);
}
