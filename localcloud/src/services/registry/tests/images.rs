//! Manifests, tags and the catalogue.

use serde_json::{Value, json};

use super::super::digest::Digest;
use super::{Bench, MANIFEST, code, header, manifest};

#[tokio::test]
async fn a_pushed_image_is_in_the_catalogue_and_comes_back_byte_for_byte() {
    let bench = Bench::new().await;
    let digest = bench.push_image("web", "v1", b"layer").await;
    let got = bench.call("GET", "/v2/ns/web/manifests/v1").send().await.unwrap();
    assert_eq!(header(&got, "content-type"), MANIFEST);
    let bytes = got.bytes().await.unwrap();
    assert_eq!(Digest::of(&bytes).as_str(), digest);
    let world = bench.cloud.repositories.read();
    let image = world.images.values().next().unwrap();
    assert_eq!((&*image.digest, &*image.versions), (&*digest, &["v1".to_owned()][..]));
    assert_eq!(image.layers, [(Digest::of(b"layer").to_string(), 5)]);
    assert_eq!(image.manifest_size, bytes.len() as u64);
    let path = format!("/v2/ns/web/manifests/{digest}");
    let head = bench.call("HEAD", &path).send().await.unwrap();
    assert_eq!(header(&head, "content-length"), bytes.len().to_string());
}

#[tokio::test]
async fn a_manifest_whose_blobs_were_not_pushed_is_refused() {
    let bench = Bench::new().await;
    let config = bench.push_blob("web", b"{}").await;
    let body = manifest(&config, 2, &Digest::of(b"never pushed"), 12);
    let refused = bench.push_manifest("web", "v1", &body).await;
    assert_eq!(refused.status(), 404);
    assert_eq!(code(refused).await, "MANIFEST_BLOB_UNKNOWN");
    let other = format!("sha256:{}", "0".repeat(64));
    let body = manifest(&config, 2, &config, 2);
    let refused = bench.push_manifest("web", &other, &body).await;
    assert_eq!(code(refused).await, "DIGEST_INVALID");
    let refused = bench.push_manifest("web", "v1", &json!({"schemaVersion": 1})).await;
    assert_eq!(code(refused).await, "MANIFEST_INVALID");
}

#[tokio::test]
async fn a_tag_moves_to_the_image_that_was_pushed_last() {
    let bench = Bench::new().await;
    let first = bench.push_image("web", "latest", b"one").await;
    let second = bench.push_image("web", "latest", b"two").await;
    let head = bench.call("HEAD", "/v2/ns/web/manifests/latest").send().await.unwrap();
    assert_eq!(header(&head, "docker-content-digest"), second);
    let path = format!("/v2/ns/web/manifests/{first}");
    assert_eq!(bench.call("HEAD", &path).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_tag_of_an_immutable_repository_stays_where_it_is() {
    let bench = Bench::new().await;
    bench.cloud.repositories.update(|world| {
        world.repositories.change_where(|_| true, |repository| repository.is_immutable = true);
    });
    bench.push_image("web", "v1", b"one").await;
    bench.push_image("web", "v1", b"one").await;
    let config = bench.push_blob("web", b"{}").await;
    let refused = bench.push_manifest("web", "v1", &manifest(&config, 2, &config, 2)).await;
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn an_image_that_the_catalogue_deleted_cannot_be_pulled() {
    let bench = Bench::new().await;
    let digest = bench.push_image("web", "v1", b"layer").await;
    bench.cloud.repositories.update(|world| world.images.retain(|_, _| false));
    for reference in ["v1", &digest] {
        let path = format!("/v2/ns/web/manifests/{reference}");
        let gone = bench.call("GET", &path).send().await.unwrap();
        assert_eq!(gone.status(), 404);
        assert_eq!(code(gone).await, "MANIFEST_UNKNOWN");
    }
}

#[tokio::test]
async fn deleting_a_tag_keeps_the_image_and_deleting_the_digest_removes_it() {
    let bench = Bench::new().await;
    let digest = bench.push_image("web", "v1", b"layer").await;
    let by_digest = format!("/v2/ns/web/manifests/{digest}");
    let status = async |method: &str, path: &str| {
        bench.call(method, path).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("DELETE", "/v2/ns/web/manifests/v1").await, 202);
    assert_eq!(status("HEAD", "/v2/ns/web/manifests/v1").await, 404);
    assert_eq!(status("HEAD", &by_digest).await, 200);
    assert_eq!(status("DELETE", &by_digest).await, 202);
    assert_eq!(status("HEAD", &by_digest).await, 404);
}

#[tokio::test]
async fn tags_are_listed_in_pages_that_link_to_the_next() {
    let bench = Bench::new().await;
    for tag in ["c", "a", "b"] {
        bench.push_image("web", tag, b"layer").await;
    }
    let tags = async |path: &str| {
        let response = bench.call("GET", path).send().await.unwrap();
        let link = response.headers().get("link").map(|l| l.to_str().unwrap().to_owned());
        (response.json::<Value>().await.unwrap()["tags"].clone(), link)
    };
    let (page, link) = tags("/v2/ns/web/tags/list?n=2").await;
    assert_eq!(page, json!(["a", "b"]));
    assert_eq!(link.unwrap(), r#"</v2/ns/web/tags/list?n=2&last=b>; rel="next""#);
    assert_eq!(tags("/v2/ns/web/tags/list?n=2&last=b").await, (json!(["c"]), None));
    assert_eq!(tags("/v2/ns/web/tags/list").await.0, json!(["a", "b", "c"]));
}

#[tokio::test]
async fn what_refers_to_an_image_is_listed_by_type() {
    let bench = Bench::new().await;
    let subject = bench.push_image("web", "v1", b"layer").await;
    let blob = bench.push_blob("web", b"{}").await;
    let mut signature = manifest(&blob, 2, &blob, 2);
    signature["artifactType"] = json!("application/vnd.example.signature");
    signature["subject"] = json!({"mediaType": MANIFEST, "digest": subject, "size": 1});
    let digest = Digest::of(signature.to_string().as_bytes());
    let pushed = bench.push_manifest("web", digest.as_str(), &signature).await;
    assert_eq!(header(&pushed, "oci-subject"), subject);
    let listed = async |query: &str| {
        let path = format!("/v2/ns/web/referrers/{subject}{query}");
        let body: Value = bench.call("GET", &path).send().await.unwrap().json().await.unwrap();
        body["manifests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["digest"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, [json!(digest)]);
    assert_eq!(listed("?artifactType=application/vnd.example.signature").await, [json!(digest)]);
    assert!(listed("?artifactType=application/vnd.example.other").await.is_empty());
}

#[tokio::test]
async fn a_restart_keeps_images_and_drops_what_nobody_needs() {
    let bench = Bench::new().await;
    bench.push_image("web", "v1", b"layer").await;
    let orphan = bench.push_blob("web", b"unlinked").await;
    let blob = format!("/v2/ns/web/blobs/{orphan}");
    assert_eq!(bench.call("DELETE", &blob).send().await.unwrap().status(), 202);
    let file = bench.folder.join("registry/blobs/sha256").join(orphan.hex());
    assert!(file.exists());
    let bench = bench.restart().await;
    assert!(!file.exists());
    let got = bench.call("GET", "/v2/ns/web/manifests/v1").send().await.unwrap();
    assert_eq!(got.status(), 200);
    let layer = format!("/v2/ns/web/blobs/{}", Digest::of(b"layer"));
    assert_eq!(bench.call("GET", &layer).send().await.unwrap().text().await.unwrap(), "layer");
}
