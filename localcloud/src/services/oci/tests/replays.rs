//! Every operation that takes a retry token: the same call twice is one call, and the token is no good for another.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::client::{COMPARTMENT, Client, GROUP, Got, set, small};
use crate::services::oci::contract::{CONTRACT, NOT_IMPLEMENTED};

/// Calls with one token each; remembers of which operations.
struct Replays {
    client: Client,
    driven: BTreeSet<(String, String)>,
}

impl Replays {
    async fn post(&mut self, path: &str, body: &Value) -> Got {
        self.twice(Method::POST, path, body).await
    }

    async fn twice(&mut self, method: Method, path: &str, body: &Value) -> Got {
        let token = format!("token-{}", self.driven.len());
        let header = [("opc-retry-token", token.as_str())];
        let first = self.client.send(method.clone(), path, Some(body), &header).await;
        assert!(first.status < 300, "{path}: {:?}", first.body);
        let again = self.client.send(method.clone(), path, Some(body), &header).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
        for name in ["etag", "opc-work-request-id"] {
            assert_eq!(again.header(name), first.header(name), "{path} {name}");
        }
        let other = Bytes::from(format!("{body} "));
        let other = self.client.send_bytes(method.clone(), path, other, &header).await;
        let (status, code, _) = other.refusal();
        assert_eq!((status, code.as_str()), (409, "InvalidatedRetryToken"), "{path}");
        let (operation, _) = CONTRACT.route(&method, path).unwrap();
        self.driven.insert((operation.service.clone(), operation.name.clone()));
        first
    }

    /// A change of a load balancer, to its end.
    async fn change(&mut self, method: Method, path: &str, body: Value) {
        let accepted = self.twice(method, path, &body).await;
        let work = self.client.finished(&accepted).await;
        assert_eq!(work["lifecycleState"], "SUCCEEDED", "{path}: {work}");
    }
}

fn id(got: &Got) -> String {
    got.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_call_that_is_sent_twice_with_one_token_is_carried_out_once_whatever_it_is() {
    let mut replays = Replays { client: Client::new().await, driven: BTreeSet::new() };
    network(&mut replays).await;
    let lb = balancer(&mut replays).await;
    rules(&mut replays, &lb).await;
    rest(&mut replays, &lb).await;
    let takes = |header: &String| header == "opc-retry-token";
    let missed: Vec<&str> = CONTRACT
        .operations()
        .filter(|o| o.headers.iter().any(takes) && !NOT_IMPLEMENTED.contains(&o.name.as_str()))
        .filter(|o| !replays.driven.contains(&(o.service.clone(), o.name.clone())))
        .map(|o| o.name.as_str())
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

async fn network(replays: &mut Replays) {
    let body = json!({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.8.0.0/16"]});
    let vcn = id(&replays.post("/20160918/vcns", &body).await);
    let services = replays.client.get("/20160918/services").await.json();
    for (noun, more) in [
        ("subnets", json!({"cidrBlock": "10.8.1.0/24"})),
        ("internetGateways", json!({"isEnabled": true})),
        ("natGateways", json!({})),
        ("serviceGateways", json!({"services": [{"serviceId": services[0]["id"]}]})),
        ("routeTables", json!({"routeRules": []})),
        ("securityLists", json!({"ingressSecurityRules": [], "egressSecurityRules": []})),
        ("networkSecurityGroups", json!({})),
    ] {
        let mut body = json!({"compartmentId": COMPARTMENT, "vcnId": vcn});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        replays.post(&format!("/20160918/{noun}"), &body).await;
    }
    let body = json!({"compartmentId": COMPARTMENT, "lifetime": "RESERVED"});
    replays.post("/20160918/publicIps", &body).await;
    let tenancy = replays.client.credentials.tenancy.clone();
    let body = json!({"compartmentId": tenancy, "name": "more", "description": "more"});
    replays.post("/20160918/compartments", &body).await;
}

async fn balancer(replays: &mut Replays) -> String {
    let accepted = replays.post("/20170115/loadBalancers", &small("web")).await;
    let work = replays.client.finished(&accepted).await;
    let lb = format!("/20170115/loadBalancers/{}", work["loadBalancerId"].as_str().unwrap());
    let mut api = set(json!([]));
    api["name"] = json!("api");
    let checker = json!({"protocol": "TCP", "port": 80, "returnCode": 200, "retries": 3,
        "timeoutInMillis": 3000, "intervalInMillis": 10_000, "responseBodyRegex": ""});
    let backend = json!({"weight": 1, "backup": false, "drain": true, "offline": false});
    let listener = json!({"defaultBackendSetName": "web", "port": 8080, "protocol": "HTTP"});
    let mut named = listener.clone();
    named["name"] = json!("more");
    let shape = json!({"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 20});
    let (post, put) = (Method::POST, Method::PUT);
    for (method, path, body) in [
        (&post, "/backendSets", api),
        (&put, "/backendSets/api", set(json!([]))),
        (&put, "/backendSets/api/healthChecker", checker),
        (&post, "/backendSets/api/backends", json!({"ipAddress": "10.0.1.9", "port": 80})),
        (&put, "/backendSets/api/backends/10.0.1.9:80", backend),
        (&post, "/listeners", named),
        (&put, "/listeners/more", listener),
        (&post, "/hostnames", json!({"name": "www", "hostname": "www.example.com"})),
        (&put, "/hostnames/www", json!({"hostname": "w3.example.com"})),
        (&put, "", json!({"displayName": "renamed"})),
        (&put, "/updateShape", json!({"shapeName": "flexible", "shapeDetails": shape})),
        (&put, "/networkSecurityGroups", json!({"networkSecurityGroupIds": [GROUP]})),
        (&post, "/changeCompartment", json!({"compartmentId": COMPARTMENT})),
    ] {
        replays.change(method.clone(), &format!("{lb}{path}"), body).await;
    }
    lb
}

async fn rules(replays: &mut Replays, lb: &str) {
    let authority = &replays.client.cloud.authority;
    let now = replays.client.cloud.clock.now();
    let issued = authority.issue(&["a.example".to_owned()], now, time::Duration::days(9)).unwrap();
    let certificate = json!({"certificateName": "tls", "privateKey": issued.key_pem,
        "publicCertificate": issued.chain_pem});
    let route = json!([{"path": "/api", "pathMatchType": {"matchType": "PREFIX_MATCH"},
        "backendSetName": "web"}]);
    let items = json!([{"action": "ADD_HTTP_REQUEST_HEADER", "header": "x-a", "value": "b"}]);
    let policy = json!([{"name": "api", "condition": "any(http.request.url.path sw (i '/api'))",
        "actions": [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": "web"}]}]);
    let ciphers = json!(["ECDHE-RSA-AES128-GCM-SHA256"]);
    replays.change(Method::POST, &format!("{lb}/certificates"), certificate).await;
    for (noun, body) in [
        ("pathRouteSets", json!({"pathRoutes": route})),
        ("ruleSets", json!({"items": items})),
        ("routingPolicies", json!({"conditionLanguageVersion": "V1", "rules": policy})),
        ("sslCipherSuites", json!({"ciphers": ciphers})),
    ] {
        let mut named = body.clone();
        named["name"] = json!("one");
        replays.change(Method::POST, &format!("{lb}/{noun}"), named).await;
        replays.change(Method::PUT, &format!("{lb}/{noun}/one"), body).await;
    }
}

async fn rest(replays: &mut Replays, lb: &str) {
    use super::logging::{GROUPS, access, worked};
    let vnic = replays.client.cloud.network.read().vnics.keys().next().unwrap().to_owned();
    replays.post("/20160918/privateIps", &json!({"vnicId": vnic})).await;
    let body = json!({"compartmentId": COMPARTMENT, "displayName": "site"});
    let accepted = replays.post(GROUPS, &body).await;
    let group = worked(&replays.client, accepted).await;
    let lb = lb.rsplit('/').next().unwrap();
    replays.post(&format!("{GROUPS}/{group}/logs"), &access("access", lb)).await;
    let body = json!({"compartmentId": COMPARTMENT, "displayName": "web"});
    let repository = id(&replays.post("/20160918/container/repositories", &body).await);
    super::storage::push(&replays.client, &repository, "sha256:1", "v1");
    let image = replays.client.cloud.repositories.read().images.keys().next().unwrap().to_owned();
    let image = format!("/20160918/container/images/{image}");
    replays.client.delete(&image).await.expect(204);
    replays.post(&format!("{image}/actions/restore"), &json!({})).await;
    let body = super::instance::body(&replays.client);
    replays.post("/20210415/containerInstances", &body).await;
}
