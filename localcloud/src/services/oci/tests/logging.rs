//! Log groups, logs of load balancers, and the search in what they collected.

use http::Method;
use serde_json::{Value, json};
use time::Duration;

use super::client::{COMPARTMENT, Client, Got, small};
use crate::log_lines::Said;

pub(super) const GROUPS: &str = "/20200531/logGroups";
const SEARCH: &str = "/20190909/search";

fn group(name: &str) -> Value {
    json!({"compartmentId": COMPARTMENT, "displayName": name})
}

pub(super) fn access(name: &str, load_balancer: &str) -> Value {
    json!({"displayName": name, "logType": "SERVICE", "configuration": {"source":
        {"sourceType": "OCISERVICE", "service": "loadbalancer", "resource": load_balancer,
         "category": "access"}}})
}

/// Waits for the work of a call that was accepted; what it is about.
pub(super) async fn worked(client: &Client, accepted: Got) -> String {
    let accepted = accepted.expect(204);
    let path = format!("/20200531/workRequests/{}", accepted.header("opc-work-request-id"));
    let over = |work: &Value| ["SUCCEEDED", "FAILED"].contains(&work["status"].as_str().unwrap());
    let work = client.until(&path, over).await;
    assert_eq!(work["status"], "SUCCEEDED", "{work}");
    work["resources"][0]["identifier"].as_str().unwrap().to_owned()
}

/// A group with an access log of a new load balancer: paths of both, and the load balancer.
async fn collecting(client: &Client) -> (String, String, String) {
    let lb = client.load_balancer(&small("web")).await;
    let made = client.post(GROUPS, &group("site")).await;
    let group = format!("{GROUPS}/{}", worked(client, made).await);
    let made = client.post(&format!("{group}/logs"), &access("access", &lb)).await;
    let log = format!("{group}/logs/{}", worked(client, made).await);
    (group, log, lb)
}

fn say(client: &Client, lb: &str, status: &str, host: &str) {
    let now = client.cloud.clock.now();
    let data = json!({"lbStatusCode": status, "host": host});
    let said = Said { resource: lb, category: "access", time: now, data };
    client.cloud.log_lines.collect(&client.cloud.logging.read(), now, said);
    client.cloud.clock.advance(std::time::Duration::from_millis(5));
}

fn search(client: &Client, query: &str) -> Value {
    let now = client.cloud.clock.now();
    let (start, end) = (now - Duration::hours(1), now + Duration::hours(1));
    json!({"timeStart": crate::clock::stamp(start), "timeEnd": crate::clock::stamp(end),
        "searchQuery": query})
}

/// The hosts of what a search finds.
async fn hosts(client: &Client, query: &str) -> Vec<String> {
    let found = client.post(SEARCH, &search(client, query)).await.expect(200).json();
    let rows = found["results"].as_array().unwrap().clone();
    assert_eq!(found["summary"]["resultCount"], rows.len());
    let host = |row: &Value| row["data"]["logContent"]["data"]["host"].as_str().unwrap().to_owned();
    rows.iter().map(host).collect()
}

#[track_caller]
fn refused(got: &Got, status: u16, code: &str) -> String {
    let (found, found_code, message) = got.refusal();
    assert_eq!((found, found_code.as_str()), (status, code), "{message}");
    message
}

#[tokio::test]
async fn one_log_is_there_for_one_category_of_one_load_balancer() {
    let client = Client::new().await;
    let (group, log, lb) = collecting(&client).await;
    let shown = client.get(&log).await.expect(200).json();
    assert_eq!(
        (&shown["lifecycleState"], &shown["retentionDuration"]),
        (&json!("ACTIVE"), &json!(30))
    );
    let logs = format!("{group}/logs");
    refused(&client.post(&logs, &access("other", &lb)).await, 409, "Conflict");
    let mut errors = access("access", &lb);
    errors["configuration"]["source"]["category"] = json!("error");
    refused(&client.post(&logs, &errors).await, 409, "Conflict");
    errors["displayName"] = json!("errors");
    worked(&client, client.post(&logs, &errors).await).await;
    let listed = client.get(&format!("{logs}?sourceResource={lb}&sortBy=displayName")).await;
    let listed = listed.expect(200).json();
    assert_eq!(
        (&listed[0]["displayName"], &listed[1]["displayName"]),
        (&json!("access"), &json!("errors"))
    );
    let none = client.get(&format!("{logs}?sourceService=objectstorage")).await.expect(200);
    assert_eq!(none.json(), json!([]));
}

#[tokio::test]
async fn what_the_registry_does_not_have_cannot_be_logged() {
    let client = Client::new().await;
    let (group, _, lb) = collecting(&client).await;
    let logs = format!("{group}/logs");
    let with = |field: &str, value: &str| {
        let mut body = access("other", &lb);
        body["configuration"]["source"][field] = json!(value);
        body
    };
    for (field, value) in [("service", "objectstorage"), ("category", "audit")] {
        let got = client.post(&logs, &with(field, value)).await;
        assert!(refused(&got, 400, "InvalidParameter").contains(value));
    }
    let got = client.post(&logs, &with("resource", "ocid1.loadbalancer.oc1..none")).await;
    refused(&got, 404, "NotAuthorizedOrNotFound");
    let mut body = access("other", &lb);
    body["retentionDuration"] = json!(45);
    refused(&client.post(&logs, &body).await, 400, "InvalidParameter");
    let bare = json!({"displayName": "other", "logType": "SERVICE"});
    refused(&client.post(&logs, &bare).await, 400, "MissingParameter");
}

#[tokio::test]
async fn a_group_goes_when_it_is_empty() {
    let client = Client::new().await;
    let (group, log, _) = collecting(&client).await;
    refused(&client.delete(&group).await, 409, "Conflict");
    refused(&client.post(GROUPS, &self::group("site")).await, 409, "Conflict");
    worked(&client, client.delete(&log).await).await;
    refused(&client.get(&log).await, 404, "NotAuthorizedOrNotFound");
    worked(&client, client.delete(&group).await).await;
    refused(&client.get(&group).await, 404, "NotAuthorizedOrNotFound");
    assert_eq!(client.service.inventory().get("logGroups"), None);
}

#[tokio::test]
async fn while_a_log_is_made_it_is_there_and_cannot_be_changed() {
    let client = Client::slow(40).await;
    let accepted = client.post(GROUPS, &group("site")).await.expect(204);
    let listed = client.get(&format!("{GROUPS}?compartmentId={COMPARTMENT}")).await.expect(200);
    let listed = listed.json();
    assert_eq!(listed[0]["lifecycleState"], "CREATING");
    let path = format!("{GROUPS}/{}", listed[0]["id"].as_str().unwrap());
    refused(&client.put(&path, &json!({"description": "a"})).await, 409, "IncorrectState");
    worked(&client, accepted).await;
    assert_eq!(client.get(&path).await.expect(200).json()["lifecycleState"], "ACTIVE");
}

#[tokio::test]
async fn a_log_that_is_disabled_or_has_lost_its_load_balancer_collects_nothing() {
    let client = Client::new().await;
    let (_, log, lb) = collecting(&client).await;
    let all = format!("search \"{COMPARTMENT}\"");
    say(&client, &lb, "200", "first");
    worked(&client, client.put(&log, &json!({"isEnabled": false})).await).await;
    assert_eq!(client.get(&log).await.json()["lifecycleState"], "INACTIVE");
    say(&client, &lb, "200", "second");
    worked(&client, client.put(&log, &json!({"isEnabled": true})).await).await;
    say(&client, &lb, "200", "third");
    assert_eq!(hosts(&client, &all).await, ["third", "first"]);
    client.change(Method::DELETE, &format!("/20170115/loadBalancers/{lb}"), None).await;
    assert_eq!(client.get(&log).await.json()["lifecycleState"], "INACTIVE");
}

#[tokio::test]
async fn a_log_moves_to_another_group_with_what_it_collected() {
    let client = Client::new().await;
    let (group, log, lb) = collecting(&client).await;
    say(&client, &lb, "200", "a");
    let other = worked(&client, client.post(GROUPS, &self::group("other")).await).await;
    let path = format!("{log}/actions/changeLogGroup");
    refused(&client.post(&path, &json!({})).await, 400, "MissingParameter");
    worked(&client, client.post(&path, &json!({"targetLogGroupId": other})).await).await;
    assert_eq!(client.get(&format!("{group}/logs")).await.json(), json!([]));
    assert_eq!(hosts(&client, &format!("search \"{COMPARTMENT}/{other}\"")).await, ["a"]);
}

#[tokio::test]
async fn a_search_finds_what_its_query_describes() {
    let client = Client::new().await;
    let (group, log, lb) = collecting(&client).await;
    for (status, host) in [("200", "a"), ("502", "b"), ("404", "c")] {
        say(&client, &lb, status, host);
    }
    let group = group.rsplit('/').next().unwrap().to_owned();
    let log = log.rsplit('/').next().unwrap();
    for stream in [
        COMPARTMENT.to_owned(),
        format!("{COMPARTMENT}/{group}"),
        format!("{COMPARTMENT}/{group}/{log}"),
        format!("{COMPARTMENT}/site/access"),
    ] {
        assert_eq!(hosts(&client, &format!("search \"{stream}\"")).await, ["c", "b", "a"]);
    }
    for (rest, expected) in [
        ("where data.lbStatusCode = '502'", vec!["b"]),
        ("where data.lbStatusCode != '502' | sort by datetime asc", vec!["a", "c"]),
        ("sort by data.host desc | limit 2", vec!["c", "b"]),
        // What is equal stays in the order of its lines.
        ("sort by type asc", vec!["a", "b", "c"]),
        ("sort by type desc", vec!["c", "b", "a"]),
        (
            "where oracle.resourceid = 'x' or type = 'com.oraclecloud.loadbalancer.access'",
            vec!["c", "b", "a"],
        ),
    ] {
        assert_eq!(hosts(&client, &format!("search \"{COMPARTMENT}\" | {rest}")).await, expected);
    }
}

#[tokio::test]
async fn who_may_read_log_groups_may_not_yet_read_what_is_in_them() {
    let client = Client::new().await;
    let (group, _, lb) = collecting(&client).await;
    say(&client, &lb, "200", "a");
    let allow = |what: &str| {
        let statement = format!("Allow any-user to {what} in compartment id {COMPARTMENT}");
        client.cloud.policies.replace(&[statement]).unwrap();
    };
    let query = search(&client, &format!("search \"{COMPARTMENT}\""));
    allow("read log-groups");
    client.get(&group).await.expect(200);
    refused(&client.send(Method::DELETE, &group, None, &[]).await, 404, "NotAuthorizedOrNotFound");
    refused(&client.post(SEARCH, &query).await, 404, "NotAuthorizedOrNotFound");
    allow("read logging-family");
    client.post(SEARCH, &query).await.expect(200);
}

#[tokio::test]
async fn a_search_for_what_is_not_there_or_not_understood_is_refused() {
    let client = Client::new().await;
    let ask = async |query: &str| client.post(SEARCH, &search(&client, query)).await;
    for (query, status, code) in [
        ("search \"ocid1.compartment.oc1..foreign\"".to_owned(), 404, "NotAuthorizedOrNotFound"),
        (format!("search \"{COMPARTMENT}/nothing\""), 404, "NotAuthorizedOrNotFound"),
        (format!("search \"{COMPARTMENT}\" | summarize count()"), 400, "InvalidParameter"),
        ("find everything".to_owned(), 400, "InvalidParameter"),
    ] {
        refused(&ask(&query).await, status, code);
    }
    let mut backwards = search(&client, "search \"a\"");
    backwards["timeEnd"] = backwards["timeStart"].clone();
    refused(&client.post(SEARCH, &backwards).await, 400, "InvalidParameter");
}

#[tokio::test]
async fn the_pages_of_a_search_hold_every_line_once_whatever_comes_meanwhile() {
    let client = Client::new().await;
    let (_, _, lb) = collecting(&client).await;
    (0..5).for_each(|n| say(&client, &lb, "200", &format!("{n}")));
    let body = search(&client, &format!("search \"{COMPARTMENT}\""));
    let mut found = Vec::new();
    let mut page = String::new();
    loop {
        let got = client.post(&format!("{SEARCH}?limit=2{page}"), &body).await.expect(200);
        let rows = got.json()["results"].as_array().unwrap().clone();
        found.extend(rows.iter().map(|row| row["data"]["logContent"]["data"]["host"].clone()));
        say(&client, &lb, "200", "late");
        match got.header("opc-next-page") {
            "" => break,
            next => page = format!("&page={next}"),
        }
    }
    assert_eq!(found, ["4", "3", "2", "1", "0"]);
    refused(&client.post(&format!("{SEARCH}?page=x"), &body).await, 400, "InvalidParameter");
}

#[tokio::test]
async fn work_that_is_planned_to_fail_leaves_a_group_that_failed() {
    let client = Client::new().await;
    client.cloud.faults.plan(crate::faults::Fault {
        operation: "CreateLogGroup".to_owned(),
        outcome: crate::faults::Outcome::FailedWork,
        times: 1,
        ..crate::faults::Fault::default()
    });
    let accepted = client.post(GROUPS, &group("site")).await.expect(204);
    let path = format!("/20200531/workRequests/{}", accepted.header("opc-work-request-id"));
    let work = client.until(&path, |work| work["status"] == "FAILED").await;
    let id = work["resources"][0]["identifier"].as_str().unwrap();
    let group = client.get(&format!("{GROUPS}/{id}")).await.expect(200).json();
    assert_eq!(group["lifecycleState"], "FAILED");
}
