//! Load balancers: life cycle, line, validation, what is protected.

use http::Method;
use serde_json::{Value, json};
use time::Duration;

use super::client::{Client, GROUP, PRIVATE, set, small};
use crate::health::{CheckResult, Health};

async fn read(client: &Client, id: &str) -> Value {
    client.get(&format!("/20170115/loadBalancers/{id}")).await.expect(200).json()
}

fn certificate(client: &Client, name: &str) -> Value {
    let issued = client.cloud.authority.issue(
        &["www.example.com".to_owned()],
        client.cloud.clock.now(),
        Duration::days(90),
    );
    let issued = issued.unwrap();
    json!({"certificateName": name, "publicCertificate": issued.chain_pem, "privateKey": issued.key_pem})
}

#[tokio::test]
async fn one_call_makes_a_load_balancer_with_all_its_children() {
    let client = Client::new().await;
    let mut body = small("web");
    body["certificates"] = json!({"c1": certificate(&client, "c1")});
    body["hostnames"] = json!({"www": {"name": "www", "hostname": "www.example.com"}});
    body["listeners"]["https"] = json!({"defaultBackendSetName": "web", "port": 443, "protocol": "HTTP",
        "hostnameNames": ["www"], "sslConfiguration": {"certificateName": "c1"}});
    let id = client.load_balancer(&body).await;
    let lb = read(&client, &id).await;
    assert_eq!(lb["lifecycleState"], "ACTIVE");
    assert_eq!(lb["ipAddresses"][0]["isPublic"], true);
    assert!(lb["ipAddresses"][0]["ipAddress"].as_str().unwrap().starts_with("203.0.113."));
    assert_eq!(lb["listeners"]["https"]["sslConfiguration"]["protocols"], json!(["TLSv1.2"]));
    assert_eq!(lb["backendSets"]["web"]["backends"][0]["name"], "10.0.1.2:8080");
    assert!(!lb.to_string().contains("PRIVATE KEY"), "a private key was shown");
    let vnic = client.cloud.network.read().vnics.values().next().cloned().unwrap();
    assert_eq!(
        (vnic.owner_id, vnic.nsg_ids, vnic.private_ip),
        (id, vec![GROUP.to_owned()], "10.0.0.2".to_owned())
    );
}

#[tokio::test]
async fn a_deleted_load_balancer_can_be_read_but_is_in_no_list() {
    let client = Client::new().await;
    let id = client.load_balancer(&small("web")).await;
    client.change(Method::DELETE, &format!("/20170115/loadBalancers/{id}"), None).await;
    assert_eq!(read(&client, &id).await["lifecycleState"], "DELETED");
    let list = format!("/20170115/loadBalancers?compartmentId={}", super::client::COMPARTMENT);
    assert_eq!(client.get(&list).await.expect(200).json(), json!([]));
    assert_eq!(client.service.inventory().len(), 0);
    assert_eq!(client.delete(&format!("/20170115/loadBalancers/{id}")).await.status, 404);
}

#[tokio::test]
async fn changes_wait_in_line_and_happen_in_their_order() {
    let client = Client::slow(5).await;
    let id = client.load_balancer(&small("web")).await;
    let backends = format!("/20170115/loadBalancers/{id}/backendSets/web");
    let mut accepted = Vec::new();
    for port in 1..=5 {
        let body = set(json!([{"ipAddress": "10.0.1.2", "port": port}]));
        accepted.push(client.put(&backends, &body).await.expect(204));
    }
    let mut finished = Vec::new();
    for accepted in &accepted {
        finished.push(client.finished(accepted).await["timeFinished"].as_str().unwrap().to_owned());
    }
    assert!(finished.is_sorted(), "{finished:?}");
    assert_eq!(client.get(&backends).await.expect(200).json()["backends"][0]["port"], 5);
}

#[tokio::test]
async fn a_change_that_was_valid_when_accepted_can_fail_at_its_turn() {
    let client = Client::slow(20).await;
    let id = client.load_balancer(&small("web")).await;
    let sets = format!("/20170115/loadBalancers/{id}/backendSets");
    let mut body = set(json!([]));
    body["name"] = json!("api");
    let first = client.post(&sets, &body).await.expect(204);
    let second = client.post(&sets, &body).await.expect(204);
    assert_eq!(client.finished(&first).await["lifecycleState"], "SUCCEEDED");
    let failed = client.finished(&second).await;
    assert_eq!(failed["lifecycleState"], "FAILED");
    assert_eq!(failed["errorDetails"][0]["errorCode"], "BAD_INPUT");
    assert!(
        failed["errorDetails"][0]["message"]
            .as_str()
            .unwrap()
            .contains("already has backend set 'api'")
    );
}

#[tokio::test]
async fn a_load_balancer_that_is_being_made_takes_no_changes() {
    let client = Client::slow(60_000).await;
    let accepted = client.post("/20170115/loadBalancers", &small("web")).await.expect(204);
    let path =
        format!("/20170115/loadBalancerWorkRequests/{}", accepted.header("opc-work-request-id"));
    let id =
        client.get(&path).await.expect(200).json()["loadBalancerId"].as_str().unwrap().to_owned();
    let got =
        client.put(&format!("/20170115/loadBalancers/{id}"), &json!({"displayName": "b"})).await;
    assert_eq!((got.status, got.refusal().1.as_str()), (409, "IncorrectState"));
}

#[tokio::test]
async fn the_etag_of_any_part_is_that_of_the_whole_and_changes_with_every_change() {
    let client = Client::new().await;
    let id = client.load_balancer(&small("web")).await;
    let lb = format!("/20170115/loadBalancers/{id}");
    let before = client.get(&lb).await.header("etag").to_owned();
    assert_eq!(client.get(&format!("{lb}/backendSets/web")).await.header("etag"), before);
    let stale = [("if-match", before.as_str())];
    let accepted =
        client.send(Method::PUT, &lb, Some(&json!({"displayName": "b"})), &stale).await.expect(204);
    client.finished(&accepted).await;
    let got = client.send(Method::PUT, &lb, Some(&json!({"displayName": "c"})), &stale).await;
    assert_eq!((got.status, got.refusal().1.as_str()), (412, "NoEtagMatch"));
}

#[tokio::test]
async fn a_put_replaces_what_it_does_not_name() {
    let client = Client::new().await;
    let mut body = small("web");
    body["hostnames"] = json!({"www": {"name": "www", "hostname": "www.example.com"}});
    body["listeners"]["http"]["hostnameNames"] = json!(["www"]);
    let id = client.load_balancer(&body).await;
    let listener = format!("/20170115/loadBalancers/{id}/listeners/http");
    let body = json!({"defaultBackendSetName": "web", "port": 8080, "protocol": "HTTP"});
    client.change(Method::PUT, &listener, Some(&body)).await;
    let shown = read(&client, &id).await["listeners"]["http"].clone();
    assert_eq!((&shown["hostnameNames"], &shown["port"]), (&json!([]), &json!(8080)));
}

#[tokio::test]
async fn references_protect_what_they_point_at() {
    let client = Client::new().await;
    let mut body = small("web");
    body["certificates"] = json!({"c1": certificate(&client, "c1")});
    body["listeners"]["https"] = json!({"defaultBackendSetName": "web", "port": 443, "protocol": "HTTP",
        "sslConfiguration": {"certificateName": "c1"}});
    let id = client.load_balancer(&body).await;
    let lb = format!("/20170115/loadBalancers/{id}");
    let (status, code, message) = client.delete(&format!("{lb}/certificates/c1")).await.refusal();
    assert_eq!((status, code.as_str()), (409, "Conflict"));
    assert_eq!(message, "Certificate 'c1' is attached to one or more listeners/backendSets");
    let (status, code, message) = client.delete(&format!("{lb}/backendSets/web")).await.refusal();
    assert_eq!((status, code.as_str()), (400, "InvalidParameter"));
    assert!(message.contains("Can't remove backend set 'web'"), "{message}");
}

#[tokio::test]
async fn a_key_that_does_not_belong_to_the_certificate_is_refused() {
    let client = Client::new().await;
    let id = client.load_balancer(&small("web")).await;
    let mut wrong = certificate(&client, "c1");
    wrong["privateKey"] = certificate(&client, "c2")["privateKey"].clone();
    let got = client.post(&format!("/20170115/loadBalancers/{id}/certificates"), &wrong).await;
    let (status, _, message) = got.refusal();
    assert_eq!(status, 400);
    assert!(message.contains("does not match") && !message.contains("PRIVATE"), "{message}");
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_at_once() {
    let client = Client::new().await;
    let with = |path: &str, value: Value| {
        let mut body = small("web");
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let listener = |more: Value| {
        let mut listener = json!({"defaultBackendSetName": "web", "port": 80, "protocol": "HTTP"});
        listener.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        listener
    };
    let cases = [
        (
            with("/listeners/http", listener(json!({"defaultBackendSetName": "no"}))),
            "unknown backend set 'no'",
        ),
        (
            with("/listeners/http", listener(json!({"hostnameNames": ["no"]}))),
            "unknown hostname 'no'",
        ),
        (with("/listeners/http", listener(json!({"protocol": "SMTP"}))), "unknown protocol"),
        (
            with(
                "/listeners/http",
                listener(json!({"sslConfiguration": {"certificateName": "no"}})),
            ),
            "unknown certificate",
        ),
        (
            with("/listeners", json!({"a": listener(json!({})), "b": listener(json!({}))})),
            "share a port",
        ),
        (with("/shapeName", json!("huge")), "shapeName"),
        (with("/subnetIds", json!([PRIVATE])), "public IP"),
        (with("/backendSets/web/policy", json!("RANDOM")), "unknown policy"),
        (
            with("/backendSets/web/healthChecker", json!({"protocol": "tcp"})),
            "No enum constant for tcp",
        ),
        (
            with("/backendSets/web/backends", json!([{"ipAddress": "web", "port": 1}])),
            "not an IP address",
        ),
    ];
    for (body, why) in cases {
        let (status, _, message) = client.post("/20170115/loadBalancers", &body).await.refusal();
        assert_eq!(status, 400, "{why}: {message}");
        assert!(message.contains(why), "{why}: {message}");
    }
    assert_eq!(client.service.inventory().len(), 0);
}

#[tokio::test]
async fn health_is_what_the_data_plane_published() {
    let client = Client::new().await;
    let id = client.load_balancer(&small("web")).await;
    let path = format!("/20170115/loadBalancers/{id}/backendSets/web");
    assert_eq!(client.get(&format!("{path}/health")).await.json()["status"], "UNKNOWN");
    let publish = |status| {
        let health = Health { status, time: client.cloud.clock.stamp() };
        client.cloud.health.set(&id, "web", "10.0.1.2:8080", health);
    };
    publish(CheckResult::Ok);
    assert_eq!(
        client.get(&format!("/20170115/loadBalancers/{id}/health")).await.json()["status"],
        "OK"
    );
    publish(CheckResult::ConnectFailed);
    let backend =
        client.get(&format!("{path}/backends/10.0.1.2:8080/health")).await.expect(200).json();
    assert_eq!(backend["status"], "CRITICAL");
    assert_eq!(backend["healthCheckResults"][0]["healthCheckStatus"], "CONNECT_FAILED");
}

#[tokio::test]
async fn work_that_was_accepted_before_a_restart_is_finished_after_it() {
    let client = Client::slow(60_000).await;
    let accepted = client.post("/20170115/loadBalancers", &small("web")).await.expect(204);
    let again = Client::open(client.state.clone(), 0).await;
    again.service.resume().await;
    let work = again.finished(&accepted).await;
    assert_eq!(work["lifecycleState"], "SUCCEEDED");
    assert_eq!(
        read(&again, work["loadBalancerId"].as_str().unwrap()).await["lifecycleState"],
        "ACTIVE"
    );
}
