//! A site that somebody made by hand is taken over while visitors keep coming.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::world::{Hands, World, eventually};

const COMPARTMENT: &str = "ocid1.compartment.oc1..localk7f3a9";

/// A world whose cloud holds a site without marks, and no file that asks for it. Gives its URLs.
fn by_hand() -> (World, Vec<String>) {
    let mut world = World::local();
    // Who works by hand gives neither tokens nor etags.
    world.variables.retain(|(name, _)| *name != "DEPLOYER_LOCAL_STRICT");
    world.variables.push(("DEPLOYER_LATENCY_MS", "100".to_owned()));
    world.up().exits(0);
    let urls = world.urls();
    Hands::in_cloud_of(&world).make_it_theirs();
    eventually("the site that was made by hand answers", || {
        urls.iter().all(|url| world.visit(url).is_ok_and(|visit| visit.status == 200)).then_some(())
    });
    (world, urls)
}

fn flags(world: &World) -> Vec<&str> {
    let zone = "codeharmony.localhost";
    let region = "uk-london-1";
    vec![
        "adopt",
        "--env",
        &world.name,
        "--local",
        "--region",
        region,
        "--compartment",
        COMPARTMENT,
        "--zone",
        zone,
    ]
}

#[test]
fn a_site_made_by_hand_is_taken_over_without_a_failed_request_or_a_new_instance() {
    let (world, urls) = by_hand();
    let hands = Hands::in_cloud_of(&world);
    let foreign = json!({ "type": "A", "name": "mail.codeharmony.localhost", "content": "192.0.2.9", "ttl": 300, "proxied": false, "comment": "mail" });
    world.add_record(&foreign);
    let (instances, rules, balancer) = (hands.instances(), hands.rules(), hands.balancer());
    let over = AtomicBool::new(false);
    let (told, visits) = std::thread::scope(|scope| {
        let visitor = scope.spawn(|| {
            let mut visits = Vec::new();
            while !over.load(Ordering::Relaxed) {
                visits.extend(urls.iter().map(|url| world.visit(url).map(|visit| visit.status)));
            }
            visits
        });
        let told = world.deployer(&flags(&world));
        over.store(true, Ordering::Relaxed);
        (told, visitor.join().unwrap())
    });
    let told = told.exits(0);
    let failed: Vec<_> = visits.iter().filter(|visit| **visit != Ok(200)).collect();
    assert!(visits.len() > 10 && failed.is_empty(), "{failed:?} of {}", visits.len());
    for line in [
        "becomes container_instance.bs-web-",
        "becomes load_balancer.main",
        "its comment \"the shop\" goes",
    ] {
        assert!(told.stderr.contains(line), "`{line}` is not told:\n{}", told.stderr);
    }
    assert_eq!(told.stderr.matches("Plan: ").count(), 1, "what was agreed to is not asked again");
    world.run("plan", &["--exit-code"]).exits(0);
    world.up().exits(0);
    assert!(hands.instances().keys().eq(instances.keys()), "the same instances run");
    assert!(hands.instances().values().all(|tags| tags["team"] == "shop"), "other tags stay");
    for tags in hands.instances().values() {
        let address = &tags["deployer-address"];
        assert!(address.contains(&format!("-{}-", tags["deployer-generation"])), "{address}");
    }
    assert_eq!(hands.balancer().id, balancer.id);
    assert_eq!(hands.balancer().freeform_tags["team"], "shop");
    let now = hands.rules();
    assert!(rules.iter().all(|rule| now.contains(rule)), "rules of others stay");
    let records = hands.records();
    let mail = records.iter().find(|record| record["name"] == foreign["name"]).unwrap();
    let ours = records.iter().filter(|record| record["name"] != foreign["name"]);
    let is_marked = |record: &serde_json::Value| {
        record["comment"].as_str().is_some_and(|comment| comment.ends_with(" e=0"))
    };
    assert!(ours.clone().count() > 0 && ours.clone().all(is_marked), "{records:?}");
    assert_eq!((&mail["comment"], &mail["content"]), (&foreign["comment"], &foreign["content"]));
}

#[test]
fn a_takeover_that_is_killed_is_finished_by_the_next_and_never_makes_a_twin() {
    for point in [1, 3, 5, 8] {
        let (world, urls) = by_hand();
        let hands = Hands::in_cloud_of(&world);
        let (instances, balancer, before) = (hands.instances(), hands.balancer().id, world.calls());
        let mut adopt = world.begin(&flags(&world));
        eventually("the takeover has begun", || {
            (world.mutations(before).len() >= point).then_some(())
        });
        adopt.kill().unwrap();
        adopt.wait().unwrap();
        world.run("adopt", &[]).exits(0);
        world.run("plan", &["--exit-code"]).exits(0);
        assert!(hands.instances().keys().eq(instances.keys()), "killed at {point}");
        assert_eq!(hands.balancer().id, balancer, "killed at {point}");
        assert_eq!(world.visit(&urls[0]).unwrap().status, 200, "killed at {point}");
    }
}

#[test]
fn an_up_in_the_middle_of_a_takeover_is_refused_and_makes_nothing() {
    let (world, _) = by_hand();
    let before = world.calls();
    let mut adopt = world.begin(&flags(&world));
    eventually("the first mark is set", || (!world.mutations(before).is_empty()).then_some(()));
    adopt.kill().unwrap();
    adopt.wait().unwrap();
    let before = world.calls();
    world.up().fails(6, &["is not ours", "deployer adopt"]);
    assert_eq!(world.mutations(before), [""; 0]);
    world.run("adopt", &[]).exits(0);
}

#[test]
fn what_cannot_be_expressed_is_told_with_what_to_do_and_nothing_is_written() {
    let (world, _) = by_hand();
    Hands::in_cloud_of(&world).leave_groups();
    let before = world.calls();
    world.deployer(&flags(&world)).fails(6, &["0 network security groups", "oci lb nsg update"]);
    assert_eq!(world.mutations(before), [""; 0]);
    assert!(!world.file().exists());
}
