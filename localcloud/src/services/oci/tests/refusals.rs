//! What every operation refuses, made from the contract: bodies and queries that cannot be, versions that nobody has read,
//! retry tokens that were used for something else.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value, json};

use super::client::{COMPARTMENT, Client, GROUP, Got, PRIVATE, small};
use crate::services::oci::check::RANGES;
use crate::services::oci::contract::{CONTRACT, Field, NOT_IMPLEMENTED, Operation, Shape, camel};

/// How deep the models of a body are gone into.
const DEEPEST: usize = 3;

/// A body that is refused, and the vendor's code for it.
type Case = (String, Value, &'static str);

/// A value that the contract takes: of a model, all that is required.
fn sample(service: &str, kind: &str) -> Value {
    match Shape::of(kind) {
        Shape::List(_) => json!([]),
        Shape::Map(_) => json!({}),
        Shape::Scalar("str") => json!("a"),
        Shape::Scalar("bool") => json!(true),
        Shape::Scalar("int" | "float") => json!(100),
        Shape::Scalar("datetime") => json!("2026-01-01T00:00:00Z"),
        Shape::Scalar("object") => json!({}),
        Shape::Scalar(model) => {
            let (model, word) = member(service, model);
            let fields = &CONTRACT.model(service, model).unwrap().fields;
            let required = fields.iter().filter(|(_, field)| field.required);
            let mut value: Map<String, Value> = required
                .map(|(name, field)| (name.clone(), of_field(service, model, (name, field))))
                .collect();
            value.extend(word.map(|(field, word)| (field.clone(), json!(word))));
            Value::Object(value)
        }
    }
}

fn of_field(service: &str, model: &str, (name, field): (&str, &Field)) -> Value {
    let range = RANGES.iter().find(|(of, own, ..)| model.ends_with(of) && *own == name);
    match (&field.values, Shape::of(&field.kind)) {
        (Some(words), Shape::Scalar(_)) => json!(words[0]),
        _ if name == "compartmentId" => json!(COMPARTMENT),
        _ if range.is_some() => json!(range.map(|(_, _, least, _)| least)),
        _ => sample(service, &field.kind),
    }
}

/// The first member of a family, with the field and the word that say so.
fn member<'a>(service: &str, model: &'a str) -> (&'a str, Option<(&'static String, &'static str)>) {
    let Some(family) = &CONTRACT.model(service, model).unwrap().discriminator else {
        return (model, None);
    };
    let (word, member) = family.mapping.iter().next().unwrap();
    (member.as_str(), Some((&family.field, word.as_str())))
}

/// Something that is of another type.
fn mistyped(kind: &str) -> Option<Value> {
    match Shape::of(kind) {
        Shape::Scalar("object") => None,
        Shape::Scalar("str" | "datetime") => Some(json!(7)),
        Shape::Scalar("bool" | "int" | "float") => Some(json!("seven")),
        _ => Some(json!(false)),
    }
}

/// Everything that can be wrong with a value of a model.
fn cases(service: &str, model: &str, depth: usize) -> Vec<Case> {
    let (member, word) = member(service, model);
    let whole = sample(service, model);
    let with = |name: &str, value: Value| {
        let mut changed = whole.clone();
        changed[name] = value;
        changed
    };
    let mut cases = vec![("unheardOf".to_owned(), with("unheardOf", json!(1)), "InvalidParameter")];
    for (name, field) in &CONTRACT.model(service, member).unwrap().fields {
        let tells_apart = word.is_some_and(|(own, _)| own == name);
        if field.required || tells_apart {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(name);
            cases.push((format!("no {name}"), without, "MissingParameter"));
        }
        if let Some(value) = mistyped(&field.kind).filter(|_| !tells_apart) {
            cases.push((format!("{name} of another type"), with(name, value), "InvalidParameter"));
        }
        if field.values.is_some() {
            let word = json!("NONE_OF_THEM");
            let word = if field.kind == "str" { word } else { json!([word]) };
            cases.push((format!("{name} of no fixed set"), with(name, word), "InvalidParameter"));
        }
        cases.extend(
            nested(service, field, depth)
                .into_iter()
                .map(|(what, value, code)| (format!("{name}: {what}"), with(name, value), code)),
        );
    }
    cases
}

/// What can be wrong further down.
fn nested(service: &str, field: &Field, depth: usize) -> Vec<Case> {
    let (Shape::List(model) | Shape::Map(model) | Shape::Scalar(model)) = Shape::of(&field.kind);
    if depth == DEEPEST || CONTRACT.model(service, model).is_none() {
        return Vec::new();
    }
    let wrap = |value: Value| match Shape::of(&field.kind) {
        Shape::List(_) => json!([value]),
        Shape::Map(_) => json!({"a": value}),
        Shape::Scalar(_) => value,
    };
    let found = cases(service, model, depth + 1);
    found.into_iter().map(|(what, value, code)| (what, wrap(value), code)).collect()
}

/// A path whose parameters are these, or any.
fn path(operation: &Operation, parameters: &BTreeMap<&str, String>) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
        Some(name) => parameters.get(name).map_or("a", String::as_str).to_owned(),
        None => part.to_owned(),
    };
    operation.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// A query with all that is required.
fn query(operation: &Operation) -> BTreeMap<String, String> {
    let required = operation.query.iter().filter(|name| operation.requires(name));
    let word = |name: &str| {
        let words = operation.query_enums.iter().find(|(own, _)| camel(own) == name);
        words.map_or_else(|| COMPARTMENT.to_owned(), |(_, words)| words[0].clone())
    };
    required.map(|name| (name.clone(), word(name))).collect()
}

fn target(path: &str, query: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{path}?{}", pairs.join("&"))
}

fn method(operation: &Operation) -> Method {
    operation.method.parse().unwrap()
}

fn refusal(got: &Got) -> (u16, String) {
    let (status, code, _) = got.refusal();
    (status, code)
}

#[tokio::test]
async fn every_body_that_the_contract_does_not_allow_is_refused_with_its_code() {
    let client = Client::new().await;
    let mut count = 0;
    for operation in CONTRACT.operations() {
        let Some(model) = operation.body.as_deref().filter(|model| *model != "stream") else {
            continue;
        };
        let target = target(&path(operation, &BTreeMap::new()), &query(operation));
        for (what, body, code) in cases(&operation.service, model, 0) {
            let got = client.send(method(operation), &target, Some(&body), &[]).await;
            let what = format!("{} {}: {what}: {body}", operation.service, operation.name);
            assert_eq!(refusal(&got), (400, code.to_owned()), "{what}");
            count += 1;
        }
        let broken = Bytes::from_static(b"{\"a\":");
        let got = client.send_bytes(method(operation), &target, broken, &[]).await;
        assert_eq!(refusal(&got), (400, "CannotParseRequest".to_owned()), "{}", operation.name);
    }
    assert!(count > 1000, "{count}");
}

#[tokio::test]
async fn every_query_that_the_contract_does_not_allow_is_refused_with_its_code() {
    let client = Client::new().await;
    for operation in CONTRACT.operations() {
        let path = path(operation, &BTreeMap::new());
        let body = operation.body.as_deref().filter(|model| *model != "stream");
        let body = body.map(|model| sample(&operation.service, model));
        let whole = query(operation);
        let with = |name: &str, value: &str| {
            let mut changed = whole.clone();
            changed.insert(name.to_owned(), value.to_owned());
            (changed, "InvalidParameter")
        };
        let mut wrong: Vec<_> = whole
            .keys()
            .map(|name| {
                let mut without = whole.clone();
                without.remove(name);
                (without, "MissingParameter")
            })
            .collect();
        wrong.extend(operation.query_enums.keys().map(|name| with(&camel(name), "NONE_OF_THEM")));
        if operation.query.iter().any(|name| name == "limit") {
            wrong.extend(["0", "1001", "many"].map(|limit| with("limit", limit)));
        }
        for (query, code) in wrong {
            let target = target(&path, &query);
            let got = client.send(method(operation), &target, body.as_ref(), &[]).await;
            let what = format!("{} {target}", operation.name);
            if method(operation) == Method::HEAD {
                assert_eq!(got.status, 400, "{what}");
            } else {
                assert_eq!(refusal(&got), (400, code.to_owned()), "{what}");
            }
        }
    }
}

/// One of everything that has a version, by the name of its parameter.
async fn everything(client: &Client) -> BTreeMap<&'static str, String> {
    let mut made = BTreeMap::new();
    let mut body = small("web");
    body["subnetIds"] = json!([PRIVATE]);
    body["isPrivate"] = json!(true);
    let lb = client.load_balancer(&body).await;
    let vnic = client.cloud.network.read().vnics.keys().next().unwrap().to_owned();
    let vcn = client.cloud.network.read().vcns.keys().next().unwrap().to_owned();
    let services = client.get("/20160918/services").await.json();
    let vcn_body = json!({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.9.0.0/16"]});
    let fresh = client.post("/20160918/vcns", &vcn_body).await.expect(200).json()["id"].clone();
    let of = |more: Value| {
        let mut body = json!({"compartmentId": COMPARTMENT, "vcnId": fresh});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let core = "/20160918";
    for (name, noun, body) in [
        ("igId", "internetGateways", of(json!({"isEnabled": true}))),
        ("natGatewayId", "natGateways", of(json!({}))),
        (
            "serviceGatewayId",
            "serviceGateways",
            of(json!({"services": [{"serviceId": services[0]["id"]}]})),
        ),
        ("rtId", "routeTables", of(json!({"routeRules": []}))),
        (
            "securityListId",
            "securityLists",
            of(json!({"ingressSecurityRules": [], "egressSecurityRules": []})),
        ),
        ("publicIpId", "publicIps", json!({"compartmentId": COMPARTMENT, "lifetime": "RESERVED"})),
        ("privateIpId", "privateIps", json!({"vnicId": vnic})),
        (
            "repositoryId",
            "container/repositories",
            json!({"compartmentId": COMPARTMENT, "displayName": "web"}),
        ),
    ] {
        let got = client.post(&format!("{core}/{noun}"), &body).await.expect(200).json();
        made.insert(name, got["id"].as_str().unwrap().to_owned());
    }
    made.extend([
        ("loadBalancerId", lb),
        ("vnicId", vnic),
        ("vcnId", vcn),
        ("subnetId", PRIVATE.to_owned()),
        ("networkSecurityGroupId", GROUP.to_owned()),
    ]);
    made.extend(more(client, &made).await);
    made
}

/// What is not of the network.
async fn more(
    client: &Client,
    made: &BTreeMap<&'static str, String>,
) -> Vec<(&'static str, String)> {
    super::storage::push(client, &made["repositoryId"], "sha256:1", "v1");
    let image = client.cloud.repositories.read().images.keys().next().unwrap().to_owned();
    let instance = super::instance::body(client);
    let instance = client.post("/20210415/containerInstances", &instance).await.expect(200).json();
    let group = json!({"compartmentId": COMPARTMENT, "displayName": "site"});
    let group = client.post(super::logging::GROUPS, &group).await;
    let group = super::logging::worked(client, group).await;
    let logs = format!("{}/{group}/logs", super::logging::GROUPS);
    let log = client.post(&logs, &super::logging::access("access", &made["loadBalancerId"])).await;
    let log = super::logging::worked(client, log).await;
    let buckets = format!("/n/{}/b", client.credentials.namespace);
    let bucket = json!({"compartmentId": COMPARTMENT, "name": "state"});
    client.post(&buckets, &bucket).await.expect(200);
    client
        .send(Method::PUT, &format!("{buckets}/state/o/a"), Some(&json!(1)), &[])
        .await
        .expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    vec![
        ("imageId", image),
        ("containerInstanceId", text(&instance["id"])),
        ("containerId", text(&instance["containers"][0]["containerId"])),
        ("logGroupId", group),
        ("logId", log),
        ("namespaceName", client.credentials.namespace.clone()),
        ("bucketName", "state".to_owned()),
        ("objectName", "a".to_owned()),
        ("backendSetName", "web".to_owned()),
    ]
}

/// The version of what an operation is about, or of what that is part of; none when it shows no version.
async fn version(client: &Client, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    for length in (3..=parts.len()).rev() {
        let path = parts[..length].join("/");
        if CONTRACT.route(&Method::GET, &path).is_some() {
            let got = client.get(&path).await;
            if got.status == 200 && !got.header("etag").is_empty() {
                return Some(path);
            }
        }
    }
    None
}

#[tokio::test]
async fn every_change_against_a_version_that_nobody_has_read_is_refused() {
    let client = Client::new().await;
    let made = everything(&client).await;
    let mut refused = 0;
    for operation in CONTRACT.operations() {
        let takes = operation.headers.iter().any(|header| header == "if-match");
        if !takes || NOT_IMPLEMENTED.contains(&operation.name.as_str()) {
            continue;
        }
        let path = path(operation, &made);
        if version(&client, &path).await.is_none() {
            continue;
        }
        let body = operation.body.as_deref().map(|model| match model {
            "stream" => json!(1),
            model => sample(&operation.service, model),
        });
        let header = [("if-match", "nonsense")];
        let target = target(&path, &query(operation));
        let got = client.send(method(operation), &target, body.as_ref(), &header).await;
        let what = format!("{} {}: {:?}", operation.service, operation.name, got.body);
        assert_eq!(got.status, 412, "{what}");
        if method(operation) != Method::HEAD {
            let codes = ["NoEtagMatch", "IfMatchFailed"];
            let expected = codes[usize::from(operation.path.contains("{objectName}"))];
            assert_eq!(got.refusal().1, expected, "{what}");
        }
        refused += 1;
    }
    assert!(refused > 80, "{refused}");
}
