//! How a push behaves when the registry, or the way to it, does not.

pub(in crate::image) mod docker_registry;
pub(in crate::image) mod fake;

use std::{sync::LazyLock, time::Instant};

use self::fake::{Fake, Fault, World};
use super::*;

static CREDENTIALS: LazyLock<Credentials> =
    LazyLock::new(|| Credentials::new("ns/user", "password-1"));

pub(in crate::image) fn http() -> Client {
    // The default backend is chosen once per process; another test may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

fn open(repository: &Repository) -> Registry<'_> {
    Registry::open(http(), repository, &CREDENTIALS).unwrap()
}

async fn upload(fake: &Fake, content: &[u8]) -> Result<Upload, RegistryError> {
    let content = Bytes::copy_from_slice(content);
    open(&fake.repository).upload_blob(Digest::of(&content), &content, &|_| {}).await
}

async fn with_faults(faults: &[(&'static str, Fault)]) -> Fake {
    Fake::start(World { faults: faults.to_vec(), ..World::default() }).await
}

#[tokio::test]
async fn a_503_in_the_middle_of_an_upload_starts_a_fresh_session() {
    let fake = with_faults(&[("PUT", Fault::Status("503 Service Unavailable"))]).await;
    assert_eq!(upload(&fake, b"layer").await.unwrap(), Upload::Sent(5));
    assert_eq!(
        fake.journal(),
        [
            "HEAD blobs/sha256",
            "POST blobs/uploads/",
            "PUT uploads/0",
            "HEAD blobs/sha256",
            "POST blobs/uploads/",
            "PUT uploads/1",
        ]
    );
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_and_not_repeated() {
    let fake = with_faults(&[("PUT", Fault::DoThenDrop)]).await;
    assert_eq!(upload(&fake, b"layer").await.unwrap(), Upload::Sent(5));
    assert_eq!(
        fake.journal(),
        ["HEAD blobs/sha256", "POST blobs/uploads/", "PUT uploads/0", "HEAD blobs/sha256"]
    );
}

#[tokio::test]
async fn a_chunk_is_never_sent_twice_into_one_session() {
    let fake = with_faults(&[("PATCH", Fault::DoThenDrop)]).await;
    let content = vec![3; (8 << 20) + 1];
    assert_eq!(upload(&fake, &content).await.unwrap(), Upload::Sent(content.len() as u64));
    let patches: Vec<_> = fake.journal().into_iter().filter(|it| it.starts_with("PATCH")).collect();
    assert_eq!(patches, ["PATCH uploads/0", "PATCH uploads/1", "PATCH uploads/1"]);
    let sizes: Vec<_> = fake.world.lock().unwrap().sessions.iter().map(Vec::len).collect();
    assert_eq!(sizes, [8 << 20, content.len()]);
}

#[tokio::test]
async fn a_registry_that_stays_down_is_given_up_after_four_tries() {
    let fake = with_faults(&[("POST", Fault::Status("502 Bad Gateway")); 9]).await;
    let started = Instant::now();
    let error = upload(&fake, b"layer").await.unwrap_err().to_string();
    let posts = fake.journal().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(posts, 4);
    assert!(error.ends_with("ns/site: cannot start an upload: status 502, sorry "), "{error}");
    assert!(started.elapsed() >= Duration::from_millis(700), "too impatient");
}

#[tokio::test]
async fn a_lost_connection_is_tried_again() {
    let fake = with_faults(&[("HEAD", Fault::Drop), ("PUT", Fault::Drop)]).await;
    assert_eq!(upload(&fake, b"layer").await.unwrap(), Upload::Sent(5));
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let fake = with_faults(&[("POST", Fault::Status("403 Forbidden"))]).await;
    let error = upload(&fake, b"layer").await.unwrap_err().to_string();
    assert_eq!(fake.journal(), ["HEAD blobs/sha256", "POST blobs/uploads/"]);
    assert!(error.contains("status 403, sorry \nhint: logged in as \"ns/user\""), "{error}");
}

#[tokio::test]
async fn a_challenge_is_answered_with_a_token_for_the_password() {
    let pair = STANDARD.encode("ns/user:password-1");
    let login = Some(format!("Basic {pair}"));
    let fake = Fake::start(World { login, ..World::default() }).await;
    assert_eq!(upload(&fake, b"layer").await.unwrap(), Upload::Sent(5));
    assert_eq!(
        fake.journal(),
        [
            "HEAD blobs/sha256",
            "GET /token",
            "HEAD blobs/sha256",
            "POST blobs/uploads/",
            "PUT uploads/0"
        ]
    );
}

#[tokio::test]
async fn a_wrong_password_is_explained_and_not_shown() {
    let login = Some("Basic other".to_owned());
    let fake = Fake::start(World { login, ..World::default() }).await;
    let error = open(&fake.repository).head_manifest("tag").await.unwrap_err();
    let text = format!("{error} {error:?} {:?} {:?}", open(&fake.repository), *CREDENTIALS);
    assert!(text.contains("cannot log in: status 403, DENIED: no [password] here"), "{text}");
    assert!(
        text.contains("hint: logged in as \"ns/user\"; OCIR wants <namespace>/<user>"),
        "{text}"
    );
    assert!(!text.contains("password-1"), "{text}");
}

#[tokio::test]
async fn a_tag_that_shows_something_else_is_no_success() {
    let fake = Fake::start(World { lies_about_tags: true, ..World::default() }).await;
    let manifest = Document { bytes: b"{}".to_vec(), digest: Digest::of(b"{}") };
    let error = open(&fake.repository).put_manifest("tag", &manifest).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Mismatch { .. }), "{error}");
}

#[test]
fn addresses_that_would_leak_or_mislead_are_refused() {
    let check = |registry: &str, path: &str, plain_http| {
        address(registry, path, plain_http).map(String::from).unwrap_or_else(|reason| reason)
    };
    assert_eq!(check("lhr.ocir.io", "ns/site", false), "https://lhr.ocir.io/v2/ns/site/");
    assert_eq!(check("127.0.0.1:5000", "ns/site", true), "http://127.0.0.1:5000/v2/ns/site/");
    assert!(check("lhr.ocir.io", "ns/site", true).starts_with("plain HTTP would show"));
    assert!(check("user@lhr.ocir.io", "ns/site", false).ends_with("is not a host"));
    assert!(check("lhr.ocir.io/x", "ns/site", false).ends_with("is not a host"));
    for path in ["", "ns/", "../x", "ns/Site", "ns/a b", "ns/x?y"] {
        assert!(check("lhr.ocir.io", path, false).contains("is not a repository path"), "{path}");
    }
}
