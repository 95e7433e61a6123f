//! What a load balancer looks like after a call.

use serde_json::{Value, json};

use super::Call;

/// `found` as it is after `call`, whose references are known.
pub fn applied(found: &Value, call: &Call) -> Value {
    let mut after = found.clone();
    match call {
        Call::Create { child, name, body } => {
            put(&mut after, child.field(), name.as_str().unwrap_or_default(), body);
        }
        Call::Update { child, name, body } => put(&mut after, child.field(), name, body),
        Call::Delete { child, name } => {
            if let Some(children) = after[child.field()].as_object_mut() {
                children.remove(name);
            }
        }
        Call::Reshape { body } | Call::SetSecurityGroups { body } => {
            for (field, value) in body.as_object().into_iter().flatten() {
                after[field] = value.clone();
            }
        }
        Call::AwaitHealthy { .. } => {}
    }
    after
}

fn put(spec: &mut Value, field: &str, name: &str, body: &Value) {
    if !spec[field].is_object() {
        spec[field] = json!({});
    }
    spec[field][name] = body.clone();
}
