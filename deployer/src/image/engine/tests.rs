//! What counts as success of an engine, and what does not.

use bollard::models::{BuildInfo, ErrorDetail, ImageId, PushImageInfo};
use futures_util::stream;

use super::*;

const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn entry(status: &str) -> Result<PushImageInfo, Error> {
    Ok(PushImageInfo { status: Some(status.to_owned()), ..PushImageInfo::default() })
}

async fn push(entries: Vec<Result<PushImageInfo, Error>>) -> Result<(Digest, usize), EngineError> {
    let credentials = Credentials::new("user", "password-1");
    super::stream::pushed(stream::iter(entries), &credentials).await
}

#[tokio::test]
async fn a_push_ends_with_the_digest() {
    let last = format!("0011: digest: {DIGEST} size: 527");
    let published = push(vec![entry("Preparing"), entry("Layer already exists"), entry(&last)]);
    assert_eq!(published.await.unwrap(), (Digest::of(b"abc"), 1));
}

#[tokio::test]
async fn an_error_in_the_stream_is_an_error_though_the_status_was_200() {
    let error = Error::DockerStreamError { error: "denied: password-1".to_owned() };
    let error = push(vec![entry("Preparing"), Err(error)]).await.unwrap_err();
    assert_eq!(error.to_string(), "the docker engine cannot push the image: denied: [password]");
}

#[tokio::test]
async fn an_error_without_detail_is_an_error_too() {
    let bare: PushImageInfo = serde_json::from_str(r#"{"error":"denied"}"#).unwrap();
    let empty =
        PushImageInfo { error_detail: Some(ErrorDetail::default()), ..PushImageInfo::default() };
    for entry in [bare, empty] {
        let error = push(vec![Ok(entry)]).await.unwrap_err();
        assert!(matches!(error, EngineError::Refused { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_report_that_ends_early_is_a_lost_engine() {
    let error = push(vec![entry("Preparing"), entry("Pushed")]).await.unwrap_err();
    assert!(matches!(error, EngineError::Lost { step: "push the image", .. }), "{error}");
    let step = BuildInfo { stream: Some("Step 1".to_owned()), ..BuildInfo::default() };
    let error = super::stream::built(stream::iter([Ok(step)])).await.unwrap_err();
    assert!(matches!(error, EngineError::Lost { step: "build the image", .. }), "{error}");
}

#[tokio::test]
async fn a_build_ends_with_the_images_name() {
    let named = BuildInfo { aux: Some(ImageId::default()), ..BuildInfo::default() };
    super::stream::built(stream::iter([Ok(named)])).await.unwrap();
}

#[test]
fn credentials_reach_the_engine_in_the_alphabet_it_reads() {
    let value = HeaderValue::from_static("a+b/c=");
    let sent = url_alphabet(&value);
    assert_eq!(sent, "a-b_c=");
    assert!(sent.is_sensitive());
}
