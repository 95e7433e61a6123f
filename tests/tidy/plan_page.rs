//! `docs/plan.md` against the JSON form of a plan.

use std::collections::{BTreeMap, BTreeSet};

use deployer_core::address::Address;
use deployer_core::balancer::{Call, Child};
use deployer_core::desired::Desired;
use deployer_core::diff::FieldChange;
use deployer_core::observed::{Known, Observed};
use deployer_core::plan::{self, Action, Basis, Plan, Removal, Step};
use serde_json::{Value, json};

use crate::repository::{none, read};

const PAGE: &str = "docs/plan.md";

/// A kept plan with every action and every call.
fn whole() -> Value {
    let (desired, observed, variables) = (Desired::new(), Observed::default(), BTreeMap::new());
    let basis = Basis::new("x", &desired, Known { observed: &observed, variables: &variables });
    let mut plan: Plan = plan::make(&basis);
    let address: Address = "vcn.main".parse().unwrap();
    let change = FieldChange { field: "a".to_owned(), before: None, after: None };
    let (id, spec, body) = (String::new(), Value::Null, Value::Null);
    let (child, name) = (Child::Listener, String::new());
    let calls = vec![
        Call::Create { child, name: json!("x"), body: body.clone() },
        Call::Update { child, name: name.clone(), body: body.clone() },
        Call::Delete { child, name: name.clone() },
        Call::AwaitHealthy { backend_set: name, backends: Value::Null },
        Call::AwaitDrained { backend_set: String::new(), backends: Value::Null, seconds: 0 },
        Call::Reshape { body: body.clone() },
        Call::SetSecurityGroups { body: body.clone() },
        Call::SetAttributes { body },
    ];
    let changes = vec![change];
    let actions = [
        Action::Create { spec: spec.clone() },
        Action::Update { id: id.clone(), spec, changes: changes.clone(), calls },
        Action::Remark { id: id.clone(), from: address.clone() },
        Action::Delete { id: id.clone(), why: Removal::TakenDown },
        Action::Impossible { id, changes },
    ];
    plan.steps.extend(actions.map(|action| Step {
        address: address.clone(),
        action,
        because: String::new(),
        needs: plan::Needs::default(),
        seconds: 0.0,
        risk: None,
        drift: false,
    }));
    plan::file(&plan, &basis)
}

/// The names of all fields, and the words that say which action or call it is.
fn words(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                found.insert(key.clone());
                if let ("kind" | "call" | "why" | "child", Some(word)) = (&**key, inner.as_str()) {
                    found.insert(word.to_owned());
                }
                // The keys of these are addresses and names.
                if !matches!(&**key, "basis" | "apps") {
                    words(inner, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_a_plan_stands_on_the_page_and_no_other() {
    let (page, mut written) = (read(PAGE), BTreeSet::new());
    words(&whole(), &mut written);
    assert!(written.contains("needs") && written.contains("await_healthy"), "{written:?}");
    let missing = written.iter().filter(|word| !page.contains(&format!("`{word}`")));
    none(missing.map(|word| format!("{PAGE}: says nothing of `{word}`")));
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let unknown = rows.filter(|field| !written.contains(*field));
    none(unknown.map(|field| format!("{PAGE}: `{field}` is no field")));
}

#[test]
fn the_page_names_the_version_that_is_written() {
    assert!(read(PAGE).contains(&format!("`schema` is {}", plan::SCHEMA)));
}
