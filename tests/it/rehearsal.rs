//! An environment file for the real cloud, tried on this machine.

use std::fs;

use crate::world::World;

#[test]
fn the_shipped_london_file_holds_and_leaves_nothing_behind() {
    let world = World::local();
    let told = world.deployer(&["rehearse", "--env", "london", "--builder", "daemonless"]).exits(0);
    assert!(told.stderr.contains("london holds: up, "), "{}", told.stderr);
    let rehearsals = fs::read_dir(world.project.join(".deployer")).unwrap().flatten();
    let left =
        rehearsals.filter(|entry| entry.file_name().to_string_lossy().starts_with("rehearsal"));
    assert_eq!(left.count(), 0);
}
