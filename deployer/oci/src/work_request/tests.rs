//! Waiting for work requests, against a scripted service.

use std::time::Duration;

use super::*;
use crate::testing::{Outcome, World, answer, run};

fn load_balancer_work(state: &str, rest: &str) -> Outcome {
    let body = format!(
        r#"{{"id":"w","loadBalancerId":"lb","type":"CreateListener","lifecycleState":"{state}",
        "message":"text"{rest}}}"#
    );
    answer(200, &body)
}

fn instance_work(status: &str) -> Outcome {
    let body = format!(r#"{{"id":"w","operationType":"CREATE","status":"{status}"}}"#);
    answer(200, &body)
}

#[test]
fn waiting_ends_when_the_work_has_succeeded() {
    let world = World::new([
        load_balancer_work("ACCEPTED", ""),
        load_balancer_work("IN_PROGRESS", r#","errorDetails":null"#),
        load_balancer_work("SUCCEEDED", r#","errorDetails":[]"#),
    ]);
    let work = run(load_balancer(&world.client, "w", &Poll::default())).unwrap();
    assert_eq!(work.load_balancer_id, "lb");
    assert_eq!(world.clock.sleeps(), [Duration::from_millis(50), Duration::from_millis(75)]);
}

#[test]
fn a_failure_keeps_the_vendors_messages_and_names_the_operation() {
    let details = r#","errorDetails":[{"errorCode":"BAD_INPUT","message":"no such set"}]"#;
    let world = World::new([load_balancer_work("FAILED", details)]);
    let error = run(load_balancer(&world.client, "w", &Poll::default())).unwrap_err();
    assert_eq!(error.kind(), Kind::WorkRequestFailed);
    assert_eq!(
        error.to_string(),
        "CreateListener: work request w ended as FAILED: BAD_INPUT: no such set"
    );
}

#[test]
fn a_failure_without_details_keeps_the_message() {
    let world = World::new([load_balancer_work("FAILED", "")]);
    let error = run(load_balancer(&world.client, "w", &Poll::default())).unwrap_err();
    assert!(error.to_string().ends_with("FAILED: text"));
}

#[test]
fn the_reasons_of_a_failed_instance_are_fetched() {
    let errors = r#"{"items":[{"code":"ImagePull","message":"denied","timestamp":"t"}]}"#;
    let world = World::new([instance_work("FAILED"), answer(200, errors)]);
    let error = run(container_instance(&world.client, "w", &Poll::default())).unwrap_err();
    assert!(error.to_string().ends_with("FAILED: ImagePull: denied"), "{error}");
    let path = "/20210415/workRequests/w/errors";
    assert_eq!(world.script.requests()[1].uri().path(), path);
}

#[test]
fn a_place_without_capacity_is_its_own_kind_of_failure() {
    let errors = r#"[{"code":"InternalError","message":"Out of host capacity."}]"#;
    let world = World::new([instance_work("FAILED"), answer(200, errors)]);
    let error = run(container_instance(&world.client, "w", &Poll::default())).unwrap_err();
    assert_eq!(error.kind(), Kind::OutOfCapacity);
}

#[test]
fn reasons_that_cannot_be_read_do_not_hide_the_failure() {
    let world = World::new([instance_work("CANCELED"), answer(404, "{}")]);
    let error = run(container_instance(&world.client, "w", &Poll::default())).unwrap_err();
    assert_eq!(error.kind(), Kind::WorkRequestFailed);
    assert!(error.to_string().contains("cannot be read"));
}

#[test]
fn a_work_request_that_does_not_show_yet_is_waited_for() {
    let missing = r#"{"code":"NotAuthorizedOrNotFound","message":"x"}"#;
    let world = World::new([answer(404, missing), instance_work("SUCCEEDED")]);
    assert!(run(container_instance(&world.client, "w", &Poll::default())).is_ok());
}

#[test]
fn waiting_gives_up_after_the_deadline_and_says_what_it_saw() {
    let poll = Poll { deadline: Duration::from_secs(60), ..Poll::default() };
    let world = World::new((0..100).map(|_| instance_work("IN_PROGRESS")));
    let error = run(container_instance(&world.client, "w", &poll)).unwrap_err();
    assert_eq!(error.kind(), Kind::TimedOut);
    assert!(error.to_string().ends_with("not finished after 60 s; it was IN_PROGRESS"));
    assert!(world.clock.sleeps().iter().all(|wait| *wait <= poll.longest));
}

#[test]
fn a_wait_can_move_between_threads() {
    fn assert_send<T: Send>(future: T) -> T {
        future
    }
    let world = World::new([load_balancer_work("SUCCEEDED", "")]);
    run(assert_send(load_balancer(&world.client, "w", &Poll::default()))).unwrap();
}
