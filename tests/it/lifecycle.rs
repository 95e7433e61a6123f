//! From nothing to a site that answers, and back to nothing.

use std::fs;

use toml_edit::value;

use crate::world::{World, eventually, is_alive, kill};

#[test]
fn up_from_nothing_serves_every_declared_url() {
    let world = World::local();
    let told = world.up().exits(0);
    let urls = world.urls();
    assert_eq!(urls.len(), 2);
    for url in &urls {
        assert!(told.stdout.contains(url), "{url} is not printed:\n{}", told.stdout);
        let visit = world.visit(url).unwrap();
        assert_eq!(visit.status, 200, "{url}");
        assert_eq!(visit.headers["x-build"].len(), 16, "{url}");
        assert!(visit.headers.contains_key("cf-ray"), "{url} did not pass the edge");
    }
}

#[test]
fn up_ends_with_how_to_look_how_long_it_took_and_how_to_undo_it() {
    let world = World::local();
    let told = world.up().exits(0).stdout;
    let root = world.store().join("cloud/ca/root.pem");
    let undo = format!("deployer down --env {}", world.name);
    let curl = format!("curl --cacert {} {}", root.display(), world.urls()[0]);
    for line in [&*curl, &*undo, "create image.webapp", " steps, the slowest:"] {
        assert!(told.contains(line), "`{line}` is not printed:\n{told}");
    }
}

#[test]
fn a_second_up_changes_nothing() {
    let world = World::local();
    world.up().exits(0);
    let before = world.calls();
    let told = world.up().exits(0);
    assert_eq!(world.mutations(before), [""; 0]);
    assert!(told.stderr.contains("nothing to do"), "{}", told.stderr);
}

#[test]
fn down_removes_whatever_up_made() {
    let world = World::local();
    let up = world.run("up", &["--json", "--builder", world.builder]).exits(0);
    let made = steps(&up.json(), "create");
    let cloud = world.cloud();
    assert_eq!(world.programs().len(), 2);
    let down = world.run("down", &["--json"]).exits(0);
    let parts_of_others = ["certificate.main", "image.webapp"];
    let removed = steps(&down.json(), "delete");
    for address in made.iter().filter(|address| !parts_of_others.contains(&&***address)) {
        assert!(removed.contains(address), "{address} was not removed");
    }
    eventually("the cloud has ended", || (!is_alive(cloud)).then_some(()));
    assert_eq!(world.programs(), [0; 0]);
    assert!(!world.store().exists());
    world.run("down", &[]).exits(0);
}

fn steps(lines: &[serde_json::Value], action: &str) -> Vec<String> {
    let done = lines.iter().filter(|line| line["type"] == "step_done" && line["action"] == action);
    done.map(|line| line["address"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_added_host_is_served_after_up_and_the_files_comments_stay() {
    let world = World::local();
    world.up().exits(0);
    let before = fs::read_to_string(world.file()).unwrap();
    world.run("host add shop.codeharmony.localhost --app shop", &[]).exits(0);
    let after = fs::read_to_string(world.file()).unwrap();
    for comment in before.lines().filter(|line| line.contains('#')) {
        assert!(after.contains(comment), "lost: {comment}");
    }
    world.up().exits(0);
    let url = world.urls().into_iter().find(|url| url.contains("//shop.")).unwrap();
    assert_eq!(world.visit(&url).unwrap().status, 200);
}

#[test]
fn another_replica_is_added_by_the_next_up() {
    let world = World::local();
    world.up().exits(0);
    world.edit(|file| file["apps"]["web"]["replicas"] = value(2));
    world.run("plan", &["--exit-code"]).exits(2);
    world.up().exits(0);
    assert_eq!(world.programs().len(), 3);
    world.run("plan", &["--exit-code"]).exits(0);
}

#[test]
fn a_cloud_that_was_killed_comes_back_with_everything() {
    let world = World::local();
    world.up().exits(0);
    let (urls, inventory) = (world.urls(), world.admin("inventory"));
    kill(world.cloud());
    world.up().exits(0);
    assert_eq!(world.admin("inventory"), inventory);
    assert_eq!(world.mutations(0), [""; 0]);
    for url in &urls {
        assert_eq!(world.visit(url).unwrap().status, 200, "{url}");
    }
}

#[test]
fn a_stopped_cloud_keeps_everything_for_the_next_start() {
    let world = World::local();
    world.up().exits(0);
    world.run("local stop", &[]).exits(0);
    assert_eq!(world.programs(), [0; 0]);
    world.run("plan", &["--exit-code"]).exits(0);
    // The backends count as well only after their first checks.
    let url = &world.urls()[0];
    eventually("the site answers", || (world.visit(url).ok()?.status == 200).then_some(()));
}
