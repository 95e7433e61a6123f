//! What can be planned to go wrong, and how strict, slow or full a cloud is.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use super::site::{COMPARTMENT, Got, Site, options};
use crate::faults::{Fault, Outcome};
use crate::simulation::Options;

fn plan(site: &Site, operation: &str, outcome: Outcome, domain: Option<&str>) {
    site.cloud.cloud().faults.plan(Fault {
        operation: operation.to_owned(),
        outcome,
        domain: domain.map(str::to_owned),
        ..Fault::default()
    });
}

async fn with(
    site: &Site,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Got {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.request(request.body(Bytes::from(body.to_string())).unwrap()).await
}

fn vcn() -> Value {
    json!({"compartmentId": COMPARTMENT, "displayName": "web", "cidrBlocks": ["10.0.0.0/16"]})
}

#[tokio::test(start_paused = true)]
async fn work_that_is_planned_to_fail_changes_nothing_and_says_so() {
    let site = Site::new(options(1));
    let subnet = site.network().await;
    let balancer = site.balancer("web", &subnet, &[]).await;
    plan(&site, "CreateHostname", Outcome::FailedWork, None);
    let path = format!("/20170115/loadBalancers/{balancer}/hostnames");
    let body = json!({"name": "www", "hostname": "www.example.com"});

    let failed = site.post(&path, &body).await;
    let failed = site.finished(&failed).await;

    assert_eq!(failed["lifecycleState"], "FAILED");
    assert_eq!(failed["errorDetails"][0]["errorCode"], "INTERNAL_ERROR");
    assert_eq!(site.get(&path).await, json!([]));
    let done = site.post(&path, &body).await;
    assert_eq!(site.finished(&done).await["lifecycleState"], "SUCCEEDED");
}

#[tokio::test(start_paused = true)]
async fn a_full_fault_domain_refuses_who_asks_for_it_and_others_go_elsewhere() {
    let site = Site::new(options(1));
    let subnet = site.network().await;
    let image = site.image("shop/web", "1").await;
    let mut details = site.instance_details("web-1", &image, &subnet).await;
    let create = "/20210415/containerInstances";
    details["faultDomain"] = json!("FAULT-DOMAIN-1");
    plan(&site, "CreateContainerInstance", Outcome::NoCapacity, Some("FAULT-DOMAIN-1"));
    let refused = site.post(create, &details).await;
    assert_eq!(refused.code(), (500, "InternalError".to_owned()));
    assert!(String::from_utf8_lossy(&refused.body).contains("Out of host capacity"));

    plan(&site, "CreateContainerInstance", Outcome::NoCapacity, Some("FAULT-DOMAIN-1"));
    details.as_object_mut().unwrap().remove("faultDomain");
    let made = site.post(create, &details).await.json();
    assert_eq!(made["faultDomain"], "FAULT-DOMAIN-2");
}

#[tokio::test(start_paused = true)]
async fn a_full_availability_domain_may_show_only_in_the_work_request() {
    let site = Site::new(options(1));
    let domains = site.domains().await;
    assert_eq!(domains.len(), 3);
    let path = format!(
        "/20160918/faultDomains?compartmentId={COMPARTMENT}&availabilityDomain={}",
        domains[2]
    );
    assert_eq!(site.get(&path).await.as_array().unwrap().len(), 3);
    let subnet = site.network().await;
    let image = site.image("shop/web", "1").await;
    plan(&site, "CreateContainerInstance", Outcome::NoCapacityLate, Some(&domains[2]));
    let mut details = site.instance_details("web-1", &image, &subnet).await;
    details["availabilityDomain"] = json!(domains[2]);

    let accepted = site.post("/20210415/containerInstances", &details).await;
    let work = format!("/20210415/workRequests/{}", accepted.header("opc-work-request-id"));
    let failed = site.until(&work, |work| work["timeFinished"].is_string()).await;

    assert_eq!(failed["status"], "FAILED");
    let error = site.get(&format!("{work}/errors")).await["items"][0].clone();
    assert_eq!(
        (&error["code"], &error["message"]),
        (&json!("InternalError"), &json!("Out of host capacity."))
    );
}

#[tokio::test(start_paused = true)]
async fn a_young_object_is_missing_from_lists_for_a_while_though_a_get_finds_it() {
    let mut options = options(1);
    options.conduct.list_lag_ms = 60_000;
    let site = Site::new(options);
    let mut hidden = 0;
    let list = format!("/20160918/vcns?compartmentId={COMPARTMENT}");
    for made in 1..=10 {
        let id = site.make("vcns", "web", json!({"cidrBlocks": ["10.0.0.0/16"]})).await;
        assert_eq!(site.get(&format!("/20160918/vcns/{id}")).await["id"], json!(id));
        hidden = made - site.get(&list).await.as_array().unwrap().len();
    }
    assert!(hidden > 5, "{hidden}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(site.get(&list).await.as_array().unwrap().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_used_up_is_told_beforehand_and_refuses() {
    let mut options = options(1);
    options.conduct.limits.insert("vcn/vcn-count".to_owned(), 1);
    let site = Site::new(options);
    let path = |name: &str| {
        format!(
            "/20190729/services/vcn/limits/{name}/resourceAvailability?compartmentId={COMPARTMENT}"
        )
    };
    assert_eq!(site.get(&path("vcn-count")).await["available"], 1);
    assert_eq!(site.post("/20160918/vcns", &vcn()).await.status, 200);
    let left = site.get(&path("vcn-count")).await;
    assert_eq!((&left["available"], &left["used"]), (&json!(0), &json!(1)));
    let refused = site.post("/20160918/vcns", &vcn()).await;
    assert_eq!(refused.code(), (400, "LimitExceeded".to_owned()));
    assert_eq!(site.send(Method::GET, &path("nothing"), None).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_strict_cloud_names_the_header_that_a_change_lacks() {
    let mut options = options(1);
    options.conduct.strict = true;
    let site = Site::new(options);
    let refused = site.post("/20160918/vcns", &vcn()).await;
    assert_eq!(refused.code(), (400, "InvalidParameter".to_owned()));
    assert!(String::from_utf8_lossy(&refused.body).contains("opc-retry-token"));
    let token = [("opc-retry-token", "1")];
    let made = with(&site, Method::POST, "/20160918/vcns", &token, &vcn()).await;
    let path = format!("/20160918/vcns/{}", made.json()["id"].as_str().unwrap());
    let refused = site.send(Method::DELETE, &path, None).await;
    assert!(String::from_utf8_lossy(&refused.body).contains("if-match"));
    let etag = made.header("etag");
    let deleted = with(&site, Method::DELETE, &path, &[("if-match", &etag)], &Value::Null).await;
    assert_eq!(deleted.status, 204);

    let lists = format!("/20170115/loadBalancers/{}/hostnames", "ocid1.loadbalancer.oc1..none");
    let body = json!({"name": "www", "hostname": "www.example.com"});
    let refused = with(&site, Method::POST, &lists, &token, &body).await;
    assert!(String::from_utf8_lossy(&refused.body).contains("if-match"));
}

#[tokio::test(start_paused = true)]
async fn the_tenancy_may_be_subscribed_to_more_regions_than_its_own() {
    let mut options: Options = options(1);
    options.conduct.other_regions = vec!["eu-frankfurt-1".to_owned()];
    let site = Site::new(options);
    let path = format!("/20160918/tenancies/{}/regionSubscriptions", site.cloud.access().tenancy);
    let regions = site.get(&path).await;
    let names: Vec<&Value> =
        regions.as_array().unwrap().iter().map(|region| &region["regionName"]).collect();
    assert_eq!(names.len(), 2, "{regions}");
}
