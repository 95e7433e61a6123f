//! What is answered to a user whom the tenancy's policies do not allow everything.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use super::client::{COMPARTMENT, Client, GROUP, PUBLIC, small};

/// A cloud in which `any-user` may do this, in the compartment, and nothing else.
async fn allowing(whats: &[&str]) -> Client {
    let client = Client::new().await;
    let statement = |what: &&str| match what.split_once(" where ") {
        Some((what, condition)) => {
            format!("Allow any-user to {what} in compartment id {COMPARTMENT} where {condition}")
        }
        None => format!("Allow any-user to {what} in compartment id {COMPARTMENT}"),
    };
    let statements: Vec<String> = whats.iter().map(statement).collect();
    client.cloud.policies.replace(&statements).unwrap();
    client
}

#[tokio::test]
async fn what_no_statement_allows_is_answered_as_if_it_were_not_there() {
    let client = allowing(&["read vcns"]).await;
    client.get(&format!("/20160918/vcns?compartmentId={COMPARTMENT}")).await.expect(200);
    let vcn = json!({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.9.0.0/16"]});
    let made = client.post("/20160918/vcns", &vcn).await;
    let listed = client.get(&format!("/20160918/subnets?compartmentId={COMPARTMENT}")).await;
    let got = client.get(&format!("/20160918/subnets/{PUBLIC}")).await;
    for refused in [made, listed, got] {
        let (status, code, message) = refused.refusal();
        assert_eq!((status, code.as_str()), (404, "NotAuthorizedOrNotFound"));
        assert!(!message.contains("SUBNET_READ") && !message.contains("VCN_CREATE"), "{message}");
    }
    let needed = [
        "CreateVcn needs VCN_CREATE",
        "ListSubnets needs SUBNET_READ",
        "GetSubnet needs SUBNET_READ",
    ];
    assert_eq!(
        client.cloud.policies.denials(),
        needed.map(|need| format!("{need} in {COMPARTMENT}"))
    );
}

#[tokio::test]
async fn what_a_call_begins_to_use_must_be_allowed_too() {
    let client = allowing(&["manage load-balancers", "use subnets"]).await;
    let mut body = small("web");
    body["networkSecurityGroupIds"] = json!([GROUP]);
    assert_eq!(client.post("/20170115/loadBalancers", &body).await.refusal().0, 404);
    let denial =
        format!("CreateLoadBalancer needs NETWORK_SECURITY_GROUP_UPDATE_MEMBERS in {COMPARTMENT}");
    assert_eq!(client.cloud.policies.denials(), [denial]);
}

#[tokio::test]
async fn an_update_needs_nothing_of_what_it_leaves_as_it_is() {
    let client = allowing(&[]).await;
    let path = format!("/20160918/subnets/{PUBLIC}");
    let kept = client.get(&path).await.expect(200).json()["routeTableId"].clone();
    let tables = client.get(&format!("/20160918/routeTables?compartmentId={COMPARTMENT}")).await;
    let tables = tables.json();
    let other = tables.as_array().unwrap().iter().find(|table| table["id"] != kept).unwrap();
    let statement = format!("Allow any-user to manage subnets in compartment id {COMPARTMENT}");
    client.cloud.policies.replace(&[statement]).unwrap();
    let change = json!({"displayName": "new", "routeTableId": kept});
    client.put(&path, &change).await.expect(200);
    let change = json!({"routeTableId": other["id"]});
    assert_eq!(client.put(&path, &change).await.refusal().0, 404);
    let denial = format!("UpdateSubnet needs ROUTE_TABLE_ATTACH in {COMPARTMENT}");
    assert_eq!(client.cloud.policies.denials(), [denial]);
}

#[tokio::test]
async fn an_object_that_is_there_may_be_overwritten_by_whoever_may_not_make_one() {
    let everything = "manage object-family where target.bucket.name = 'state'";
    let client = allowing(&[everything]).await;
    let namespace = client.get("/n").await.expect(200).json();
    let buckets = format!("/n/{}/b", namespace.as_str().unwrap());
    let bucket = |name: &str| json!({"compartmentId": COMPARTMENT, "name": name});
    client.post(&buckets, &bucket("state")).await.expect(200);
    assert_eq!(client.post(&buckets, &bucket("other")).await.refusal().0, 404);
    let put = async |name: &str| {
        let path = format!("{buckets}/state/o/{name}");
        client.send_bytes(Method::PUT, &path, Bytes::from_static(b"x"), &[]).await
    };
    put("a").await.expect(200);
    let statement = format!("Allow any-user to use objects in compartment id {COMPARTMENT}");
    client.cloud.policies.replace(&[statement]).unwrap();
    put("a").await.expect(200);
    let (status, code, _) = put("b").await.refusal();
    assert_eq!((status, code.as_str()), (404, "BucketNotFound"));
}
