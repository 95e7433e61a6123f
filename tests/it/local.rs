//! The local cloud told to misbehave, to be slow, to be older: `deployer local faults`, `latency`, `clock`, `export`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::world::World;

#[test]
fn answers_that_are_lost_after_every_create_leave_no_twin() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    let lost = ["Create*", "--service", "oci", "--drop", "after", "--probability", "0.5"];
    world.run("local faults add", &lost).exits(0);
    // Whether it ends well depends on how often one call is unlucky.
    world.up();
    let listed = world.run("local faults", &["--json"]).exits(0).json();
    assert!(listed[1]["hits"].as_u64().unwrap() >= 5, "{listed:?}");
    world.run("local faults clear", &[]).exits(0);
    world.up().exits(0);
    let objects = world.admin("status")["objects"].clone();
    assert_eq!((&objects["loadBalancers"], &objects["vcns"]), (&Value::from(1), &Value::from(1)));
    world.run("plan", &["--exit-code"]).exits(0);
}

#[test]
fn answers_that_are_torn_or_malformed_never_end_in_a_crash_and_the_next_run_converges() {
    let world = World::local();
    world.run("plan", &[]).exits(0);
    for service in ["oci", "cloudflare", "acme", "registry"] {
        for how in ["--truncate", "--malform"] {
            let some = ["*", "--service", service, how, "--probability", "0.1", "--seed", "7"];
            world.run("local faults add", &some).exits(0);
            let told = world.up();
            assert!(!told.stderr.contains("panicked"), "{service} {how}: {}", told.stderr);
            assert!(told.code == 0 || told.stderr.contains("error: "), "{}", told.stderr);
            world.run("local faults clear", &[]).exits(0);
        }
    }
    world.up().exits(0);
    world.run("plan", &["--exit-code"]).exits(0);
}

#[test]
fn a_fault_that_makes_no_sense_is_refused_with_what_is_wrong() {
    let world = World::local();
    let told = world.run("local faults add", &["GetVcn", "--status", "500"]);
    told.fails(3, &["does not run", "deployer local start"]);
    world.run("local start", &[]).exits(0);
    let told = world.run("local faults add", &["GetVcn", "--status", "200"]).exits(3);
    assert!(told.stderr.contains("status: 200 is no failure: 400 to 599"), "{}", told.stderr);
    let told = world.run("local latency", &["aws"]).exits(3);
    assert!(told.stderr.contains("none, 200ms, oci or oci*0.1"), "{}", told.stderr);
    world.run("local clock advance", &["a while"]).exits(3);
    let told = world.run("local faults add", &["CreateVcm", "--status", "500"]);
    told.fails(3, &["no operation is named `CreateVcm`", "did you mean CreateVcn?"]);
    let told = world.run("local journal", &["--service", "aws"]);
    told.fails(3, &["no service is named `aws`"]);
}

#[test]
fn a_journal_that_is_followed_shows_a_call_when_it_comes() {
    let world = World::local();
    world.run("local start", &[]).exits(0);
    let words = ["local", "journal", "--follow", "--json", "--env", &world.name];
    let mut following = world.command(&words).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut told = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    world.run("plan", &[]).exits(0);
    let call = told.find(|line| line["type"] == "call").unwrap();
    following.kill().unwrap();
    following.wait().unwrap();
    assert_eq!(call["number"], 1, "{call}");
}

#[test]
fn what_takes_minutes_at_the_vendor_takes_as_long_as_is_asked_for() {
    let world = World::local();
    world.run("local start", &[]).exits(0);
    assert_eq!(world.run("local latency", &["oci*0.005"]).exits(0).stdout, "oci*0.005\n");
    world.up().exits(0);
    let took = |operation: &str| -> u64 {
        let journal = world.run("local journal", &["--operation", operation, "--json"]).exits(0);
        journal.json().iter().filter(|entry| entry["type"] == "call").count() as u64
    };
    // The load balancer took 220 ms: its work request was looked at more than once.
    assert!(took("GetWorkRequest") > took("CreateLoadBalancer"));
}

#[test]
fn a_cloud_that_is_61_days_older_has_certificates_that_are_due() {
    let world = World::local();
    world.up().exits(0);
    let now = world.run("local clock", &[]).exits(0).stdout;
    let later = world.run("local clock advance", &["61d"]).exits(0).stdout;
    assert!(later > now, "{now}{later}");
    let planned = world.run("plan", &[]).exits(0);
    assert!(planned.stdout.contains("certificate"), "{}", planned.stdout);
}

#[test]
fn the_export_names_what_there_is_as_a_person_would() {
    let world = World::local();
    world.up().exits(0);
    let exported = world.run("local export", &[]).exits(0).stdout;
    let exported: Value = serde_json::from_str(&exported).unwrap();
    let names: Vec<&String> = exported.as_object().unwrap().keys().collect();
    assert!(names.iter().any(|name| name.starts_with("zone ")), "{names:?}");
    assert!(!exported.to_string().contains("PRIVATE KEY"));
}
