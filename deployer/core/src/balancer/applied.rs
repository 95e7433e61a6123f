//! What a call does to a load balancer, as a function: whoever reads it back afterwards and sees anything else has met
//! another writer.

use serde_json::{Map, Value, json};

use super::{Call, Child, children};
use crate::diff;

/// Every type of child.
pub const CHILDREN: [Child; 7] = [
    Child::Certificate,
    Child::BackendSet,
    Child::Hostname,
    Child::RuleSet,
    Child::PathRouteSet,
    Child::RoutingPolicy,
    Child::Listener,
];

/// What no load balancer shows again.
const SECRETS: [&str; 2] = ["privateKey", "passphrase"];

/// The load balancer after a call whose references are resolved. Waits change nothing.
pub fn applied(found: &Value, call: &Call) -> Value {
    let mut after = found.clone();
    match call {
        Call::Create { child, name, body } => {
            put(&mut after, *child, name.as_str().unwrap_or_default(), body);
        }
        Call::Update { child, name, body } => put(&mut after, *child, name, body),
        Call::Delete { child, name } => {
            after.get_mut(child.field()).and_then(Value::as_object_mut).map(|all| all.remove(name));
        }
        Call::Reshape { body }
        | Call::SetSecurityGroups { body }
        | Call::SetAttributes { body } => {
            for (field, value) in body.as_object().into_iter().flatten() {
                after[field] = value.clone();
            }
        }
        Call::AwaitHealthy { .. } | Call::AwaitDrained { .. } => {}
    }
    after
}

/// Whether a load balancer that was read is the one that [`applied`] foretold: the same children, and nothing of them
/// different. What the service adds of its own does not count, nor what it counts up, such as an etag.
pub fn is_as_expected(expected: &Value, read: &Value) -> bool {
    let whole = [
        "shapeName",
        "shapeDetails",
        "networkSecurityGroupIds",
        "displayName",
        "isDeleteProtectionEnabled",
    ];
    divergent_child(expected, read).is_none()
        && whole.into_iter().all(|field| diff::same(&expected[field], &read[field]))
}

/// The first child that is not as [`applied`] foretold, as `listeners https`. All names count, and of each child what was
/// foretold: the service adds defaults of its own.
pub fn divergent_child(expected: &Value, read: &Value) -> Option<String> {
    CHILDREN.into_iter().find_map(|child| {
        let (expected, read) = (children(expected, child), children(read, child));
        let fits = |(name, body): &(&String, &Value)| {
            read.get(*name).is_some_and(|there| diff::same(body, there))
        };
        let differs = expected.iter().find(|child| !fits(child)).map(|(name, _)| name);
        let added = read.keys().find(|name| !expected.contains_key(*name));
        differs.or(added).map(|name| format!("{} {name}", child.field()))
    })
}

fn put(balancer: &mut Value, child: Child, name: &str, body: &Value) {
    let mut body = body.clone();
    if let (Child::Certificate, Some(fields)) = (child, body.as_object_mut()) {
        fields.retain(|field, _| !SECRETS.contains(&field.as_str()));
    }
    let Some(fields) = balancer.as_object_mut() else { return };
    let all = fields.entry(child.field()).or_insert_with(|| json!({}));
    if !all.is_object() {
        *all = Value::Object(Map::new());
    }
    all[name] = body;
}
