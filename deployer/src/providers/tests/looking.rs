//! What is looked at before anything is changed: other regions, and limits.

use std::collections::BTreeMap;

use deployer_core::plan::{Action, Plan};
use serde_json::json;

use super::super::{preflight, strays};
use super::script::{Line, line};
use super::{clouds, step, vcn};
use crate::failure::Kind;

fn plan(kind: &str) -> Plan {
    let spec = json!({ "shapeDetails": { "maximumBandwidthInMbps": 10 } });
    let steps = vec![step(&format!("{kind}.main"), Action::Create { spec })];
    Plan {
        schema: 2,
        environment: String::new(),
        steps,
        unchanged: 0,
        there: 0,
        apps: BTreeMap::new(),
        seconds: 0.0,
        longest: Vec::new(),
        notes: Vec::new(),
        fingerprint: String::new(),
    }
}

fn limit(path: &str, status: u16, available: i64) -> Line {
    let call = format!("GET limits.uk-london-1/20190729/services/{path}/resourceAvailability");
    line(&call, status, &json!({ "available": available }))
}

#[tokio::test]
async fn a_full_limit_is_told_before_anything_is_made() {
    let (clouds, _) = clouds(vec![limit("vcn/limits/vcn-count", 200, 0)]);
    let failure = preflight(&clouds, &plan("vcn")).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Refused);
    assert!(failure.message.contains("vcn-count of vcn: 0 left, 1 needed"), "{}", failure.message);
}

#[tokio::test]
async fn a_limit_that_leaves_room_or_cannot_be_read_is_no_reason_to_stop() {
    for (status, available) in [(200, 1), (404, 0), (403, 0)] {
        let (clouds, _) = clouds(vec![limit("vcn/limits/vcn-count", status, available)]);
        assert_eq!(preflight(&clouds, &plan("vcn")).await, Ok(()));
    }
}

#[tokio::test]
async fn the_smallest_load_balancer_has_two_limits_and_needs_one() {
    let first = || limit("load-balancer/limits/lb-flexible-count", 200, 0);
    let small = |left| limit("load-balancer/limits/lb-10mbps-micro-count", 200, left);
    let (with, _) = clouds(vec![first(), small(1)]);
    assert_eq!(preflight(&with, &plan("load_balancer")).await, Ok(()));
    let (without, _) = clouds(vec![first(), small(0)]);
    assert!(preflight(&without, &plan("load_balancer")).await.is_err());
}

#[tokio::test]
async fn what_was_left_in_another_region_is_found() {
    let subscribed = json!([
        { "regionKey": "LHR", "regionName": "uk-london-1", "status": "READY" },
        { "regionKey": "FRA", "regionName": "eu-frankfurt-1", "status": "READY" },
        { "regionKey": "IAD", "regionName": "us-ashburn-1", "status": "IN_PROGRESS" },
    ]);
    let none = json!({ "items": [] });
    let (clouds, _) = clouds(vec![
        line(
            "GET identity.uk-london-1/20160918/tenancies/ocid1.tenancy.oc1..t/regionSubscriptions",
            200,
            &subscribed,
        ),
        line("GET iaas.eu-frankfurt-1/20160918/vcns", 200, &json!([vcn("main")])),
        line("GET iaas.eu-frankfurt-1/20170115/loadBalancers", 200, &json!([])),
        line("GET compute-containers.eu-frankfurt-1/20210415/containerInstances", 200, &none),
        line("GET artifacts.eu-frankfurt-1/20160918/container/repositories", 200, &none),
    ]);
    let strays = strays(&clouds).await.unwrap();
    let told: Vec<String> = strays
        .iter()
        .map(|stray| format!("{} {} {}", stray.region, stray.address, stray.id))
        .collect();
    assert_eq!(told, ["eu-frankfurt-1 vcn.main v1"]);
    let there = clouds.in_region("eu-frankfurt-1").unwrap();
    assert_eq!(there.registry, "fra.ocir.io");
}
