//! Reserved public addresses and private addresses of interfaces.

use http::Method;
use serde_json::{Value, json};

use super::client::{COMPARTMENT, Client, PRIVATE, small};

const PUBLIC_IPS: &str = "/20160918/publicIps";
const PRIVATE_IPS: &str = "/20160918/privateIps";

async fn reserve(client: &Client) -> Value {
    let body = json!({"compartmentId": COMPARTMENT, "lifetime": "RESERVED"});
    client.post(PUBLIC_IPS, &body).await.expect(200).json()
}

fn with_reserved(name: &str, ip: &Value) -> Value {
    let mut body = small(name);
    body["reservedIps"] = json!([{"id": ip["id"]}]);
    body
}

#[tokio::test]
async fn a_reserved_address_outlives_the_load_balancer_that_uses_it() {
    let client = Client::new().await;
    let ip = reserve(&client).await;
    assert_eq!((&ip["lifecycleState"], &ip["scope"]), (&json!("AVAILABLE"), &json!("REGION")));
    let path = format!("{PUBLIC_IPS}/{}", ip["id"].as_str().unwrap());
    let lb =
        format!("/20170115/loadBalancers/{}", client.load_balancer(&with_reserved("a", &ip)).await);
    let shown = client.get(&lb).await.expect(200).json();
    let expected =
        json!([{"ipAddress": ip["ipAddress"], "isPublic": true, "reservedIp": {"id": ip["id"]}}]);
    assert_eq!(shown["ipAddresses"], expected);
    let used = client.get(&path).await.expect(200).json();
    assert_eq!(used["lifecycleState"], "ASSIGNED");
    let owner = format!("{PRIVATE_IPS}/{}", used["assignedEntityId"].as_str().unwrap());
    assert_eq!(client.get(&owner).await.expect(200).json()["isPrimary"], true);
    assert_eq!(client.delete(&path).await.refusal().1, "Conflict");
    let second = client.post("/20170115/loadBalancers", &with_reserved("b", &ip)).await;
    assert_eq!((second.status, second.refusal().1.as_str()), (409, "Conflict"));
    client.change(Method::DELETE, &lb, None).await;
    let free = client.get(&path).await.expect(200).json();
    assert_eq!(
        (&free["lifecycleState"], &free["ipAddress"]),
        (&json!("AVAILABLE"), &ip["ipAddress"])
    );
    client.delete(&path).await.expect(204);
    assert_eq!(client.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_reserved_address_is_found_by_itself_and_is_nobody_elses() {
    let client = Client::new().await;
    let (one, two) = (reserve(&client).await, reserve(&client).await);
    assert_ne!(one["ipAddress"], two["ipAddress"]);
    let by_address = format!("{PUBLIC_IPS}/actions/getByIpAddress");
    let found = client.post(&by_address, &json!({"ipAddress": two["ipAddress"]})).await;
    assert_eq!(found.expect(200).json()["id"], two["id"]);
    assert_eq!(client.post(&by_address, &json!({"ipAddress": "203.0.113.250"})).await.status, 404);
    let lb = client.load_balancer(&small("web")).await;
    let shown = client.get(&format!("/20170115/loadBalancers/{lb}")).await.json();
    assert!([&one, &two].iter().all(|ip| shown["ipAddresses"][0]["ipAddress"] != ip["ipAddress"]));
    let list = format!("{PUBLIC_IPS}?compartmentId={COMPARTMENT}&scope=REGION&lifetime=RESERVED");
    assert_eq!(client.get(&list).await.expect(200).json().as_array().unwrap().len(), 2);
    let path = format!("{PUBLIC_IPS}/{}", one["id"].as_str().unwrap());
    let named = client.put(&path, &json!({"displayName": "front"})).await.expect(200).json();
    assert_eq!((&named["displayName"], &named["ipAddress"]), (&json!("front"), &one["ipAddress"]));
}

#[tokio::test]
async fn what_cannot_be_reserved_for_a_load_balancer_is_refused() {
    let client = Client::new().await;
    let ip = reserve(&client).await;
    let create = async |body: &Value| client.post("/20170115/loadBalancers", body).await.refusal();
    let mut body = with_reserved("a", &json!({"id": "ocid1.publicip.oc1..none"}));
    assert_eq!(create(&body).await.1, "NotAuthorizedOrNotFound");
    body["reservedIps"] = json!([{"id": ip["id"]}, {"id": ip["id"]}]);
    assert_eq!(create(&body).await.1, "InvalidParameter");
    body = with_reserved("a", &ip);
    body["isPrivate"] = json!(true);
    assert_eq!(create(&body).await.1, "InvalidParameter");
}

#[tokio::test]
async fn secondary_addresses_come_from_the_subnet_and_go_with_their_interface() {
    let client = Client::new().await;
    let mut body = small("web");
    body["subnetIds"] = json!([PRIVATE]);
    body["isPrivate"] = json!(true);
    let lb = client.load_balancer(&body).await;
    let of_subnet = format!("{PRIVATE_IPS}?subnetId={PRIVATE}");
    let primary = client.get(&of_subnet).await.expect(200).json()[0].clone();
    assert_eq!((&primary["ipAddress"], &primary["isPrimary"]), (&json!("10.0.1.2"), &json!(true)));
    let add = async |more: Value| {
        let mut body = json!({"vnicId": primary["vnicId"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        client.post(PRIVATE_IPS, &body).await
    };
    let second = add(json!({})).await.expect(200).json();
    assert_eq!(
        (&second["ipAddress"], &second["ipState"]),
        (&json!("10.0.1.3"), &json!("ASSIGNED"))
    );
    assert_eq!(add(json!({"ipAddress": "10.0.1.3"})).await.refusal().1, "InvalidParameter");
    assert_eq!(add(json!({"ipAddress": "10.9.9.9"})).await.refusal().1, "InvalidParameter");
    add(json!({"ipAddress": "10.0.1.9"})).await.expect(200);
    let path = format!("{PRIVATE_IPS}/{}", second["id"].as_str().unwrap());
    client.delete(&path).await.expect(204);
    let path = format!("{PRIVATE_IPS}/{}", primary["id"].as_str().unwrap());
    assert_eq!(client.delete(&path).await.refusal().1, "InvalidParameter");
    let named = client.put(&path, &json!({"displayName": "front"})).await.expect(200).json();
    assert_eq!(named["displayName"], "front");
    let listed = client.get(&of_subnet).await.expect(200).json();
    let mut addresses: Vec<&str> =
        listed.as_array().unwrap().iter().map(|ip| ip["ipAddress"].as_str().unwrap()).collect();
    addresses.sort_unstable();
    assert_eq!(addresses, ["10.0.1.2", "10.0.1.9"]);
    client.change(Method::DELETE, &format!("/20170115/loadBalancers/{lb}"), None).await;
    assert_eq!(client.get(&of_subnet).await.expect(200).json(), json!([]));
    assert_eq!(client.get(PRIVATE_IPS).await.refusal().1, "MissingParameter");
}

#[tokio::test]
async fn a_subnet_with_a_reserved_private_address_stays() {
    let client = Client::new().await;
    let body = json!({"subnetId": PRIVATE, "lifetime": "RESERVED"});
    let ip = client.post(PRIVATE_IPS, &body).await.expect(200).json();
    assert_eq!(ip["ipState"], "AVAILABLE");
    let subnet = format!("/20160918/subnets/{PRIVATE}");
    assert_eq!(client.delete(&subnet).await.refusal().1, "Conflict");
    client.delete(&format!("{PRIVATE_IPS}/{}", ip["id"].as_str().unwrap())).await.expect(204);
    client.delete(&subnet).await.expect(204);
}

#[tokio::test]
async fn a_deleted_image_can_be_restored_for_two_days() {
    let client = Client::new().await;
    let body = json!({"compartmentId": COMPARTMENT, "displayName": "web"});
    let made = client.post("/20160918/container/repositories", &body).await.expect(200).json();
    super::storage::push(&client, made["id"].as_str().unwrap(), "sha256:1", "v1");
    let images = format!("/20160918/container/images?compartmentId={COMPARTMENT}");
    let id = client.get(&images).await.expect(200).json()["items"][0]["id"].clone();
    let path = format!("/20160918/container/images/{}", id.as_str().unwrap());
    let tagged = client.put(&path, &json!({"freeformTags": {"a": "b"}})).await.expect(200).json();
    assert_eq!(tagged["freeformTags"], json!({"a": "b"}));
    client.delete(&path).await.expect(204);
    assert_eq!(client.get(&path).await.status, 404);
    let restore =
        async || client.post(&format!("{path}/actions/restore"), &json!({"version": "v2"})).await;
    let restored = restore().await.expect(200).json();
    assert_eq!(
        (&restored["version"], &restored["freeformTags"]),
        (&json!("v2"), &json!({"a": "b"}))
    );
    assert_eq!(restore().await.refusal().1, "IncorrectState");
    client.delete(&path).await.expect(204);
    client.cloud.clock.advance(std::time::Duration::from_secs(49 * 3600));
    assert_eq!(restore().await.status, 404);
}
