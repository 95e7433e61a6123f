//! Tools that know nothing of deployer, unmodified, against a local cloud: the vendor's command line, skopeo, Docker, certbot,
//! lego, dig, curl.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::clients::{FOLDER, python};
use crate::world::{World, skip};

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
    let mut world = World::local();
    // These clients leave out what they may leave out.
    world.variables.retain(|(name, _)| *name != "DEPLOYER_LOCAL_STRICT");
    world.run("local start", &[]).exits(0);
    let mut command = Command::new("bash");
    command.arg(format!("{FOLDER}/{script}.sh")).env("PATH", path).envs(told(&world));
    let output = command.output().unwrap();
    world.run("local reset", &[]).exits(0);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}.sh: {why}");
}

/// What a script is told of the cloud.
fn told(world: &World) -> Vec<(&'static str, String)> {
    let start = fs::read(world.store().join("cloud/start.json")).unwrap();
    let start: Value = serde_json::from_slice(&start).unwrap();
    let ready = world.ready();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let reached = [
        ("CLOUD_API", "api"),
        ("CLOUD_CONFIG", "oci_config"),
        ("CLOUD_REGISTRY", "registry"),
        ("CLOUD_REGISTRY_USER", "registry_username"),
        ("CLOUD_REGISTRY_PASSWORD", "registry_password"),
        ("CLOUD_NAMESPACE", "namespace"),
        ("CLOUD_DIRECTORY", "acme"),
        ("CLOUD_ROOT", "root"),
        ("CLOUD_DNS", "dns"),
        ("CLOUD_TOKEN", "cloudflare_token"),
        ("CLOUD_EDGE_HTTPS", "edge_https"),
        ("CLOUD_EDGE_HTTP", "edge_http"),
    ];
    let mut told = reached.map(|(name, field)| (name, text(&ready[field]))).to_vec();
    told.push(("CLOUD_COMPARTMENT", text(&start["seed"]["compartments"][0])));
    told.push(("CLOUD_ZONE", text(&start["seed"]["zones"][0])));
    told
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
