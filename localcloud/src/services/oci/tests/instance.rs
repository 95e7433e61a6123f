//! Container instances.

use serde_json::{Value, json};

use super::client::{COMPARTMENT, Client, PRIVATE};

/// An instance of one container whose image is in this cloud's registry.
pub(super) fn body(client: &Client) -> Value {
    json!({
        "availabilityDomain": client.service.availability_domain(),
        "compartmentId": COMPARTMENT,
        "displayName": "web",
        "shape": "CI.Standard.E4.Flex",
        "shapeConfig": {"ocpus": 1, "memoryInGBs": 2},
        "containers": [{"imageUrl": "lhr.ocir.io/ns/absent:v1", "displayName": "web"}],
        "vnics": [{"subnetId": PRIVATE}],
        "imagePullSecrets": [{"secretType": "BASIC", "registryEndpoint": "lhr.ocir.io",
            "username": "dXNlcg==", "password": "c2VjcmV0"}],
    })
}

#[tokio::test]
async fn pull_secrets_are_never_shown() {
    let client = Client::new().await;
    let made = client.post("/20210415/containerInstances", &body(&client)).await.expect(200).json();
    assert_eq!(made["lifecycleState"], "CREATING");
    assert!(!made.to_string().contains("c2VjcmV0"), "{made}");
    assert_eq!(made["imagePullSecrets"][0]["registryEndpoint"], "lhr.ocir.io");
}

#[tokio::test]
async fn an_image_that_cannot_be_had_fails_the_instance_with_a_reason() {
    let client = Client::new().await;
    let made = client.post("/20210415/containerInstances", &body(&client)).await.expect(200);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/20210415/workRequests/{}", made.header("opc-work-request-id"));
    let work = client.until(&path, |work| work["status"] == "FAILED").await;
    assert_eq!(work["resources"][0]["identifier"], json!(id));
    let errors = client.get(&format!("{path}/errors")).await.expect(200).json();
    assert!(errors["items"][0]["message"].as_str().unwrap().contains("web"), "{errors}");
    let instance = format!("/20210415/containerInstances/{id}");
    assert_eq!(client.get(&instance).await.expect(200).json()["lifecycleState"], "FAILED");

    client.delete(&instance).await.expect(204);
    client.until(&instance, |found| found["lifecycleState"] == "DELETED").await;
    assert_eq!(client.service.inventory().len(), 0);
}

#[tokio::test]
async fn an_instance_that_is_being_made_cannot_be_deleted_yet() {
    let client = Client::slow(60_000).await;
    let made = client.post("/20210415/containerInstances", &body(&client)).await.expect(200).json();
    let got = client
        .delete(&format!("/20210415/containerInstances/{}", made["id"].as_str().unwrap()))
        .await;
    assert_eq!(got.refusal().1, "IncorrectState");
}

#[tokio::test]
async fn what_this_cloud_cannot_run_is_refused_by_name() {
    let client = Client::new().await;
    let mut with_volume = body(&client);
    with_volume["volumes"] = json!([{"name": "a", "volumeType": "EMPTYDIR"}]);
    assert_eq!(client.post("/20210415/containerInstances", &with_volume).await.status, 501);
    let mut too_small = body(&client);
    too_small["shapeConfig"]["memoryInGBs"] = json!(0.5);
    let (_, _, message) = client.post("/20210415/containerInstances", &too_small).await.refusal();
    assert!(message.contains("memoryInGBs"), "{message}");
}
