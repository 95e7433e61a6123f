//! How a found spec differs from the desired one, field by field.
//!
//! Only fields that are desired count: what a server adds is not ours. Absent, `null` and empty mean the same.

use serde::Serialize;
use serde_json::Value;

use crate::address::Kind;
use crate::value;

/// One difference. `None` stands for absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// Dotted path in the spec.
    pub field: String,
    pub before: Option<Value>,
    /// `None` while the value is only known after another step.
    pub after: Option<Value>,
}

/// The differences between `desired` and `found`, in the order of their fields.
pub fn fields(desired: &Value, found: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    walk("", desired, found, &mut changes);
    changes
}

/// Whether nothing that is desired differs.
pub fn same(desired: &Value, found: &Value) -> bool {
    match desired {
        Value::Object(wanted) if !value::is_unknown(desired) => {
            wanted.iter().all(|(key, inner)| same(inner, found.get(key).unwrap_or(&Value::Null)))
        }
        _ => equal(desired, found),
    }
}

/// Fields that a provider cannot change on an existing resource.
pub fn immutable_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Vcn => &["cidrBlocks", "dnsLabel"],
        Kind::Subnet => &["vcnId", "cidrBlock", "prohibitPublicIpOnVnic"],
        Kind::InternetGateway | Kind::NatGateway | Kind::RouteTable | Kind::SecurityList => {
            &["vcnId"]
        }
        Kind::NetworkSecurityGroup => &["vcnId", "existing"],
        Kind::LoadBalancer => &["subnetIds", "isPrivate"],
        Kind::Repository => &["displayName"],
        Kind::Image
        | Kind::ContainerInstance
        | Kind::Certificate
        | Kind::ZoneSetting
        | Kind::DnsRecord => &[],
    }
}

fn walk(path: &str, desired: &Value, found: &Value, changes: &mut Vec<FieldChange>) {
    if let (Value::Object(wanted), false) = (desired, value::is_unknown(desired)) {
        for (key, inner) in wanted {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            walk(&path, inner, found.get(key).unwrap_or(&Value::Null), changes);
        }
        return;
    }
    if equal(desired, found) {
        return;
    }
    changes.push(FieldChange {
        field: path.to_owned(),
        before: (!is_empty(found)).then(|| found.clone()),
        after: (!contains_unknown(desired)).then(|| desired.clone()),
    });
}

fn equal(desired: &Value, found: &Value) -> bool {
    if contains_unknown(desired) {
        return false;
    }
    match (desired, found) {
        (Value::Array(wanted), Value::Array(there)) => same_members(wanted, there),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => desired == found || (is_empty(desired) && is_empty(found)),
    }
}

/// Lists are compared as sets: rules, backends and names have no order of their own, and servers do not keep one.
fn same_members(wanted: &[Value], there: &[Value]) -> bool {
    if wanted.len() != there.len() {
        return false;
    }
    // Most lists come back as they were sent: a member is looked for behind the one before.
    let mut left: Vec<Option<&Value>> = there.iter().map(Some).collect();
    let mut next = 0;
    wanted.iter().all(|member| {
        let is_it = |at: &usize| left[*at].is_some_and(|candidate| same(member, candidate));
        let Some(at) = (next..left.len()).chain(0..next).find(is_it) else { return false };
        left[at] = None;
        next = at + 1;
        true
    })
}

fn contains_unknown(value: &Value) -> bool {
    match value {
        Value::Object(map) => value::is_unknown(value) || map.values().any(contains_unknown),
        Value::Array(items) => items.iter().any(contains_unknown),
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_server_adds_is_no_difference() {
        assert!(same(&json!({ "a": 1 }), &json!({ "a": 1.0, "timeCreated": "x" })));
    }

    #[test]
    fn absent_null_and_empty_are_the_same() {
        assert!(same(&json!({ "a": null, "b": [] }), &json!({ "b": null })));
        assert!(!same(&json!({ "tls": null }), &json!({ "tls": { "certificateName": "old" } })));
    }

    #[test]
    fn lists_are_the_same_in_any_order_when_each_member_is_there_as_often() {
        let list = json!({ "a": [1, 2, 3, 2] });
        assert!(same(&list, &json!({ "a": [2, 2, 3, 1] })));
        assert!(!same(&list, &json!({ "a": [1, 2, 3, 3] })));
        assert!(!same(&list, &json!({ "a": [1, 2, 3] })));
    }

    #[test]
    fn a_value_that_is_not_known_yet_is_always_a_difference() {
        let unknown = json!({ "ip": { "$ref": ["load_balancer.main", "address"] } });
        assert_eq!(fields(&unknown, &json!({ "ip": "1.2.3.4" })).len(), 1);
        assert!(!same(&json!({ "ips": [unknown] }), &json!({ "ips": [unknown] })));
    }

    #[test]
    fn a_difference_names_the_field_and_both_values() {
        let changes = fields(&json!({ "a": { "b": 2 } }), &json!({ "a": { "b": 1 } }));
        let expected =
            FieldChange { field: "a.b".to_owned(), before: Some(json!(1)), after: Some(json!(2)) };
        assert_eq!(changes, [expected]);
    }
}
