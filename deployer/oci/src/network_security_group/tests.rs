//! Rules in portions, and lost answers.

use super::*;
use crate::testing::{World, answer, run};

fn rules(count: usize) -> Vec<AddSecurityRuleDetails> {
    let rule = AddSecurityRuleDetails {
        direction: "INGRESS".into(),
        protocol: "6".into(),
        ..AddSecurityRuleDetails::default()
    };
    vec![rule; count]
}

#[test]
fn rules_are_added_at_most_25_a_call() {
    let added = r#"{"securityRules":[{"id":"22A0FD","direction":"INGRESS","protocol":"6","isValid":true}]}"#;
    let world = World::new([answer(200, added), answer(200, added)]);
    let added = run(add_rules(&world.client, "nsg", &rules(30))).unwrap();
    assert_eq!(added.len(), 2);
    let sent: Vec<usize> = world
        .script
        .requests()
        .iter()
        .map(|request| {
            let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
            body["securityRules"].as_array().unwrap().len()
        })
        .collect();
    assert_eq!(sent, [25, 5]);
}

#[test]
fn adding_rules_is_not_repeated_when_the_service_may_have_done_it() {
    let world = World::new([answer(500, "{}")]);
    assert!(run(add_rules(&world.client, "nsg", &rules(1))).unwrap_err().may_have_happened());
    assert_eq!(world.script.requests().len(), 1);
}

#[test]
fn removing_nothing_sends_nothing() {
    let world = World::new([]);
    run(remove_rules(&world.client, "nsg", &[])).unwrap();
    assert!(world.script.requests().is_empty());
}
