//! What goes to which stream, in which form.

use crate::world::World;

#[test]
fn without_a_terminal_progress_is_plain_lines_beside_the_answer() {
    let world = World::local();
    let told = world.up().exits(0);
    assert!(!told.stdout.contains('\u{1b}') && !told.stderr.contains('\u{1b}'));
    assert!(told.stderr.contains("\n  done  create vcn.main"), "{}", told.stderr);
    assert!(!told.stdout.contains("  done  create"), "{}", told.stdout);
}

#[test]
fn json_fills_stdout_with_nothing_but_json_and_begins_with_its_version() {
    let world = World::local();
    let told = world.run("up", &["--json", "--builder", world.builder]).exits(0);
    let lines = told.json();
    assert_eq!((&lines[0]["type"], &lines[0]["format"]), (&"version".into(), &"1.0".into()));
    let last = lines.last().unwrap();
    assert_eq!(last["type"], "done");
    assert_eq!(last["urls"].as_array().unwrap().len(), 2);
    let health = world.run("status", &["--json"]).exits(0).json().pop().unwrap();
    assert_eq!(health["health"][0]["backends"][0]["result"], "OK");
}

#[test]
fn an_error_is_one_json_line_too() {
    let world = World::bare("");
    let told = world.run("plan", &["--json"]).exits(3);
    let lines = told.json();
    assert_eq!((&lines[1]["type"], &lines[1]["code"]), (&"error".into(), &3.into()));
}

#[test]
fn a_plan_is_the_answer_and_changes_nothing() {
    let world = World::local();
    let told = world.run("plan", &["--exit-code"]).exits(2);
    assert!(told.stdout.contains("+ create load_balancer.main"), "{}", told.stdout);
    assert_eq!(world.mutations(0), [""; 0]);
}

#[test]
fn topology_draws_every_host_and_app() {
    let world = World::local();
    let svg = world.run("topology", &[]).exits(0).stdout;
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
    for word in ["codeharmony.localhost", "tools", "web"] {
        assert!(svg.contains(word), "{word} is not drawn");
    }
}

#[test]
fn every_command_shows_an_example_in_its_help() {
    let world = World::bare("");
    for command in ["", "up", "plan", "status", "down", "certs rotate", "host add", "topology"] {
        let words: Vec<_> = command.split(' ').filter(|word| !word.is_empty()).collect();
        let told = world.deployer(&[&*words, &["--help"]].concat()).exits(0);
        assert!(told.stdout.contains("Examples:\n  deployer "), "{}", told.stdout);
    }
}
