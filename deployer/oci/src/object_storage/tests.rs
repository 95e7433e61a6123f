//! How objects are addressed and guarded.

use super::*;
use crate::{
    Kind,
    testing::{World, answer, answer_with, run},
};

fn place() -> Place {
    Place { namespace: "ns".into(), bucket: "b".into(), object: "locks/prod x".into() }
}

#[test]
fn an_object_is_written_only_where_there_is_none() {
    let world = World::new([answer_with(200, "", &[("etag", "e1")])]);
    let response = run(put(&world.client, &place(), "text", &Condition::Absent)).unwrap();
    assert_eq!(response.etag.as_deref(), Some("e1"));
    let request = &world.script.requests()[0];
    assert_eq!(request.uri().path(), "/n/ns/b/b/o/locks%2Fprod%20x");
    assert_eq!(request.headers()["if-none-match"], "*");
    assert_eq!(request.body(), "text");
    let authorization = request.headers()["authorization"].to_str().unwrap();
    assert!(authorization.contains(r#"headers="date (request-target) host""#));
}

#[test]
fn an_object_is_swapped_only_under_its_etag() {
    let refusal = r#"{"code":"IfMatchFailed","message":"no"}"#;
    let world = World::new([answer(412, refusal)]);
    let condition = Condition::Matches("e1".into());
    let error = run(put(&world.client, &place(), "text", &condition)).unwrap_err();
    assert_eq!(error.kind(), Kind::EtagMismatch);
    assert_eq!(world.script.requests()[0].headers()["if-match"], "e1");
}

#[test]
fn an_object_is_read_with_its_etag_and_the_servers_times() {
    let headers = [
        ("etag", "e1"),
        ("date", "Thu, 05 Jan 2023 21:31:40 GMT"),
        ("last-modified", "Thu, 05 Jan 2023 21:30:40 GMT"),
    ];
    let world = World::new([answer_with(200, "text", &headers)]);
    let response = run(get(&world.client, &place())).unwrap();
    assert_eq!(response.value.content, "text");
    let age = response.date.unwrap() - response.value.last_modified.unwrap();
    assert_eq!(age.whole_seconds(), 60);
}

#[test]
fn the_namespace_is_a_text_of_its_own() {
    let world = World::new([answer(200, "\"axabc\"")]);
    assert_eq!(run(namespace(&world.client)).unwrap().value, "axabc");
    assert_eq!(world.script.requests()[0].uri().path(), "/n");
}
