//! Certificates: changed while visitors come, and issued by an authority that is not our own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;
use toml_edit::value;

use crate::world::{Pebble, World, skip};

const VISITS: usize = 200;

#[test]
fn a_certificate_is_replaced_under_load_without_one_failed_visit() {
    let mut world = World::local();
    world.variables.push(("DEPLOYER_LATENCY_MS", "100".to_owned()));
    world.up().exits(0);
    let (url, first) = (world.urls().remove(0), certificate(&world));
    let rotated = AtomicBool::new(false);
    let failed = thread::scope(|scope| {
        let visitor = scope.spawn(|| visits(&world, &url, &rotated));
        world.run("certs rotate", &[]).exits(0);
        rotated.store(true, Ordering::Relaxed);
        visitor.join().unwrap()
    });
    assert_eq!(failed, [""; 0]);
    assert_ne!(certificate(&world), first);
    world.run("plan", &["--exit-code"]).exits(0);
}

/// Visits, each on a new connection, until the rotation is over and there were enough; those that went wrong.
fn visits(world: &World, url: &str, rotated: &AtomicBool) -> Vec<String> {
    let visits = (0..).take_while(|done| *done < VISITS || !rotated.load(Ordering::Relaxed));
    let outcomes = visits.map(|_| match world.visit(url) {
        Ok(visit) if visit.status == 200 => None,
        Ok(visit) => Some(format!("HTTP {}", visit.status)),
        Err(error) => Some(error),
    });
    outcomes.flatten().collect()
}

fn certificate(world: &World) -> String {
    let status = world.run("status", &["--json"]).exits(0).json().pop().unwrap();
    let resources = status["resources"].as_array().unwrap();
    let found = resources.iter().find(|resource| resource["address"] == "certificate.main");
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn pebble_issues_what_the_edge_then_trusts() {
    if !Pebble::is_installed() {
        return skip("pebble_issues_what_the_edge_then_trusts", "pebble is not installed");
    }
    let mut world = World::local();
    world.run("plan", &[]).exits(0);
    let pebble = Pebble::start(world.ready()["dns"].as_str().unwrap());
    world.tell("trust", &json!({ "pem": pebble.root() }));
    let listener = pebble.listener_root().display().to_string();
    world.variables.push(("DEPLOYER_EXTRA_ROOTS", listener));
    world.edit(|file| file["certificates"]["issuer"] = value(&pebble.directory));
    world.up().exits(0);
    assert_eq!(world.visit(&world.urls()[0]).unwrap().status, 200);
    world.run("plan", &["--exit-code"]).exits(0);
}
