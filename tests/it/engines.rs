//! The two ways to build and to run: with a Docker engine, and with nothing but this machine.

use std::process::Command;

use crate::world::{World, skip};

#[test]
fn with_docker_containers_are_reached_from_this_machine_only_and_go_with_down() {
    let Some(_) = docker(&["version", "--format", "{{.Server.Version}}"]) else {
        return skip(
            "with_docker_containers_are_reached_from_this_machine_only",
            "no Docker engine answers",
        );
    };
    let mut world = World::local();
    world.variables = vec![("DEPLOYER_RUNTIME", "docker".to_owned())];
    world.builder = "docker";
    let told = world.up().exits(0);
    assert!(told.stderr.contains(" by docker, "), "{}", told.stderr);
    assert!(told.stdout.contains("containers run with: docker"), "{}", told.stdout);
    for url in world.urls() {
        assert_eq!(world.visit(&url).unwrap().status, 200, "{url}");
    }
    let repository = format!("/{}/webapp@", world.name);
    assert_eq!(published(&repository).len(), 2);
    for ports in published(&repository) {
        assert!(ports.starts_with("127.0.0.1:") && !ports.contains(", "), "{ports}");
    }
    world.run("down", &[]).exits(0);
    assert_eq!(published(&repository), [""; 0]);
}

/// The published ports of the containers whose image lies in a repository.
fn published(repository: &str) -> Vec<String> {
    let format = "{{.Image}} {{.Label \"localcloud.image\"}}\t{{.Ports}}";
    let listed = docker(&["ps", "--all", "--no-trunc", "--format", format]).unwrap();
    let ours = listed.lines().filter(|line| line.contains(repository));
    ours.filter_map(|line| Some(line.split_once('\t')?.1.to_owned())).collect()
}

fn docker(arguments: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn without_docker_the_image_is_built_and_run_all_the_same() {
    let mut world = World::local();
    world.variables.push(("DOCKER_HOST", "unix:///nonexistent".to_owned()));
    world.builder = "auto";
    let told = world.up().exits(0);
    assert!(told.stderr.contains(" by daemonless, "), "{}", told.stderr);
    assert!(told.stdout.contains("containers run with: process"), "{}", told.stdout);
    assert_eq!(world.programs().len(), 2);
}
