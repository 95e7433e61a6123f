//! Mistakes in what a user wrote, found before anything is begun: exit code 3.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::world::World;

#[test]
fn every_problem_of_a_file_is_told_at_once_with_its_line() {
    let shipped = include_str!("../../environments/local.toml");
    let broken = shipped
        .replace("replicas = 1", "replcas = 1")
        .replace("\"/\" = \"web\"", "\"/\" = \"wbe\"")
        .replace("issuer = \"localcloud\"", "issuer = \"verisign\"");
    let world = World::bare(&broken);
    let file = format!("environments/{}.toml:", world.name);
    let told = world.up().exits(3);
    let lines: Vec<&str> = told.stderr.lines().filter(|line| line.starts_with(&file)).collect();
    assert_eq!(lines.len(), 3, "{}", told.stderr);
    for (part, key) in [("replcas", "replcas"), ("wbe", "wbe"), ("verisign", "issuer")] {
        let number = broken.lines().position(|line| line.contains(part)).unwrap() + 1;
        let place = format!("{file}{number}: ");
        assert!(lines.iter().any(|line| line.starts_with(&place) && line.contains(key)), "{place}");
    }
    told.fails(3, &["3 problems", "did you mean", "replicas"]);
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    World::bare("uid = \"k7\"\n[oci\n").up().fails(3, &[".toml:2: "]);
}

#[test]
fn every_missing_variable_is_named() {
    let world = World::bare(include_str!("../../environments/london.toml"));
    world.up().fails(3, &["OCI_COMPARTMENT", "OCI_PUBLIC_SUBNET", ".env"]);
}

#[test]
fn secrets_that_others_can_read_are_refused() {
    let world = World::bare(include_str!("../../environments/london.toml"));
    let secrets = world.project.join(".env");
    fs::write(&secrets, "CLOUDFLARE_API_TOKEN=canary\n").unwrap();
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o644)).unwrap();
    let told = world.up();
    assert!(!told.stderr.contains("canary"));
    told.fails(3, &["can be read by others", "chmod 600"]);
}

#[test]
fn an_unknown_environment_is_answered_with_those_that_exist() {
    let world = World::bare("");
    world.deployer(&["up", "--env", "lnodon"]).fails(3, &["lnodon", &world.name]);
}

#[test]
fn an_unknown_flag_is_a_mistake_of_usage() {
    let told = World::bare("").deployer(&["up", "--env", "local", "--pruen", "3"]).exits(3);
    assert!(told.stderr.contains("--prune"), "{}", told.stderr);
}

#[test]
fn a_runtime_that_does_not_exist_is_refused() {
    let mut world = World::local();
    world.variables = vec![("DEPLOYER_RUNTIME", "podman".to_owned())];
    world.up().fails(3, &["podman", "process"]);
}

#[test]
fn a_name_that_leads_elsewhere_is_no_name() {
    let world = World::bare("");
    for name in ["./x", "../../etc/passwd", "/etc/passwd", "", ".."] {
        for command in [&["down"][..], &["adopt"], &["local", "stop"]] {
            let told = world.deployer(&[command, &["--env", name]].concat());
            told.fails(3, &["is no name of an environment"]);
        }
    }
}

#[test]
fn a_file_that_is_not_utf_8_is_told_as_such_with_the_line() {
    let world = World::bare("");
    fs::write(world.file(), b"uid = \"k7\"\n# caf\xe9\n").unwrap();
    let told = world.up().exits(3);
    assert!(!told.stderr.contains("did you mean"), "{}", told.stderr);
    told.fails(3, &[".toml:2: is not UTF-8", "save it as UTF-8"]);
}
