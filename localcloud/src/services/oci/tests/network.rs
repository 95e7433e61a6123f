//! VCNs and what is in them.

use serde_json::{Value, json};

use super::client::{COMPARTMENT, Client, GROUP, PUBLIC, small};

async fn vcn(client: &Client) -> Value {
    let body = json!({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.9.0.0/16"]});
    client.post("/20160918/vcns", &body).await.expect(200).json()
}

fn subnet(vcn: &Value, cidr: &str) -> Value {
    json!({"compartmentId": COMPARTMENT, "vcnId": vcn["id"], "cidrBlock": cidr})
}

fn path(noun: &str, item: &Value) -> String {
    format!("/20160918/{noun}/{}", item["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_subnet_lies_in_its_vcn_and_beside_the_others() {
    let client = Client::new().await;
    let vcn = vcn(&client).await;
    client.post("/20160918/subnets", &subnet(&vcn, "10.9.1.0/24")).await.expect(200);
    for (cidr, why) in
        [("10.9.1.128/25", "overlaps"), ("10.10.0.0/24", "not within"), ("10.9.2.1/24", "invalid")]
    {
        let (status, code, message) =
            client.post("/20160918/subnets", &subnet(&vcn, cidr)).await.refusal();
        assert_eq!((status, code.as_str()), (400, "InvalidParameter"));
        assert!(message.contains(why), "{message}");
    }
}

#[tokio::test]
async fn a_new_vcn_lets_ssh_in_until_its_list_is_emptied() {
    let client = Client::new().await;
    let vcn = vcn(&client).await;
    let list =
        format!("/20160918/securityLists/{}", vcn["defaultSecurityListId"].as_str().unwrap());
    let rules = client.get(&list).await.expect(200).json()["ingressSecurityRules"].clone();
    assert_eq!(rules[0]["tcpOptions"]["destinationPortRange"], json!({"min": 22, "max": 22}));
    let emptied = client.put(&list, &json!({"ingressSecurityRules": []})).await.expect(200).json();
    assert_eq!(emptied["ingressSecurityRules"], json!([]));
    assert_eq!(emptied["egressSecurityRules"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_goes_while_something_else_needs_it() {
    let client = Client::new().await;
    let vcn = vcn(&client).await;
    let mut gateway = json!({"compartmentId": COMPARTMENT, "vcnId": vcn["id"], "isEnabled": true});
    gateway = client.post("/20160918/internetGateways", &gateway).await.expect(200).json();
    let rules = json!([{"destination": "0.0.0.0/0", "networkEntityId": gateway["id"]}]);
    let table = json!({"compartmentId": COMPARTMENT, "vcnId": vcn["id"], "routeRules": rules});
    let table = client.post("/20160918/routeTables", &table).await.expect(200).json();
    let mut body = subnet(&vcn, "10.9.1.0/24");
    body["routeTableId"] = table["id"].clone();
    let subnet = client.post("/20160918/subnets", &body).await.expect(200).json();

    let in_order = [
        path("subnets", &subnet),
        path("routeTables", &table),
        path("internetGateways", &gateway),
        path("vcns", &vcn),
    ];
    for early in in_order.iter().skip(1) {
        let (status, code, message) = client.delete(early).await.refusal();
        assert_eq!((status, code.as_str()), (409, "Conflict"), "{early}");
        assert!(message.contains("must remove the reference"), "{message}");
    }
    for path in &in_order {
        client.delete(path).await.expect(204);
    }
    assert_eq!(client.service.inventory().len(), 0);
}

#[tokio::test]
async fn a_load_balancer_holds_its_subnet_and_its_group() {
    let client = Client::new().await;
    let id = client.load_balancer(&small("web")).await;
    for (path, kind) in [
        (format!("/20160918/subnets/{PUBLIC}"), "Subnet"),
        (format!("/20160918/networkSecurityGroups/{GROUP}"), "NetworkSecurityGroup"),
    ] {
        let (status, _, message) = client.delete(&path).await.refusal();
        assert_eq!(status, 409);
        assert!(
            message.starts_with(&format!("The {kind} ")) && message.contains("references the VNIC"),
            "{message}"
        );
    }
    client.change(http::Method::DELETE, &format!("/20170115/loadBalancers/{id}"), None).await;
    client.delete(&format!("/20160918/networkSecurityGroups/{GROUP}")).await.expect(204);
}

#[tokio::test]
async fn a_group_takes_at_most_twenty_five_rules_in_one_call() {
    let client = Client::new().await;
    let rule = |n: u8| json!({"direction": "INGRESS", "protocol": "6", "source": format!("10.{n}.0.0/16")});
    let path = format!("/20160918/networkSecurityGroups/{GROUP}/actions/addSecurityRules");
    let many = |count: u8| json!({"securityRules": (0..count).map(rule).collect::<Vec<_>>()});
    assert_eq!(client.post(&path, &many(26)).await.status, 400);
    let added = client.post(&path, &many(25)).await.expect(200).json();
    let id = added["securityRules"][0]["id"].as_str().unwrap();
    assert_eq!(id.len(), 6);
}

#[tokio::test]
async fn seeds_survive_a_restart_and_are_not_counted() {
    let client = Client::new().await;
    let before = client.cloud.network.read().clone();
    let again = Client::open(client.state.clone(), 0).await;
    assert_eq!(client.cloud.network.read(), before);
    assert_eq!(again.cloud.network.read(), before);
    assert_eq!(again.service.inventory().len(), 0);
}
