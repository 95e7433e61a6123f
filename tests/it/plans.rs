//! Plans that are kept, drift, protection, and what a run costs that has nothing to do.

use std::process::Stdio;

use serde_json::json;
use toml_edit::{Array, value};

use crate::world::{Hands, World, eventually};

const HOST: &str = "codeharmony.localhost";

#[test]
fn a_kept_plan_is_carried_out_as_it_is_and_refused_when_something_changed_since() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    let kept = world.store().join("kept.json");
    let kept = kept.to_str().unwrap();
    let builder = ["--builder", world.builder];
    let keep = || world.run("plan", &[&builder[..], &["--out", kept]].concat()).exits(0);
    let carry_out = || world.run("up", &[&builder[..], &["--plan", kept]].concat());
    keep();
    carry_out().exits(0);
    world.edit(|file| file["apps"]["web"]["replicas"] = value(2));
    keep();
    world.change_records(HOST, &json!({ "proxied": false }));
    let before = world.calls();
    carry_out().fails(6, &["the saved plan is stale", &format!("dns_record.{HOST}"), "--out"]);
    assert_eq!(world.mutations(before), [""; 0]);
    keep();
    carry_out().exits(0);
    assert_eq!(world.programs().len(), 3);
}

#[test]
fn a_kept_plan_that_was_edited_is_refused_and_nothing_is_done() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    let kept = world.store().join("kept.json");
    let builder = ["--builder", world.builder];
    let kept_there = ["--out", kept.to_str().unwrap()];
    world.run("plan", &[&builder[..], &kept_there[..]].concat()).exits(0);
    let mut plan: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&kept).unwrap()).unwrap();
    plan["steps"][0]["action"]["spec"]["displayName"] = json!("another");
    std::fs::write(&kept, plan.to_string()).unwrap();
    let before = world.calls();
    let told = world.run("up", &[&builder[..], &["--plan", kept_there[1]]].concat());
    told.fails(6, &["the saved plan is stale", "steps are not those"]);
    assert_eq!(world.mutations(before), [""; 0]);
}

#[test]
fn what_somebody_changes_while_a_kept_plan_is_carried_out_is_told_and_left() {
    let world = World::local();
    world.up().exits(0);
    world.edit(|file| file["apps"]["web"]["replicas"] = value(3));
    let kept = world.store().join("kept.json");
    let kept = kept.to_str().unwrap();
    let builder = ["--builder", world.builder];
    world.run("plan", &[&builder[..], &["--out", kept]].concat()).exits(0);
    let before = world.calls();
    let begun = ["up", "--env", &world.name, "--builder", world.builder, "--plan", kept];
    let up = world.command(&begun).stderr(Stdio::piped()).spawn().unwrap();
    eventually("it has begun", || {
        let begun = |call: &String| call.contains("CreateContainerInstance");
        world.mutations(before).iter().any(begun).then_some(())
    });
    world.change_records(HOST, &json!({ "proxied": false }));
    let told = up.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&told.stderr).into_owned();
    assert_eq!(told.status.code(), Some(6), "{text}");
    assert!(text.contains("what remains is not part of it"), "{text}");
    world.run("plan", &["--exit-code"]).exits(2);
}

#[test]
fn a_load_balancer_with_delete_protection_is_not_taken_down() {
    let world = World::local();
    world.up().exits(0);
    Hands::in_cloud_of(&world).guard_balancer();
    let before = world.calls();
    world.run("down", &[]).fails(6, &["load_balancer.main has its delete protection on", "up"]);
    assert_eq!(world.mutations(before), [""; 0]);
    world.up().exits(0);
    world.run("down", &[]).exits(0);
}

#[test]
fn a_record_that_somebody_changed_is_told_as_such_refused_on_request_and_else_set_back() {
    let world = World::local();
    world.up().exits(0);
    world.change_records(HOST, &json!({ "proxied": false }));
    let record = format!("dns_record.{HOST}");
    let plan = world.run("plan", &[]).exits(0).stdout;
    for words in [&*record, "changed outside of deployer: 1", "was changed by somebody: proxied"] {
        assert!(plan.contains(words), "`{words}` is not said:\n{plan}");
    }
    let before = world.calls();
    world.run("plan", &["--refuse-drift"]).fails(6, &["somebody changed", &record]);
    world.run("up", &["--refuse-drift"]).fails(6, &["somebody changed", &record]);
    assert_eq!(world.mutations(before), [""; 0]);
    world.up().exits(0);
    world.run("plan", &["--exit-code", "--refuse-drift"]).exits(0);
}

#[test]
fn what_somebody_does_by_hand_to_the_way_to_an_app_is_told_and_set_back() {
    let world = World::local();
    world.up().exits(0);
    let url = &world.urls()[0];
    let hands = Hands::in_cloud_of(&world);
    hands.leave_groups_of_apps();
    let plan = world.run("plan", &[]).exits(0).stdout;
    assert!(plan.contains("was changed by somebody: vnics"), "{plan}");
    hands.lead_astray("web", "codeharmony_localhost");
    assert_ne!(world.visit(url).unwrap().status, 200);
    let plan = world.run("plan", &[]).exits(0).stdout;
    for words in ["backendSets web", "- routingPolicies theirs", "isDeleteProtectionEnabled"] {
        assert!(plan.contains(words), "`{words}` is not said:\n{plan}");
    }
    world.up().exits(0);
    assert_eq!(world.visit(url).unwrap().status, 200);
    world.run("plan", &["--exit-code"]).exits(0);
    let balancer = hands.balancer();
    assert_eq!(balancer.routing_policies.len(), 0);
    assert_eq!(balancer.is_delete_protection_enabled, Some(false));
}

#[test]
fn what_is_protected_is_not_taken_down() {
    let world = World::local();
    world.up().exits(0);
    let protect = |names: &[&str]| {
        world.edit(|file| file["protect"] = value(names.iter().copied().collect::<Array>()));
    };
    protect(&["load_balancer"]);
    let before = world.calls();
    world.run("down", &[]).fails(6, &["load_balancer.main is protected", "protect"]);
    assert_eq!(world.mutations(before), [""; 0]);
    assert_eq!(world.visit(&world.urls()[0]).unwrap().status, 200);
    protect(&[]);
    world.run("down", &[]).exits(0);
}

#[test]
fn a_run_that_has_nothing_to_do_asks_as_much_for_six_hosts_as_for_one_and_changes_nothing() {
    let [one, six] = [1, 6].map(|hosts| {
        let world = World::edited(|file| {
            for number in 1..hosts {
                file["hosts"][&format!("h{number}.{HOST}")]["/"] = value("web");
            }
        });
        world.up().exits(0);
        let before = world.calls();
        world.run("up", &["--no-verify", "--builder", world.builder]).exits(0);
        assert_eq!(world.mutations(before), [""; 0]);
        let mut asked = world.operations(before, |_| true);
        asked.sort_unstable();
        asked
    });
    println!("{} calls", one.len());
    assert_eq!(one, six);
}
