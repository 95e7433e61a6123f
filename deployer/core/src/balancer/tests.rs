use serde_json::{Value, json};

use super::*;

fn backend(ip: &str) -> Value {
    json!({ "ipAddress": ip, "port": 8080, "weight": 1 })
}

fn balancer(backends: &[&str], certificate: &str) -> Value {
    let backends: Vec<Value> = backends.iter().map(|ip| backend(ip)).collect();
    json!({
        "shapeDetails": { "minimumBandwidthInMbps": 10 },
        "networkSecurityGroupIds": ["nsg"],
        "certificate": { "certificateName": certificate },
        "certificates": { certificate: {} },
        "backendSets": { "web": { "policy": "ROUND_ROBIN", "backends": backends } },
        "hostnames": { "site": { "hostname": "example.net" } },
        "ruleSets": {},
        "pathRouteSets": {},
        "listeners": {
            "site": { "port": 443, "hostnameNames": ["site"], "sslConfiguration": { "certificateName": certificate } },
        },
    })
}

/// The calls as short words: `+certificates new`, `~backendSets web 10.0.0.2 10.0.0.1-` (the second drains), `wait web`.
fn told(desired: &Value, found: &Value) -> Vec<String> {
    calls(desired, found)
        .iter()
        .map(|call| match call {
            Call::Create { child, name, .. } => {
                format!("+{} {}", child.field(), name.as_str().unwrap_or("?"))
            }
            Call::Update { child: Child::BackendSet, name, body } => {
                let ip = |b: &Value| {
                    let mark = if b["drain"] == true { "-" } else { "" };
                    format!("{}{mark}", b["ipAddress"].as_str().unwrap())
                };
                let ips: Vec<String> =
                    body["backends"].as_array().unwrap().iter().map(ip).collect();
                format!("~backendSets {name} {}", ips.join(" "))
            }
            Call::Update { child, name, .. } => format!("~{} {name}", child.field()),
            Call::Delete { child, name } => format!("-{} {name}", child.field()),
            Call::AwaitHealthy { backend_set, .. } => format!("wait {backend_set}"),
            Call::AwaitDrained { backend_set, .. } => format!("drain {backend_set}"),
            Call::Reshape { .. } => "~shape".to_owned(),
            Call::SetSecurityGroups { .. } => "~groups".to_owned(),
            Call::SetAttributes { body } => format!("~attributes {body}"),
        })
        .collect()
}

#[test]
fn a_balancer_that_is_as_asked_needs_no_call() {
    let same = balancer(&["10.0.0.1", "10.0.0.2"], "crt");
    assert_eq!(calls(&same, &same), []);
}

#[test]
fn the_order_in_which_a_server_keeps_backends_means_nothing() {
    assert_eq!(
        calls(
            &balancer(&["10.0.0.1", "10.0.0.2"], "crt"),
            &balancer(&["10.0.0.2", "10.0.0.1"], "crt")
        ),
        []
    );
}

#[test]
fn backends_are_exchanged_only_when_the_new_ones_are_healthy() {
    let told = told(&balancer(&["10.0.0.9"], "crt"), &balancer(&["10.0.0.1"], "crt"));
    assert_eq!(
        told,
        [
            "~backendSets web 10.0.0.9 10.0.0.1",
            "wait web",
            "~backendSets web 10.0.0.9 10.0.0.1-",
            "drain web",
            "~backendSets web 10.0.0.9",
        ]
    );
}

#[test]
fn a_certificate_is_made_then_every_listener_switched_then_the_old_one_deleted() {
    let told = told(&balancer(&[], "new"), &balancer(&[], "old"));
    assert_eq!(told, ["+certificates new", "~listeners site", "-certificates old"]);
}

#[test]
fn a_certificate_without_a_name_yet_is_made_and_the_old_one_goes_last() {
    let mut desired = balancer(&[], "old");
    let unknown = json!({ "$ref": ["certificate.main", "name"] });
    desired["certificate"]["certificateName"] = unknown.clone();
    desired["listeners"]["site"]["sslConfiguration"]["certificateName"] = unknown;
    let told = told(&desired, &balancer(&[], "old"));
    assert_eq!(told, ["+certificates ?", "~listeners site", "-certificates old"]);
}

#[test]
fn what_is_used_is_made_before_its_user_and_deleted_after_it() {
    let mut bigger = balancer(&[], "crt");
    bigger["hostnames"]["files"] = json!({ "hostname": "files.example.net" });
    bigger["pathRouteSets"]["files"] = json!({ "pathRoutes": [] });
    bigger["backendSets"]["files"] = json!({ "backends": [backend("10.0.0.5")] });
    bigger["listeners"]["files"] =
        json!({ "port": 443, "hostnameNames": ["files"], "defaultBackendSetName": "files" });
    let smaller = balancer(&[], "crt");
    assert_eq!(
        told(&bigger, &smaller),
        [
            "+backendSets files",
            "wait files",
            "+hostnames files",
            "+pathRouteSets files",
            "+listeners files",
        ]
    );
    assert_eq!(
        told(&smaller, &bigger),
        ["-listeners files", "-pathRouteSets files", "-hostnames files", "-backendSets files",]
    );
}

#[test]
fn a_routing_policy_that_somebody_made_goes_after_its_listeners_and_before_its_sets() {
    let desired = balancer(&[], "crt");
    let mut found = desired.clone();
    found["routingPolicies"] = json!({ "p": { "rules": [
        { "actions": [{ "name": "FORWARD_TO_BACKENDSET", "backendSetName": "theirs" }] },
    ] } });
    found["backendSets"]["theirs"] = json!({ "backends": [] });
    found["listeners"]["site"]["routingPolicyName"] = json!("p");
    let mut asked = desired.clone();
    asked["listeners"]["site"]["routingPolicyName"] = Value::Null;
    assert_eq!(
        told(&asked, &found),
        ["~listeners site", "-routingPolicies p", "-backendSets theirs"]
    );
}

#[test]
fn a_listener_that_must_lose_its_tls_is_sent_whole() {
    let mut desired = balancer(&[], "crt");
    desired["listeners"]["site"]["sslConfiguration"] = Value::Null;
    let calls = calls(&desired, &balancer(&[], "crt"));
    assert!(
        matches!(&calls[..], [Call::Update { child: Child::Listener, body, .. }] if body["sslConfiguration"].is_null())
    );
}

#[test]
fn a_run_killed_between_the_calls_goes_on_where_it_stopped() {
    let mut found = balancer(&["10.0.0.9", "10.0.0.1"], "crt");
    let desired = balancer(&["10.0.0.9"], "crt");
    let drained = ["~backendSets web 10.0.0.9 10.0.0.1-", "drain web", "~backendSets web 10.0.0.9"];
    assert_eq!(told(&desired, &found), [&["wait web"], &drained[..]].concat());
    found["backendSets"]["web"]["backends"][1]["drain"] = json!(true);
    assert_eq!(told(&desired, &found), [&["wait web"], &drained[1..]].concat());
}

#[test]
fn only_the_backends_that_stay_are_waited_for() {
    let calls = calls(&balancer(&["10.0.0.9"], "crt"), &balancer(&["10.0.0.1"], "crt"));
    let awaited = calls.iter().find_map(|call| match call {
        Call::AwaitHealthy { backends, .. } => Some(backends),
        _ => None,
    });
    assert_eq!(awaited, Some(&json!([backend("10.0.0.9")])));
}

#[test]
fn a_health_check_is_tried_without_traffic_before_it_judges_those_that_serve() {
    let mut desired = balancer(&["10.0.0.9"], "crt");
    desired["backendSets"]["web"]["healthChecker"] = json!({ "urlPath": "/new" });
    let mut found = balancer(&["10.0.0.1"], "crt");
    assert_eq!(
        told(&desired, &found),
        [
            "+backendSets web_trial",
            "wait web_trial",
            "~backendSets web 10.0.0.9 10.0.0.1",
            "wait web",
            "-backendSets web_trial",
            "~backendSets web 10.0.0.9 10.0.0.1-",
            "drain web",
            "~backendSets web 10.0.0.9",
        ]
    );
    found["backendSets"]["web_trial"] = desired["backendSets"]["web"].clone();
    let again = told(&desired, &found);
    assert_eq!(again[..2], ["wait web_trial", "~backendSets web 10.0.0.9 10.0.0.1"]);
    assert_eq!(again.iter().filter(|call| *call == "-backendSets web_trial").count(), 1);
}

#[test]
fn a_trial_of_another_check_is_made_anew_so_that_its_outcome_is_not_mistaken() {
    let mut desired = balancer(&["10.0.0.9"], "crt");
    desired["backendSets"]["web"]["healthChecker"] = json!({ "urlPath": "/new" });
    let mut found = balancer(&["10.0.0.9"], "crt");
    found["backendSets"]["web_trial"] = desired["backendSets"]["web"].clone();
    found["backendSets"]["web_trial"]["healthChecker"] = json!({ "urlPath": "/wrong" });
    assert_eq!(
        told(&desired, &found)[..3],
        ["-backendSets web_trial", "+backendSets web_trial", "wait web_trial"]
    );
}

#[test]
fn a_trial_that_failed_is_cleared_away_when_the_old_check_is_asked_for_again() {
    let mut found = balancer(&["10.0.0.1"], "crt");
    found["backendSets"]["web_trial"] = json!({ "backends": [backend("10.0.0.1")] });
    assert_eq!(told(&balancer(&["10.0.0.1"], "crt"), &found), ["-backendSets web_trial"]);
}
