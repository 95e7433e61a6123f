//! Clouds that refuse, fail or never get well, plans that go too far: one clear error each, and the next run goes on.

use std::fs;
use std::net::TcpListener;

use serde_json::json;
use toml_edit::{DocumentMut, value};

use crate::world::World;

#[test]
fn a_registry_that_fails_in_the_middle_is_told_once_and_the_next_run_converges() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    world.tell("faults", &json!({ "operation": "PushManifest", "status": 503, "times": 4 }));
    world.up().fails(5, &["create image.webapp", "503", "to go on: deployer up"]);
    world.up().exits(0);
    world.run("plan", &["--exit-code"]).exits(0);
}

#[test]
fn a_down_that_was_refused_names_the_command_that_goes_on() {
    let world = World::local();
    world.up().exits(0);
    world.tell("faults", &json!({ "operation": "DeleteNatGateway", "status": 403 }));
    world.run("down", &[]).fails(4, &["delete nat_gateway.main", "to go on: deployer down"]);
    world.run("down", &[]).exits(0);
    assert!(!world.store().exists());
}

#[test]
fn a_registry_that_knows_nobody_of_that_name_is_a_matter_of_rights() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    replace(&world, "ready.json", "\"registry_password\": \"", "\"registry_password\": \"no");
    world.up().fails(4, &["OCIR_AUTH_TOKEN"]);
}

#[test]
fn a_key_that_the_cloud_does_not_know_is_a_matter_of_rights() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    replace(&world, "credentials/oci_config", "ocid1.user.oc1..", "ocid1.user.oc1..nobody");
    world.up().fails(4, &["401", "fingerprint"]);
    assert_eq!(world.mutations(0), [""; 0]);
}

fn replace(world: &World, file: &str, from: &str, to: &str) {
    let path = world.store().join("cloud").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} does not hold {from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = i64::from(taken.local_addr().unwrap().port());
    let world = World::edited(|file| file["local"]["https_port"] = value(port));
    world.up().fails(9, &["port", "https_port"]);
}

#[test]
fn a_second_cloud_on_the_same_folder_is_locked_out() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    let state = world.store().join("cloud");
    let told = world.deployer(&["local", "serve", "--state", state.to_str().unwrap()]).exits(9);
    assert!(told.stderr.contains("another local cloud runs"), "{}", told.stderr);
}

#[test]
fn a_plan_that_removes_much_waits_for_its_number() {
    let hosts = |file: &mut DocumentMut, count: usize| {
        for number in 0..6 {
            let host = format!("h{number}.codeharmony.localhost");
            file["hosts"][&host]["/"] = value("web");
            if number >= count {
                file["hosts"].as_table_mut().unwrap().remove(&host);
            }
        }
    };
    let world = World::edited(|file| hosts(file, 6));
    world.up().exits(0);
    let before = world.calls();
    world.edit(|file| hosts(file, 0));
    world.up().fails(6, &["6 resources", "--prune 6"]);
    assert_eq!(world.mutations(before), [""; 0]);
    world.run("up", &["--prune", "6"]).exits(0);
}

#[test]
fn an_app_that_never_gets_well_is_given_up() {
    let world = World::edited(|file| file["apps"]["web"]["health"] = value("/nope"));
    world.up().fails(7, &["web does not become healthy", "GET /nope on port 8080"]);
}

#[test]
fn a_declared_url_that_does_not_answer_well_is_told_after_everything_was_applied() {
    let world = World::edited(|file| {
        file["hosts"]["codeharmony.localhost"]["/missing/"] = value("web");
    });
    world.up().fails(10, &["applied, but 1 of 6 probes failed", "/missing/", "app: HTTP 404"]);
    world.run("plan", &["--exit-code"]).exits(0);
}

#[test]
fn a_wrong_health_path_does_not_take_down_what_serves_and_the_right_one_recovers() {
    let world = World::local();
    world.up().exits(0);
    let url = world.urls().remove(0);
    world.edit(|file| {
        file["apps"]["web"]["health"] = value("/nope");
        file["apps"]["web"]["variables"]["APP_TITLE"] = value("Another generation");
    });
    world.up().fails(7, &["does not become healthy", "what ran before still serves"]);
    assert_eq!(world.visit(&url).unwrap().status, 200);
    world.edit(|file| file["apps"]["web"]["health"] = value("/health-check"));
    world.up().exits(0);
    world.run("plan", &["--exit-code"]).exits(0);
}

#[test]
fn a_record_of_somebody_elses_stops_the_plan_before_anything_is_changed() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    let host = "codeharmony.localhost";
    world.add_record(&json!({ "type": "A", "name": host, "content": "198.51.100.7", "ttl": 1 }));
    let before = world.calls();
    world.run("plan", &[]).fails(6, &[host, "not ours", "198.51.100.7"]);
    world.up().fails(6, &[host, "not ours"]);
    assert_eq!(world.mutations(before), [""; 0]);
}
