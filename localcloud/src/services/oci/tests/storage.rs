//! Object Storage as a lock, and repositories with their images.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use super::client::{COMPARTMENT, Client};
use crate::ids;
use crate::model::repository::Image;

/// What the registry writes down when somebody pushes.
pub(super) fn push(client: &Client, repository: &str, digest: &str, tag: &str) {
    let image = Image {
        id: ids::ocid("containerimage", "uk-london-1"),
        repository_id: repository.to_owned(),
        digest: digest.to_owned(),
        versions: vec![tag.to_owned()],
        manifest_size: 500,
        layers: vec![("sha256:layer".to_owned(), 1000)],
        time_created: client.cloud.clock.stamp(),
        ..Image::default()
    };
    client.cloud.repositories.update(|world| world.images.insert(image.id.clone(), image.clone()));
}

async fn bucket(client: &Client) -> String {
    let buckets = format!("/n/{}/b", client.credentials.namespace);
    client
        .post(&buckets, &json!({"compartmentId": COMPARTMENT, "name": "state"}))
        .await
        .expect(200);
    format!("{buckets}/state")
}

#[tokio::test]
async fn a_lease_is_taken_once_and_exchanged_against_its_etag() {
    let client = Client::new().await;
    let lease = format!("{}/o/lease", bucket(&client).await);
    let put = async |content: &'static str, headers: &[(&str, &str)]| {
        client
            .send_bytes(Method::PUT, &lease, Bytes::from_static(content.as_bytes()), headers)
            .await
    };
    let first = put("a", &[("if-none-match", "*")]).await.expect(200);
    let second = put("b", &[("if-none-match", "*")]).await;
    assert_eq!((second.status, second.refusal().1.as_str()), (412, "IfNoneMatchFailed"));
    let held = [("if-match", first.header("etag"))];
    put("c", &held).await.expect(200);
    assert_eq!(put("d", &held).await.status, 412);
    assert_eq!(&client.get(&lease).await.expect(200).body[..], b"c");
    let head = client.send(Method::HEAD, &lease, None, &[]).await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "1", 0));
    client.delete(&lease).await.expect(204);
    assert_eq!(client.get(&lease).await.refusal().1, "ObjectNotFound");
}

#[tokio::test]
async fn a_bucket_goes_when_it_is_empty() {
    let client = Client::new().await;
    let bucket = bucket(&client).await;
    let object = format!("{bucket}/o/a%20b");
    client.send_bytes(Method::PUT, &object, Bytes::from_static(b"x"), &[]).await.expect(200);
    assert_eq!(client.delete(&bucket).await.refusal().1, "BucketNotEmpty");
    client.delete(&object).await.expect(204);
    client.delete(&bucket).await.expect(204);
}

#[tokio::test]
async fn the_name_of_a_repository_is_unique() {
    let client = Client::new().await;
    let body = json!({"compartmentId": COMPARTMENT, "displayName": "web"});
    let path = "/20160918/container/repositories";
    client.post(path, &body).await.expect(200);
    assert_eq!(client.post(path, &body).await.refusal().1, "NotAuthorizedOrResourceAlreadyExists");
    assert_eq!(client.service.inventory()["repositories"], 1);
}

#[tokio::test]
async fn a_pushed_image_is_found_by_tag_and_by_digest_until_it_is_deleted() {
    let client = Client::new().await;
    let body = json!({"compartmentId": COMPARTMENT, "displayName": "web"});
    let made = client.post("/20160918/container/repositories", &body).await.expect(200).json();
    push(&client, made["id"].as_str().unwrap(), "sha256:abc", "v1");
    let look_up = async |reference: &str| {
        let uri = format!("lhr.ocir.io/{}/web{reference}", client.credentials.namespace);
        let path = "/20160918/container/images/actions/lookupImageByUri";
        client.post(path, &json!({"imageUri": uri})).await
    };
    let image = look_up(":v1").await.expect(200).json();
    assert_eq!(look_up("@sha256:abc").await.expect(200).json(), image);
    assert_eq!(look_up(":v2").await.status, 404);
    client
        .delete(&format!("/20160918/container/images/{}", image["id"].as_str().unwrap()))
        .await
        .expect(204);
    assert_eq!(look_up(":v1").await.status, 404);
}
