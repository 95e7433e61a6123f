//! What counts as success of an engine, and what does not.

use bollard::models::{BuildInfo, ErrorDetail, ImageId, PushImageInfo};
use futures_util::stream;
use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

use super::*;
use crate::image::{
    registry::tests::{
        fake::{Fake, World, read, reply},
        http,
    },
    scratch::Scratch,
};

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

const BUILT: &str = "{\"aux\":{\"ID\":\"sha256:00\"}}\n";
const HALF: &str = "{\"status\":\"Preparing\"}\n";

/// An engine that answers one request per connection: pings, builds, and pushes with what `pushes`
/// holds in turn; the journal is what it was asked.
async fn engine(socket: &UnixListener, pushes: &[String]) -> Vec<String> {
    let (mut journal, mut pushes) = (Vec::new(), pushes.iter());
    while let Ok((stream, _)) = socket.accept().await {
        let mut stream: BufReader<UnixStream> = BufReader::new(stream);
        let request = read(&mut stream).await.unwrap();
        let path = request.path.split('?').next().unwrap();
        journal.push(format!("{} {path}", request.method));
        let body = match path.rsplit('/').next().unwrap() {
            "build" => BUILT,
            "push" => pushes.next().unwrap(),
            _ => "OK",
        };
        stream.write_all(reply("200 OK", "", body).as_bytes()).await.unwrap();
        if body.contains("digest: ") {
            break;
        }
    }
    journal
}

#[tokio::test]
async fn an_engine_that_dies_while_pushing_is_asked_once_more() {
    let scratch = Scratch::new("engine");
    let path = scratch.path().join("docker.sock").display().to_string();
    let socket = UnixListener::bind(&path).unwrap();
    let last = format!("{{\"status\":\"0011: digest: {DIGEST} size: 527\"}}\n");
    let manifests = [("0011".to_owned(), DIGEST.to_owned())].into();
    let fake = Fake::start(World { manifests, ..World::default() }).await;
    let credentials = Credentials::new("user", "password-1");
    let registry = Registry::open(http(), &fake.repository, &credentials).unwrap();
    let client =
        Engine::at(Docker::connect_with_unix(&path, 5, bollard::API_DEFAULT_VERSION).unwrap());

    let pushes = [HALF.to_owned(), last];
    let context = Bytes::from_static(b"tar");
    let (journal, published) =
        tokio::join!(engine(&socket, &pushes), client.publish(&context, "0011", &registry));

    assert_eq!(published.unwrap().digest, Digest::of(b"abc"));
    let push = format!("POST /images/{}/ns/site/push", fake.repository.registry);
    assert_eq!(journal, ["POST /build", &push, "GET /_ping", "POST /build", &push]);
}
