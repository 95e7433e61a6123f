//! The vendor's documents survive the models, and each child is addressed as the vendor does.

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::testing::{World, answer_with, run};

/// Reads `document` as a `T` and writes it again: nothing is lost, renamed or added.
fn survives<T: DeserializeOwned + Serialize>(document: &Value) {
    let model: T = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(model).unwrap(), *document);
}

fn rule_set_items() -> Value {
    let path = json!({"attributeName": "PATH", "attributeValue": "/",
        "operator": "FORCE_LONGEST_PREFIX_MATCH"});
    let address = json!({"attributeName": "SOURCE_IP_ADDRESS", "attributeValue": "10.0.0.0/8"});
    json!([
        {"action": "ADD_HTTP_REQUEST_HEADER", "header": "X-A", "value": "1"},
        {"action": "ADD_HTTP_RESPONSE_HEADER", "header": "X-A", "value": "1"},
        {"action": "EXTEND_HTTP_REQUEST_HEADER_VALUE", "header": "X-A", "prefix": "p"},
        {"action": "EXTEND_HTTP_RESPONSE_HEADER_VALUE", "header": "X-A", "suffix": "s"},
        {"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "X-A"},
        {"action": "REMOVE_HTTP_RESPONSE_HEADER", "header": "X-A"},
        {"action": "ALLOW", "conditions": [address], "description": "inside"},
        {"action": "CONTROL_ACCESS_USING_HTTP_METHODS", "allowedMethods": ["GET"], "statusCode": 405},
        {"action": "HTTP_HEADER", "areInvalidCharactersAllowed": true, "httpLargeHeaderSizeInKB": 32},
        {"action": "IP_BASED_MAX_CONNECTIONS", "defaultMaxConnections": 9,
            "ipMaxConnections": [{"ipAddresses": ["10.0.0.0/8"], "maxConnections": 5}]},
        {"action": "REDIRECT", "conditions": [path], "responseCode": 301,
            "redirectUri": {"protocol": "HTTPS", "host": "{host}", "port": 443, "path": "{path}",
                "query": "{query}"}},
        {"action": "FROM_THE_FUTURE", "anything": [1]},
    ])
}

fn ssl_configuration() -> Value {
    json!({"protocols": ["TLSv1.2"], "cipherSuiteName": "oci-default-ssl-cipher-suite-v1",
        "serverOrderPreference": "ENABLED", "certificateName": "c1", "certificateIds": [],
        "trustedCertificateAuthorityIds": [], "hasSessionResumption": true,
        "verifyPeerCertificate": false, "verifyDepth": 1})
}

fn listener() -> Value {
    json!({"defaultBackendSetName": "web", "port": 443, "protocol": "HTTP",
        "hostnameNames": ["a"], "pathRouteSetName": "paths", "routingPolicyName": "hosts",
        "ruleSetNames": ["r"], "sslConfiguration": ssl_configuration(),
        "connectionConfiguration": {"idleTimeout": 60, "backendTcpProxyProtocolVersion": 1,
            "backendTcpProxyProtocolOptions": ["PP2_TYPE_AUTHORITY"]}})
}

fn backend_set() -> Value {
    json!({"policy": "ROUND_ROBIN", "backendMaxConnections": 256,
        "backends": [{"ipAddress": "10.0.0.3", "port": 8080, "weight": 1, "maxConnections": 256,
            "backup": false, "drain": false, "offline": false}],
        "healthChecker": {"protocol": "HTTP", "urlPath": "/health", "port": 8080,
            "returnCode": 200, "retries": 3, "timeoutInMillis": 3000, "intervalInMillis": 10000,
            "responseBodyRegex": ".*", "isForcePlainText": false},
        "sslConfiguration": ssl_configuration(),
        "sessionPersistenceConfiguration": {"cookieName": "s", "disableFallback": true},
        "lbCookieSessionPersistenceConfiguration": {"cookieName": "s", "disableFallback": true,
            "domain": "d", "path": "/", "maxAgeInSeconds": 5, "isSecure": true,
            "isHttpOnly": true}})
}

fn path_routes() -> Value {
    json!([{"path": "/a", "pathMatchType": {"matchType": "PREFIX_MATCH"}, "backendSetName": "web"}])
}

fn named(name: &str, mut document: Value) -> Value {
    document["name"] = name.into();
    document
}

#[test]
fn everything_that_a_creation_can_hold_survives() {
    survives::<CreateLoadBalancerDetails>(&json!({
        "compartmentId": "c", "displayName": "web", "shapeName": "flexible",
        "shapeDetails": {"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 10},
        "isPrivate": false, "isDeleteProtectionEnabled": true, "ipMode": "IPV4",
        "isRequestIdEnabled": true, "requestIdHeader": "X-Request-Id",
        "ipv6SubnetCidr": "fd00::/64", "reservedIps": [{"id": "ip"}], "subnetIds": ["s"],
        "networkSecurityGroupIds": ["n"], "freeformTags": {"a": "b"},
        "definedTags": {"space": {"key": "value"}},
        "listeners": {"https": listener()}, "backendSets": {"web": backend_set()},
        "hostnames": {"a": {"name": "a", "hostname": "a.example"}},
        "certificates": {"c1": {"certificateName": "c1", "publicCertificate": "p",
            "privateKey": "k", "passphrase": "w", "caCertificate": "ca"}},
        "sslCipherSuites": {"mine": {"name": "mine", "ciphers": ["AES"]}},
        "pathRouteSets": {"paths": {"pathRoutes": path_routes()}},
        "ruleSets": {"r": {"items": rule_set_items()}},
    }));
}

#[test]
fn an_observed_load_balancer_is_written_with_the_vendors_names() {
    let mut set = named("web", backend_set());
    set["backends"][0]["name"] = "10.0.0.3:8080".into();
    let policy = json!({"name": "hosts", "conditionLanguageVersion": "V1", "rules": [
        {"name": "a", "condition": "any(http.request.url.path sw (i '/a'))", "actions": [
            {"name": "FORWARD_TO_BACKENDSET", "backendSetName": "web"}]}]});
    survives::<LoadBalancer>(&json!({
        "id": "lb", "compartmentId": "c", "displayName": "web", "lifecycleState": "ACTIVE",
        "timeCreated": "2026-01-01T00:00:00.000Z", "shapeName": "flexible", "isPrivate": false,
        "ipAddresses": [{"ipAddress": "1.2.3.4", "isPublic": true, "reservedIp": {"id": "ip"}}],
        "subnetIds": ["s"], "networkSecurityGroupIds": [], "freeformTags": {}, "definedTags": {},
        "listeners": {"https": named("https", listener())}, "backendSets": {"web": set},
        "hostnames": {"a": {"name": "a", "hostname": "a.example"}},
        "certificates": {"c1": {"certificateName": "c1", "publicCertificate": "p",
            "caCertificate": "ca"}},
        "sslCipherSuites": {"mine": {"name": "mine", "ciphers": ["AES"]}},
        "pathRouteSets": {"paths": {"name": "paths", "pathRoutes": path_routes()}},
        "ruleSets": {"r": {"name": "r", "items": rule_set_items()}},
        "routingPolicies": {"hosts": policy},
    }));
}

#[test]
fn absent_and_null_collections_are_empty() {
    let document = json!({"id": "lb", "compartmentId": "c", "displayName": "web", "shapeName": "s",
        "lifecycleState": "CREATING", "listeners": null, "shapeDetails": null, "systemTags": {}});
    let observed: LoadBalancer = serde_json::from_value(document).unwrap();
    assert!(observed.listeners.is_empty() && observed.routing_policies.is_empty());
}

#[test]
fn an_update_says_all_that_the_listener_is_and_nothing_that_it_is_not() {
    let details = ListenerDetails {
        default_backend_set_name: "web".into(),
        port: 80,
        protocol: "HTTP".into(),
        ..ListenerDetails::default()
    };
    let expected = json!({"defaultBackendSetName": "web", "port": 80, "protocol": "HTTP"});
    assert_eq!(serde_json::to_value(details).unwrap(), expected);
}

#[test]
fn the_private_key_of_a_certificate_is_never_shown() {
    let details = CertificateDetails {
        private_key: Some("hunter2".into()),
        passphrase: Some("hunter2".into()),
        ..CertificateDetails::default()
    };
    assert!(!format!("{details:?}").contains("hunter2"));
}

#[test]
fn a_change_carries_token_and_etag_and_gives_the_work_request() {
    let world = World::new([answer_with(204, "", &[("opc-work-request-id", "w1")])]);
    let mutation = Mutation { retry_token: Some("t".into()), if_match: Some("e".into()) };
    let parent = backend::Parent { load_balancer_id: "lb", backend_set_name: "a b" };
    let details = backend::UpdateBackendDetails::default();
    let call = backend::update(&world.client, parent, "10.0.0.3:8080", &details, &mutation);
    assert_eq!(run(call).unwrap().work_request_id.as_deref(), Some("w1"));
    let request = &world.script.requests()[0];
    let path = "/20170115/loadBalancers/lb/backendSets/a%20b/backends/10.0.0.3%3A8080";
    assert_eq!((request.method(), request.uri().path()), (&Method::PUT, path));
    assert_eq!(request.headers()["opc-retry-token"], "t");
    assert_eq!(request.headers()["if-match"], "e");
}
