//! Commands that end in the middle: killed, or asked to stop. The next run finishes what they began.

use rustix::process::{Pid, Signal, kill_process};

use crate::world::{Side, World, eventually};

#[test]
fn a_down_that_is_killed_is_finished_by_the_next() {
    let mut world = World::local();
    world.variables.push(("DEPLOYER_LATENCY_MS", "50".to_owned()));
    world.up().exits(0);
    let before = world.calls();
    let mut down = world.begin(&["down", "--env", &world.name]);
    eventually("three were removed", || (world.mutations(before).len() >= 3).then_some(()));
    down.kill().unwrap();
    down.wait().unwrap();
    world.run("down", &[]).exits(0);
    assert!(!world.store().exists());
    assert_eq!(world.programs(), [0; 0]);
}

#[test]
fn the_first_interrupt_finishes_what_runs_and_the_next_run_continues() {
    let mut world = World::local();
    world.variables.push(("DEPLOYER_LATENCY_MS", "200".to_owned()));
    let mut up = world.begin_up();
    eventually("the network is made", || {
        world.mutations(0).contains(&"CreateVcn".to_owned()).then_some(())
    });
    let pid = Pid::from_raw(i32::try_from(up.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(up.wait().unwrap().code(), Some(8));
    world.up().exits(0);
}

#[test]
fn an_update_of_the_load_balancer_killed_at_any_call_is_finished_by_the_next() {
    let mut world = World::local();
    world.variables.push(("DEPLOYER_LATENCY_MS", "400".to_owned()));
    world.up().exits(0);
    let before = world.calls();
    let mut killed = 0;
    for (number, host) in ["one", "two", "three", "four"].into_iter().enumerate() {
        let name = format!("{host}.codeharmony.localhost");
        world.run("host add", &[&name, "--app", "web"]).exits(0);
        let seen = world.calls();
        let mut up = world.begin_up();
        eventually("the load balancer is being changed", || {
            let calls = world.mutations(seen);
            let changes =
                ["CreateCertificate", "CreateHostname", "UpdateListener", "CreateListener"];
            let count = calls.iter().filter(|call| changes.contains(&call.as_str())).count();
            (count > number).then_some(())
        });
        killed += usize::from(up.try_wait().unwrap().is_none());
        up.kill().unwrap();
        up.wait().unwrap();
        world.up().exits(0);
        assert_eq!(world.visit(&world.urls()[0]).unwrap().status, 200, "killed at {number}");
    }
    assert_eq!(killed, 4, "every run was still under way");
    assert!(world.calls() > before);
}

#[test]
fn of_two_first_runs_at_once_one_waits_for_the_other_unless_it_is_told_not_to() {
    let world = World::local();
    let mut first = world.begin_up();
    let lock = world.store().join("lock");
    let held = || std::fs::read_to_string(&lock).is_ok_and(|who| who.starts_with("process"));
    eventually("the first has begun", || held().then_some(()));
    let impatient = ["--lock-timeout", "0", "--builder", world.builder];
    let who = format!("process {}", first.id());
    world.run("up", &impatient).fails(9, &["another deployer", &who]);
    let second = world.up().exits(0);
    assert!(second.stderr.contains("waiting: another deployer"), "{}", second.stderr);
    assert_eq!(first.wait().unwrap().code(), Some(0));
}

#[test]
fn a_killed_run_leaves_a_lease_that_keeps_others_out_and_not_its_own_operator() {
    let mut world = World::local();
    world.run("plan", &[]).exits(0);
    world.variables.push(("HOSTNAME", "elsewhere".to_owned()));
    let up = ["up", "--builder", world.builder, "--env", &world.name];
    let killed = world.kill_at(&up, 40, Side::Before);
    assert!(killed.is_some());
    let elsewhere = world.variables.pop().unwrap();
    let before = world.calls();
    let impatient = ["--lock-timeout", "0s", "--builder", world.builder];
    world.run("up", &impatient).fails(9, &["@elsewhere", "expires by itself", "--lock-timeout"]);
    assert_eq!(world.mutations(before), [""; 0]);
    world.variables.push(elsewhere);
    world.run("up", &impatient).exits(0);
}

#[test]
fn a_rehearsal_that_is_stopped_leaves_nothing_behind() {
    let world = World::local();
    let mut rehearsal = world.begin(&["rehearse", "--env", &world.name]);
    let folder =
        world.store().with_file_name(format!("rehearsal-{}-{}", world.name, rehearsal.id()));
    eventually("its cloud is being started", || folder.exists().then_some(()));
    let pid = Pid::from_raw(i32::try_from(rehearsal.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(rehearsal.wait().unwrap().code(), Some(8));
    assert!(!folder.exists());
}
