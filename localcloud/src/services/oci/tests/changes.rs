//! Every change that a load balancer knows, one after another on the same one.

use http::Method;
use serde_json::{Value, json};

use super::client::{COMPARTMENT, Client, small};

/// Method, path below the load balancer, body; what it leaves at a path of `GetLoadBalancer`.
type Step = (Method, &'static str, Option<Value>, &'static str, Value);

fn on_backends() -> Vec<Step> {
    let backend = json!({"ipAddress": "10.0.1.3", "port": 80});
    let drained = json!({"weight": 3, "backup": false, "drain": true, "offline": false});
    let checker = json!({"protocol": "TCP", "port": 80, "returnCode": 200, "retries": 2,
        "timeoutInMillis": 1000, "intervalInMillis": 2000, "responseBodyRegex": ""});
    let one = "/backendSets/web/backends/10.0.1.3%3A80";
    vec![
        (
            Method::POST,
            "/backendSets/web/backends",
            Some(backend),
            "/backendSets/web/backends/1/weight",
            json!(1),
        ),
        (Method::PUT, one, Some(drained), "/backendSets/web/backends/1/drain", json!(true)),
        (Method::DELETE, one, None, "/backendSets/web/backends/1", Value::Null),
        (
            Method::PUT,
            "/backendSets/web/healthChecker",
            Some(checker),
            "/backendSets/web/healthChecker/protocol",
            json!("TCP"),
        ),
    ]
}

fn on_names() -> Vec<Step> {
    let name = |name: &str| json!({"name": "www", "hostname": name});
    let suite = |cipher: &str| json!({"name": "own", "ciphers": [cipher]});
    vec![
        (
            Method::POST,
            "/hostnames",
            Some(name("a.example")),
            "/hostnames/www/hostname",
            json!("a.example"),
        ),
        (
            Method::PUT,
            "/hostnames/www",
            Some(json!({"hostname": "b.example"})),
            "/hostnames/www/hostname",
            json!("b.example"),
        ),
        (Method::DELETE, "/hostnames/www", None, "/hostnames/www", Value::Null),
        (
            Method::POST,
            "/sslCipherSuites",
            Some(suite("A")),
            "/sslCipherSuites/own/ciphers",
            json!(["A"]),
        ),
        (
            Method::PUT,
            "/sslCipherSuites/own",
            Some(json!({"ciphers": ["B"]})),
            "/sslCipherSuites/own/ciphers",
            json!(["B"]),
        ),
        (Method::DELETE, "/sslCipherSuites/own", None, "/sslCipherSuites/own", Value::Null),
    ]
}

fn on_routes() -> Vec<Step> {
    let routes = |path: &str| json!([{"path": path, "pathMatchType": {"matchType": "EXACT_MATCH"}, "backendSetName": "web"}]);
    let rules =
        |value: &str| json!([{"action": "ADD_HTTP_REQUEST_HEADER", "header": "x", "value": value}]);
    let policy = |path: &str| {
        json!([{"name": "r", "condition": format!("all(http.request.url.path eq (i '{path}'))"),
            "actions": [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": "web"}]}])
    };
    vec![
        (
            Method::POST,
            "/pathRouteSets",
            Some(json!({"name": "p", "pathRoutes": routes("/a")})),
            "/pathRouteSets/p/pathRoutes/0/path",
            json!("/a"),
        ),
        (
            Method::PUT,
            "/pathRouteSets/p",
            Some(json!({"pathRoutes": routes("/b")})),
            "/pathRouteSets/p/pathRoutes/0/path",
            json!("/b"),
        ),
        (Method::DELETE, "/pathRouteSets/p", None, "/pathRouteSets/p", Value::Null),
        (
            Method::POST,
            "/ruleSets",
            Some(json!({"name": "r", "items": rules("a")})),
            "/ruleSets/r/items/0/value",
            json!("a"),
        ),
        (
            Method::PUT,
            "/ruleSets/r",
            Some(json!({"items": rules("b")})),
            "/ruleSets/r/items/0/value",
            json!("b"),
        ),
        (Method::DELETE, "/ruleSets/r", None, "/ruleSets/r", Value::Null),
        (
            Method::POST,
            "/routingPolicies",
            Some(json!({"name": "r", "conditionLanguageVersion": "V1", "rules": policy("/a")})),
            "/routingPolicies/r/rules/0/name",
            json!("r"),
        ),
        (
            Method::PUT,
            "/routingPolicies/r",
            Some(json!({"rules": policy("/b")})),
            "/routingPolicies/r/conditionLanguageVersion",
            json!("V1"),
        ),
        (Method::DELETE, "/routingPolicies/r", None, "/routingPolicies/r", Value::Null),
    ]
}

fn on_itself(tenancy: &str) -> Vec<Step> {
    let shape = json!({"shapeName": "flexible",
        "shapeDetails": {"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 20}});
    let listener =
        json!({"name": "more", "defaultBackendSetName": "web", "port": 81, "protocol": "TCP"});
    vec![
        (
            Method::PUT,
            "/updateShape",
            Some(shape),
            "/shapeDetails/maximumBandwidthInMbps",
            json!(20),
        ),
        (
            Method::PUT,
            "",
            Some(json!({"freeformTags": {"a": "b"}})),
            "/freeformTags",
            json!({"a": "b"}),
        ),
        (
            Method::PUT,
            "/networkSecurityGroups",
            Some(json!({"networkSecurityGroupIds": []})),
            "/networkSecurityGroupIds",
            json!([]),
        ),
        (
            Method::POST,
            "/changeCompartment",
            Some(json!({"compartmentId": tenancy})),
            "/compartmentId",
            json!(tenancy),
        ),
        (
            Method::POST,
            "/changeCompartment",
            Some(json!({"compartmentId": COMPARTMENT})),
            "/compartmentId",
            json!(COMPARTMENT),
        ),
        (
            Method::POST,
            "/listeners",
            Some(listener),
            "/listeners/more/connectionConfiguration/idleTimeout",
            json!(300),
        ),
        (Method::DELETE, "/listeners/more", None, "/listeners/more", Value::Null),
    ]
}

#[tokio::test]
async fn every_change_of_a_load_balancer_does_what_its_name_says() {
    let client = Client::new().await;
    let id = client.load_balancer(&small("web")).await;
    let lb = format!("/20170115/loadBalancers/{id}");
    let own = on_itself(&client.credentials.tenancy);
    let steps = [on_backends(), on_names(), on_routes(), own].into_iter().flatten();
    for (method, path, body, at, wanted) in steps {
        let named = format!("{method} {path}");
        client.change(method, &format!("{lb}{path}"), body.as_ref()).await;
        let shown = client.get(&lb).await.expect(200).json();
        assert_eq!(shown.pointer(at).unwrap_or(&Value::Null), &wanted, "{named}");
    }
    // The interface left its group together with the load balancer.
    assert!(client.cloud.network.read().vnics.values().all(|vnic| vnic.nsg_ids.is_empty()));
}
