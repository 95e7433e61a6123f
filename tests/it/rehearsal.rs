//! Environment files that are shipped, each tried against a private cloud, as before it meets the real one.

use std::fs;

use crate::world::World;

#[test]
fn every_shipped_file_holds_and_leaves_nothing_behind() {
    let shipped = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../environments")).unwrap();
    for file in shipped.flatten() {
        let name = file.path().file_stem().unwrap().to_str().unwrap().to_owned();
        let rehearsed = rehearse(&name);
        assert!(rehearsed.contains(&format!("\n{name} holds: up, ")), "{rehearsed}");
    }
}

fn rehearse(name: &str) -> String {
    let world = World::local();
    let told = world.deployer(&["rehearse", "--env", name, "--builder", "daemonless"]).exits(0);
    let stores = fs::read_dir(world.project.join(".deployer")).unwrap().flatten();
    let left = stores.filter(|store| store.file_name().to_string_lossy().starts_with("rehearsal"));
    assert_eq!(left.count(), 0, "after {name}");
    told.stderr
}
