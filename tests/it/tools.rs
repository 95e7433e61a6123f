//! Tools that know nothing of deployer, unmodified, against a local cloud: the vendor's command line, skopeo, Docker, certbot,
//! lego, dig, curl.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::clients::{FOLDER, cloud, python, told};
use crate::world::skip;

/// Runs a script of `tests/clients` against a cloud with nothing in it.
#[track_caller]
fn works(script: &str, needs: &[&str]) {
    let path = std::env::var("PATH").unwrap_or_default();
    let own = python().and_then(|python| python.parent());
    let path = own.map_or_else(|| path.clone(), |own| format!("{}:{path}", own.display()));
    let is_missing = |program: &&&str| {
        let look = ["-c", "command -v \"$0\"", **program];
        !Command::new("bash").env("PATH", &path).args(look).output().unwrap().status.success()
    };
    if let Some(program) = needs.iter().find(is_missing) {
        return skip(script, &format!("there is no {program}"));
    }
    let world = cloud();
    let mut command = Command::new("bash");
    command.arg(format!("{FOLDER}/{script}.sh")).env("PATH", path).envs(told(&world));
    let output = command.output().unwrap();
    let journal = world.run("local journal", &["--service", "oci", "--json"]).exits(0).stdout;
    world.run("local reset", &[]).exits(0);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}.sh: {why}");
    if script.starts_with("cli/") {
        notes(script, &journal);
    }
}

/// The page of the local cloud says what the command line drives: a script's list of it lies beside the script.
#[track_caller]
fn notes(script: &str, journal: &str) {
    let calls = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let answered = calls.filter(|call| call["status"].as_u64().is_some_and(|s| s < 300));
    let operation = |call: Value| {
        let version = call["path"].as_str().unwrap().split('/').nth(1).unwrap().to_owned();
        format!("{version} {}\n", call["operation"].as_str().unwrap())
    };
    let driven: String = answered.map(operation).collect::<BTreeSet<_>>().into_iter().collect();
    expect_test::expect_file![format!("{FOLDER}/{script}.operations")].assert_eq(&driven);
}

#[test]
fn the_vendors_command_line_manages_networks() {
    works("cli/network", &["oci"]);
}

#[test]
fn the_vendors_command_line_manages_load_balancers() {
    works("cli/load_balancer", &["oci", "openssl"]);
}

#[test]
fn the_vendors_command_line_manages_container_instances() {
    works("cli/container_instances", &["oci", "skopeo", "busybox"]);
}

#[test]
fn the_vendors_command_line_manages_repositories_and_buckets_and_knows_who_calls() {
    for script in ["cli/artifacts", "cli/object_storage", "cli/identity"] {
        works(script, &["oci"]);
    }
}

#[test]
fn skopeo_pushes_copies_fetches_and_deletes_images() {
    works("registry/skopeo", &["skopeo", "busybox"]);
}

#[test]
fn docker_pushes_an_image_and_gets_the_same_one_back() {
    if !Command::new("docker").arg("version").output().is_ok_and(|told| told.status.success()) {
        return skip("registry/docker", "no Docker engine answers");
    }
    works("registry/docker", &["busybox"]);
}

#[test]
fn certbot_gets_renews_and_revokes_a_certificate() {
    works("authority/certbot", &["certbot", "openssl"]);
}

#[test]
fn lego_gets_renews_and_revokes_a_certificate() {
    works("authority/lego", &["lego", "openssl", "curl"]);
}

#[test]
fn dig_agrees_with_what_the_zone_holds() {
    works("names/dig", &["dig", "curl"]);
}

#[test]
fn a_site_made_by_hand_with_the_tools_of_others_answers_through_the_edge() {
    works("site", &["oci", "certbot", "skopeo", "busybox", "curl"]);
}
