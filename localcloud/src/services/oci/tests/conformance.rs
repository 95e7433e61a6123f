//! Whether answers are what the vendor's contract promises.

use serde_json::{Value, json};

use super::client::{COMPARTMENT, Client, GROUP, small};
use crate::services::oci::contract::{CONTRACT, NOT_IMPLEMENTED, Shape};

/// Everything that is wrong with an answer of this type.
pub(super) fn problems(service: &str, kind: &str, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(service, kind, value, "", &mut found);
    found
}

fn check(service: &str, kind: &str, value: &Value, path: &str, found: &mut Vec<String>) {
    match (Shape::of(kind), value) {
        (Shape::List(kind), Value::Array(items)) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, v)| check(service, kind, v, &format!("{path}[{i}]"), found));
        }
        (Shape::Map(kind), Value::Object(entries)) => {
            entries
                .iter()
                .for_each(|(k, v)| check(service, kind, v, &format!("{path}.{k}"), found));
        }
        (Shape::Scalar(kind), value) => check_scalar(service, kind, value, path, found),
        (_, value) => found.push(format!("{path}: expected {kind}, found {value}")),
    }
}

fn check_scalar(service: &str, kind: &str, value: &Value, path: &str, found: &mut Vec<String>) {
    let is_moment = |text: &str| {
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).is_ok()
    };
    let fits = match kind {
        "str" => value.is_string(),
        "bool" => value.is_boolean(),
        "int" => value.is_i64() || value.is_u64(),
        "float" => value.is_number(),
        "datetime" => value.as_str().is_some_and(is_moment),
        "object" => true,
        model => return check_model(service, model, value, path, found),
    };
    if !fits {
        found.push(format!("{path}: expected {kind}, found {value}"));
    }
}

fn check_model(service: &str, name: &str, value: &Value, path: &str, found: &mut Vec<String>) {
    let mut model = CONTRACT.model(service, name).unwrap();
    if let Some(discriminator) = &model.discriminator
        && let Some(member) =
            value[&discriminator.field].as_str().and_then(|w| discriminator.mapping.get(w))
    {
        model = CONTRACT.model(service, member).unwrap();
    }
    for (field, expected) in &model.fields {
        let path = format!("{path}.{field}");
        match value.get(field).filter(|value| !value.is_null()) {
            None if expected.required => found.push(format!("{path}: required, but missing")),
            None => {}
            Some(value) => {
                check(service, &expected.kind, value, &path, found);
                let word = value.as_str().unwrap_or_default();
                if expected
                    .values
                    .as_ref()
                    .is_some_and(|all| value.is_string() && !all.contains(&word.to_owned()))
                {
                    found.push(format!("{path}: '{word}' is not of the fixed set"));
                }
            }
        }
    }
    for field in value.as_object().into_iter().flatten().map(|(field, _)| field) {
        if !model.fields.contains_key(field) {
            found.push(format!("{path}.{field}: not in the contract"));
        }
    }
}

#[tokio::test]
async fn every_operation_keeps_to_the_contract_or_says_that_it_is_not_there() {
    let client = Client::new().await;
    walk_identity(&client).await;
    walk_network(&client).await;
    walk_balancer(&client).await;
    walk_instances(&client).await;
    walk_artifacts(&client).await;
    walk_storage(&client).await;
    walk_logging(&client).await;
    let seen = client.seen.lock().unwrap().clone();
    let missed: Vec<String> = CONTRACT
        .operations()
        .filter(|o| o.response.is_some())
        .filter(|o| !NOT_IMPLEMENTED.contains(&o.name.as_str()))
        .filter(|o| !seen.contains(&(o.service.clone(), o.name.clone())))
        .map(|o| format!("{} {}", o.service, o.name))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
    refuses_the_rest(&client).await;
}

async fn refuses_the_rest(client: &Client) {
    let operations = CONTRACT.operations().filter(|o| NOT_IMPLEMENTED.contains(&o.name.as_str()));
    for operation in operations.filter(|o| o.method == "GET") {
        let path = operation.path.replace(['{', '}'], "");
        let query: Vec<String> = operation
            .query
            .iter()
            .filter(|name| operation.requires(name))
            .map(|name| match name.as_str() {
                "compartmentId" => format!("{name}={COMPARTMENT}"),
                "scope" => format!("{name}=REGION"),
                _ => format!("{name}=a"),
            })
            .collect();
        let got = client.get(&format!("{path}?{}", query.join("&"))).await;
        assert_eq!(got.refusal().1, "NotImplemented", "{}", operation.name);
    }
}

async fn walk_identity(client: &Client) {
    let tenancy = &client.credentials.tenancy;
    let domains = client
        .get(&format!("/20160918/availabilityDomains?compartmentId={tenancy}"))
        .await
        .expect(200);
    let domain = domains.json()[0]["name"].as_str().unwrap().to_owned();
    assert!(domain.ends_with(":UK-LONDON-1-AD-1"), "{domain}");
    for path in [
        format!("faultDomains?compartmentId={tenancy}&availabilityDomain={domain}"),
        format!("tenancies/{tenancy}"),
        format!("tenancies/{tenancy}/regionSubscriptions"),
        format!("users/{}", client.credentials.user),
        format!("compartments/{COMPARTMENT}"),
        format!("compartments/{tenancy}"),
        format!("compartments?compartmentId={tenancy}"),
        "regions".to_owned(),
    ] {
        client.get(&format!("/20160918/{path}")).await.expect(200);
    }
    let body = json!({"compartmentId": tenancy, "name": "more", "description": "more"});
    client.post("/20160918/compartments", &body).await.expect(200);
}

async fn walk_network(client: &Client) {
    let body =
        json!({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.8.0.0/16"], "dnsLabel": "web"});
    let vcn = client.post("/20160918/vcns", &body).await.expect(200).json();
    let in_vcn = |more: Value| {
        let mut body = json!({"compartmentId": COMPARTMENT, "vcnId": vcn["id"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let services = client.get("/20160918/services").await.expect(200).json();
    let service = services[0]["id"].as_str().unwrap();
    client.get(&format!("/20160918/services/{service}")).await.expect(200);
    let nouns = [
        (
            "subnets",
            json!({"cidrBlock": "10.8.1.0/24", "dnsLabel": "a"}),
            json!({"displayName": "b"}),
        ),
        ("internetGateways", json!({"isEnabled": true}), json!({"isEnabled": false})),
        ("natGateways", json!({}), json!({"blockTraffic": true})),
        (
            "serviceGateways",
            json!({"services": [{"serviceId": service}]}),
            json!({"displayName": "b"}),
        ),
        ("routeTables", json!({"routeRules": []}), json!({"routeRules": []})),
        (
            "securityLists",
            json!({"ingressSecurityRules": [{"protocol": "6", "source": "10.0.0.0/8"}], "egressSecurityRules": []}),
            json!({"egressSecurityRules": [{"protocol": "all", "destination": "0.0.0.0/0"}]}),
        ),
        ("networkSecurityGroups", json!({}), json!({"displayName": "b"})),
    ];
    for (noun, create, update) in nouns {
        let made =
            client.post(&format!("/20160918/{noun}"), &in_vcn(create)).await.expect(200).json();
        let path = format!("/20160918/{noun}/{}", made["id"].as_str().unwrap());
        assert_eq!(client.get(&path).await.expect(200).json(), made);
        client.put(&path, &update).await.expect(200);
        let list = format!(
            "/20160918/{noun}?compartmentId={COMPARTMENT}&vcnId={}",
            vcn["id"].as_str().unwrap()
        );
        assert!(!client.get(&list).await.expect(200).json().as_array().unwrap().is_empty());
        client.delete(&path).await.expect(204);
    }
    let path = format!("/20160918/vcns/{}", vcn["id"].as_str().unwrap());
    client.put(&path, &json!({"displayName": "renamed"})).await.expect(200);
    client.get(&path).await.expect(200);
    client.get(&format!("/20160918/vcns?compartmentId={COMPARTMENT}")).await.expect(200);
    client.delete(&path).await.expect(204);
    walk_group(client).await;
}

async fn walk_group(client: &Client) {
    let group = format!("/20160918/networkSecurityGroups/{GROUP}");
    let rule = json!({"direction": "INGRESS", "protocol": "6", "source": "10.0.0.0/16",
        "tcpOptions": {"destinationPortRange": {"min": 443, "max": 443}}});
    let body = json!({"securityRules": [rule]});
    let added =
        client.post(&format!("{group}/actions/addSecurityRules"), &body).await.expect(200).json();
    let mut rule = rule;
    rule["id"] = added["securityRules"][0]["id"].clone();
    let body = json!({"securityRules": [rule]});
    client.post(&format!("{group}/actions/updateSecurityRules"), &body).await.expect(200);
    client.get(&format!("{group}/securityRules?direction=INGRESS")).await.expect(200);
    let body = json!({"securityRuleIds": [rule["id"]]});
    client.post(&format!("{group}/actions/removeSecurityRules"), &body).await.expect(204);
}

async fn walk_balancer(client: &Client) {
    let mut body = small("web");
    body["hostnames"] = json!({"www": {"name": "www", "hostname": "www.example.com"}});
    body["ruleSets"] = json!({"headers": {"items":
        [{"action": "ADD_HTTP_REQUEST_HEADER", "header": "x-a", "value": "b"}]}});
    body["pathRouteSets"] = json!({"paths": {"pathRoutes": [{"path": "/api",
        "pathMatchType": {"matchType": "PREFIX_MATCH"}, "backendSetName": "web"}]}});
    body["sslCipherSuites"] =
        json!({"own": {"name": "own", "ciphers": ["ECDHE-RSA-AES128-GCM-SHA256"]}});
    body["listeners"]["http"]["ruleSetNames"] = json!(["headers"]);
    let id = client.load_balancer(&body).await;
    let lb = format!("/20170115/loadBalancers/{id}");
    let policy = json!({"name": "api", "conditionLanguageVersion": "V1", "rules": [{"name": "api",
        "condition": "any(http.request.url.path sw (i '/api'))",
        "actions": [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": "web"}]}]});
    client.change(http::Method::POST, &format!("{lb}/routingPolicies"), Some(&policy)).await;
    for path in [
        "",
        "/health",
        "/backendSets",
        "/backendSets/web",
        "/backendSets/web/health",
        "/backendSets/web/healthChecker",
        "/backendSets/web/backends",
        "/backendSets/web/backends/10.0.1.2%3A8080",
        "/backendSets/web/backends/10.0.1.2%3A8080/health",
        "/certificates",
        "/hostnames",
        "/hostnames/www",
        "/pathRouteSets",
        "/pathRouteSets/paths",
        "/routingPolicies",
        "/routingPolicies/api",
        "/ruleSets",
        "/ruleSets/headers",
        "/sslCipherSuites",
        "/sslCipherSuites/own",
        "/listeners/http/rules",
        "/workRequests",
    ] {
        client.get(&format!("{lb}{path}")).await.expect(200);
    }
    for list in [
        "loadBalancers",
        "loadBalancerHealths",
        "loadBalancerShapes",
        "loadBalancerPolicies",
        "loadBalancerProtocols",
    ] {
        let path = format!("/20170115/{list}?compartmentId={COMPARTMENT}");
        assert!(
            !client.get(&path).await.expect(200).json().as_array().unwrap().is_empty(),
            "{list}"
        );
    }
    client.get(&format!("/20160918/networkSecurityGroups/{GROUP}/vnics")).await.expect(200);
    let world = client.cloud.network.read();
    let id = world.vnics.keys().next().unwrap();
    let vnic = format!("/20160918/vnics/{id}");
    walk_addresses(client, id).await;
    client.get(&vnic).await.expect(200);
    client.put(&vnic, &json!({"displayName": "renamed"})).await.expect(200);
}

async fn walk_addresses(client: &Client, vnic: &str) {
    let body = json!({"compartmentId": COMPARTMENT, "lifetime": "RESERVED"});
    let public = client.post("/20160918/publicIps", &body).await.expect(200).json();
    let by_address = "/20160918/publicIps/actions/getByIpAddress";
    client.post(by_address, &json!({"ipAddress": public["ipAddress"]})).await.expect(200);
    let list = format!("/20160918/publicIps?compartmentId={COMPARTMENT}&scope=REGION");
    client.get(&list).await.expect(200);
    let private = client.post("/20160918/privateIps", &json!({"vnicId": vnic})).await.expect(200);
    client.get(&format!("/20160918/privateIps?vnicId={vnic}")).await.expect(200);
    for (noun, made) in [("publicIps", public), ("privateIps", private.json())] {
        let path = format!("/20160918/{noun}/{}", made["id"].as_str().unwrap());
        client.get(&path).await.expect(200);
        client.put(&path, &json!({"displayName": "renamed"})).await.expect(200);
        client.delete(&path).await.expect(204);
    }
}

async fn walk_instances(client: &Client) {
    let body = super::instance::body(client);
    let made = client.post("/20210415/containerInstances", &body).await.expect(200);
    let instance = made.json();
    let work = made.header("opc-work-request-id");
    client
        .get(&format!("/20210415/containerInstances/{}", instance["id"].as_str().unwrap()))
        .await
        .expect(200);
    let container = instance["containers"][0]["containerId"].as_str().unwrap();
    client.get(&format!("/20210415/containers/{container}")).await.expect(200);
    client
        .post(&format!("/20210415/containers/{container}/actions/retrieveLogs"), &json!({}))
        .await
        .expect(200);
    for list in ["containerInstances", "containers", "containerInstanceShapes", "workRequests"] {
        client.get(&format!("/20210415/{list}?compartmentId={COMPARTMENT}")).await.expect(200);
    }
    let is_over =
        |work: &Value| ["SUCCEEDED", "FAILED"].contains(&work["status"].as_str().unwrap());
    client.until(&format!("/20210415/workRequests/{work}"), is_over).await;
    client.get(&format!("/20210415/workRequests/{work}/errors")).await.expect(200);
    client.get(&format!("/20210415/workRequests/{work}/logs")).await.expect(200);
}

async fn walk_artifacts(client: &Client) {
    let body = json!({"compartmentId": COMPARTMENT, "displayName": "web/app"});
    let made = client.post("/20160918/container/repositories", &body).await.expect(200).json();
    let repository = made["id"].as_str().unwrap();
    let path = format!("/20160918/container/repositories/{repository}");
    client.put(&path, &json!({"isPublic": true})).await.expect(200);
    client.get(&path).await.expect(200);
    client
        .get(&format!("/20160918/container/repositories?compartmentId={COMPARTMENT}"))
        .await
        .expect(200);
    super::storage::push(client, repository, "sha256:1", "v1");
    let images = format!("/20160918/container/images?compartmentId={COMPARTMENT}&version=v1");
    let found = client.get(&images).await.expect(200).json();
    let image = found["items"][0]["id"].as_str().unwrap().to_owned();
    client.get(&format!("/20160918/container/images/{image}")).await.expect(200);
    let path = format!("/20160918/container/images/{image}");
    client.put(&path, &json!({"freeformTags": {"a": "b"}})).await.expect(200);
    client.delete(&path).await.expect(204);
    let version = json!({"version": "v1"});
    client.post(&format!("{path}/actions/restore"), &version).await.expect(200);
    let uri = format!("lhr.ocir.io/{}/web/app:v1", client.credentials.namespace);
    let path = "/20160918/container/images/actions/lookupImageByUri";
    client.post(path, &json!({"imageUri": uri})).await.expect(200);
    let path = format!("/20160918/container/configuration?compartmentId={COMPARTMENT}");
    client.put(&path, &json!({"isRepositoryCreatedOnFirstPush": false})).await.expect(200);
    assert_eq!(client.get(&path).await.expect(200).json()["isRepositoryCreatedOnFirstPush"], false);
}

async fn walk_storage(client: &Client) {
    let namespace = client.get("/n").await.expect(200).json();
    let buckets = format!("/n/{}/b", namespace.as_str().unwrap());
    let body = json!({"compartmentId": COMPARTMENT, "name": "state"});
    client.post(&buckets, &body).await.expect(200);
    client.get(&format!("{buckets}?compartmentId={COMPARTMENT}")).await.expect(200);
    client.get(&format!("{buckets}/state")).await.expect(200);
    let object = format!("{buckets}/state/o/a%2Fb");
    client.send(http::Method::PUT, &object, Some(&json!({"a": 1})), &[]).await.expect(200);
    client.get(&object).await.expect(200);
    client.get(&format!("{buckets}/state/o?prefix=a")).await.expect(200);
}

async fn walk_logging(client: &Client) {
    use super::logging::{GROUPS, access, worked};
    let lb = client.load_balancer(&small("logged")).await;
    let body = json!({"compartmentId": COMPARTMENT, "displayName": "site"});
    let accepted = client.post(GROUPS, &body).await.expect(204);
    let work = accepted.header("opc-work-request-id").to_owned();
    let group = format!("{GROUPS}/{}", worked(client, accepted).await);
    let accepted = client.post(&format!("{group}/logs"), &access("access", &lb)).await;
    let log = format!("{group}/logs/{}", worked(client, accepted).await);
    for path in [
        group.clone(),
        log,
        format!("{group}/logs"),
        format!("{GROUPS}?compartmentId={COMPARTMENT}"),
        "/20200531/v2/registry/services".to_owned(),
        format!("/20200531/workRequests/{work}/logs"),
        format!("/20200531/workRequests?compartmentId={COMPARTMENT}&status=SUCCEEDED"),
    ] {
        client.get(&path).await.expect(200);
    }
    let body = json!({"timeStart": "2026-01-01T00:00:00Z", "timeEnd": "2026-01-02T00:00:00Z",
        "searchQuery": format!("search \"{COMPARTMENT}\""), "isReturnFieldInfo": true});
    client.post("/20190909/search", &body).await.expect(200);
}
