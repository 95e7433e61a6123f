//! Retries, lists, answers and the clock, against a scripted service.

use std::time::Duration;

use http::Method;

use super::*;
use crate::{
    Mutation, Service,
    error::Kind,
    testing::{Outcome, World, answer, answer_with, run},
    transport::TransportError,
    vcn::{self, CreateVcnDetails},
};

const VCN: &str = r#"{"id":"v","compartmentId":"c","lifecycleState":"AVAILABLE","newField":1}"#;

fn lost() -> Outcome {
    Err(TransportError::lost("reset"))
}

fn create(world: &World, mutation: &Mutation) -> Result<Response<vcn::Vcn>> {
    run(vcn::create(&world.client, &CreateVcnDetails::default(), mutation))
}

fn list(world: &World) -> Result<Vec<u32>> {
    let request = Request::new("ListNumbers", Service::Network, Method::GET, &["numbers"]);
    run(world.client.list(&request.query("limit", "2")))
}

#[test]
fn a_call_is_signed_named_and_decoded() {
    let headers = [("etag", "e1"), ("opc-work-request-id", "w1"), ("opc-request-id", "r1")];
    let world = World::new([answer_with(200, VCN, &headers)]);
    let response = run(vcn::get(&world.client, "ocid1.vcn")).unwrap();
    assert_eq!(response.value.lifecycle_state, crate::LifecycleState::Available);
    assert_eq!(response.etag.as_deref(), Some("e1"));
    assert_eq!(response.work_request_id.as_deref(), Some("w1"));
    let request = &world.script.requests()[0];
    assert_eq!(request.uri(), "http://127.0.0.1:8080/20160918/vcns/ocid1.vcn");
    assert!(request.headers().contains_key("authorization"));
    assert_eq!(request.headers()["opc-request-id"].len(), 32);
}

#[test]
fn a_refusal_for_the_rate_waits_as_long_as_the_service_asks() {
    let refused = answer_with(429, "{}", &[("retry-after", "45")]);
    let world = World::new([refused, answer(200, VCN)]);
    run(vcn::get(&world.client, "v")).unwrap();
    assert_eq!(world.clock.sleeps(), [Duration::from_secs(45)]);
}

#[test]
fn a_wait_may_be_asked_for_as_a_date() {
    let refused = answer_with(503, "", &[("retry-after", "Thu, 05 Jan 2023 21:32:40 GMT")]);
    let world = World::new([refused, answer(200, VCN)]);
    run(vcn::get(&world.client, "v")).unwrap();
    assert_eq!(world.clock.sleeps(), [Duration::from_secs(60)]);
}

#[test]
fn a_wait_that_is_too_long_is_left_to_the_caller() {
    let world = World::new([answer_with(429, "{}", &[("retry-after", "3600")])]);
    let error = run(vcn::get(&world.client, "v")).unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
}

#[test]
fn a_creation_with_a_token_is_sent_again_when_the_answer_is_lost() {
    let world = World::new([lost(), answer(200, VCN)]);
    create(&world, &Mutation::once("token-1")).unwrap();
    let requests = world.script.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request.headers()["opc-retry-token"], "token-1");
    }
}

#[test]
fn a_creation_without_a_token_is_never_sent_again_when_the_answer_is_lost() {
    for outcome in [lost(), answer(500, "{}"), answer(503, "{}")] {
        let world = World::new([outcome]);
        let error = create(&world, &Mutation::default()).unwrap_err();
        assert!(error.may_have_happened());
        assert_eq!(world.script.requests().len(), 1);
    }
}

#[test]
fn a_creation_that_never_left_is_sent_again_even_without_a_token() {
    let unsent = Err(TransportError::unsent("connection refused"));
    let world = World::new([unsent, answer(200, VCN)]);
    assert!(create(&world, &Mutation::default()).is_ok());
}

#[test]
fn an_update_is_sent_again_only_under_an_etag() {
    let details = vcn::UpdateVcnDetails::default();
    let world = World::new([answer(502, ""), answer(200, VCN)]);
    let guarded = Mutation::matching("e1");
    assert!(run(vcn::update(&world.client, "v", &details, &guarded)).is_ok());
    let world = World::new([answer(502, "")]);
    let unguarded = Mutation::default();
    assert!(run(vcn::update(&world.client, "v", &details, &unguarded)).is_err());
}

#[test]
fn what_will_not_change_is_not_tried_again() {
    for status in [400, 403, 404, 412] {
        let world = World::new([answer(status, "{}")]);
        assert!(run(vcn::get(&world.client, "v")).is_err());
        assert!(world.clock.sleeps().is_empty(), "{status}");
    }
    let full = r#"{"code":"InternalError","message":"Out of host capacity."}"#;
    let world = World::new([answer(500, full)]);
    assert_eq!(run(vcn::get(&world.client, "v")).unwrap_err().kind(), Kind::OutOfCapacity);
}

#[test]
fn a_call_ends_after_eight_tries_with_waits_of_thirty_seconds_at_most() {
    let world = World::new((0..8).map(|_| answer(503, "{}")));
    assert_eq!(run(vcn::get(&world.client, "v")).unwrap_err().kind(), Kind::Unavailable);
    let sleeps = world.clock.sleeps();
    assert_eq!(sleeps.len(), 7);
    let allowed = Duration::from_millis(500)..=Duration::from_secs(30);
    assert!(sleeps.iter().all(|wait| allowed.contains(wait)), "{sleeps:?}");
}

#[test]
fn the_same_seed_gives_the_same_waits() {
    let sleeps = |seed| {
        let answers = (0..8).map(|_| answer(503, "{}"));
        let world = World::configured(answers, |config| config.seed = seed);
        run(vcn::get(&world.client, "v")).unwrap_err();
        world.clock.sleeps()
    };
    assert_eq!(sleeps(1), sleeps(1));
    assert_ne!(sleeps(1), sleeps(2));
}

#[test]
fn all_calls_share_one_budget_of_retries() {
    let world = World::configured((0..5).map(|_| answer(503, "{}")), |config| {
        config.retry.budget = 3;
    });
    run(vcn::get(&world.client, "a")).unwrap_err();
    run(vcn::get(&world.client.clone(), "b")).unwrap_err();
    assert_eq!(world.script.requests().len(), 5);
    assert_eq!(world.clock.sleeps().len(), 3);
}

#[test]
fn ten_successes_earn_a_retry() {
    let mut answers: Vec<Outcome> = vec![answer(503, "{}"), answer(200, VCN)];
    answers.extend((0..9).map(|_| answer(200, VCN)));
    answers.extend([answer(503, "{}"), answer(200, VCN)]);
    let world = World::configured(answers, |config| config.retry.budget = 1);
    for _ in 0..11 {
        run(vcn::get(&world.client, "v")).unwrap();
    }
}

#[test]
fn a_refused_signature_is_not_tried_again_and_names_the_credential() {
    let body = r#"{"code":"NotAuthenticated","message":"The required information failed"}"#;
    let world = World::new([answer(401, body)]);
    let error = run(vcn::get(&world.client, "v")).unwrap_err();
    assert_eq!(error.kind(), Kind::NotAuthenticated);
    assert!(error.to_string().contains("1f:e6:26:be"), "{error}");
    assert!(error.hint().unwrap().contains("fingerprint"));
}

#[test]
fn a_clock_that_is_off_is_corrected_once_by_the_servers() {
    let headers = [("date", "Thu, 05 Jan 2023 22:31:40 GMT")];
    let world = World::new([answer_with(401, "{}", &headers), answer(200, VCN)]);
    run(vcn::get(&world.client, "v")).unwrap();
    assert_eq!(world.client.clock_offset(), 3600);
    let second = &world.script.requests()[1];
    assert_eq!(second.headers()["date"], "Thu, 05 Jan 2023 22:31:40 GMT");

    let world = World::new([answer_with(401, "{}", &headers), answer_with(401, "{}", &headers)]);
    run(vcn::get(&world.client, "v")).unwrap_err();
}

#[test]
fn a_list_is_all_its_pages() {
    let world = World::new([
        answer_with(200, "[1,2]", &[("opc-next-page", "p/2")]),
        answer_with(200, r#"{"items":[3]}"#, &[]),
    ]);
    assert_eq!(list(&world).unwrap(), [1, 2, 3]);
    let second = &world.script.requests()[1];
    assert_eq!(second.uri().path_and_query().unwrap(), "/numbers?limit=2&page=p%2F2");
}

#[test]
fn a_list_with_a_page_missing_is_an_error() {
    let next = [("opc-next-page", "p2")];
    let world = World::new([answer_with(200, "[1]", &next), answer(404, "{}")]);
    assert_eq!(list(&world).unwrap_err().kind(), Kind::NotFound);
    let world = World::new([answer_with(200, "[1]", &next), answer(200, r#"["x"]"#)]);
    let error = list(&world).unwrap_err();
    assert_eq!(error.kind(), Kind::Unexpected);
    assert!(error.to_string().contains("item 0"), "{error}");
}

#[test]
fn a_list_that_goes_in_a_circle_is_an_error() {
    let page = || answer_with(200, "[1]", &[("opc-next-page", "same")]);
    let world = World::new([page(), page()]);
    assert!(list(&world).unwrap_err().to_string().contains("same page"));
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let world = World::new([answer(200, &" ".repeat(RESPONSE_LIMIT + 1))]);
    assert_eq!(run(vcn::get(&world.client, "v")).unwrap_err().kind(), Kind::Unexpected);
}

#[test]
fn a_body_that_is_no_json_is_an_error_with_the_request_id() {
    let world = World::new([answer_with(200, "<html>", &[("opc-request-id", "r9")])]);
    let error = run(vcn::get(&world.client, "v")).unwrap_err();
    assert_eq!(error.request_id(), Some("r9"));
    assert!(error.to_string().starts_with("GetVcn: the answer cannot be understood"));
}
