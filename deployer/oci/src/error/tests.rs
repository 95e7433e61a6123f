//! Which kind each answer is, and what a person reads.

use expect_test::expect;

use super::*;

fn answered(status: u16, body: &str) -> Error {
    let mut answer = Answer::new(StatusCode::from_u16(status).unwrap(), body.as_bytes());
    answer.request_id = Some("A/B/C".to_owned());
    Error::new("CreateVcn", answer)
}

fn kind(status: u16, code: &str) -> Kind {
    answered(status, &format!(r#"{{"code":"{code}","message":"text"}}"#)).kind()
}

#[test]
fn each_documented_answer_has_its_kind() {
    assert_eq!(kind(400, "InvalidParameter"), Kind::Invalid);
    assert_eq!(kind(400, "LimitExceeded"), Kind::LimitExceeded);
    assert_eq!(kind(400, "QuotaExceeded"), Kind::LimitExceeded);
    assert_eq!(kind(401, "NotAuthenticated"), Kind::NotAuthenticated);
    assert_eq!(kind(403, "NotAuthorized"), Kind::Denied);
    assert_eq!(kind(404, "NotAuthorizedOrNotFound"), Kind::NotFound);
    assert_eq!(kind(409, "IncorrectState"), Kind::IncorrectState);
    assert_eq!(kind(409, "InvalidatedRetryToken"), Kind::InvalidatedRetryToken);
    assert_eq!(kind(409, "Conflict"), Kind::Conflict);
    assert_eq!(kind(412, "NoEtagMatch"), Kind::EtagMismatch);
    assert_eq!(kind(429, "TooManyRequests"), Kind::RateLimited);
    assert_eq!(kind(500, "InternalServerError"), Kind::Unavailable);
    assert_eq!(kind(501, ""), Kind::Unexpected);
    assert_eq!(kind(503, "ServiceUnavailable"), Kind::Unavailable);
}

#[test]
fn a_full_host_is_told_from_a_fault_by_its_text() {
    let error = answered(500, r#"{"code":"InternalError","message":"Out of host capacity."}"#);
    assert_eq!(error.kind(), Kind::OutOfCapacity);
}

#[test]
fn an_error_reads_as_one_line_with_the_request_id() {
    let error = answered(409, r#"{"code":"Conflict","message":"name is taken"}"#);
    expect!["CreateVcn: 409 Conflict: name is taken (opc-request-id A/B/C)"]
        .assert_eq(&error.to_string());
    assert_eq!(error.code(), Some("Conflict"));
    assert_eq!(error.request_id(), Some("A/B/C"));
}

#[test]
fn control_characters_of_a_hostile_answer_are_escaped() {
    let error = answered(400, "{\"code\":\"\\u001b[2J\",\"message\":\"a\\nb\"}");
    expect![[r"CreateVcn: 400 \u{1b}[2J: a\nb (opc-request-id A/B/C)"]]
        .assert_eq(&error.to_string());
}

#[test]
fn a_body_that_is_no_error_document_is_shown_in_part() {
    let error = answered(502, &"<html>".repeat(1000));
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.to_string().len() < 400);
}

#[test]
fn the_cause_of_a_lost_answer_is_told() {
    let lost = TransportError::lost("connection reset");
    let error = Error::new("GetVcn", lost);
    expect!["GetVcn: the answer was lost: connection reset"].assert_eq(&error.to_string());
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.may_have_happened());
}
