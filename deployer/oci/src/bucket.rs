//! Buckets of Object Storage. Their names are unique in a namespace and a region, whatever the compartment.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, nullable},
    noun::Noun,
    region::Service,
    request::Mutation,
};

const BUCKET: Noun = Noun { service: Service::ObjectStorage, path: "n/{}/b" };

/// What `CreateBucket` makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateBucketDetails {
    /// 1 to 256 letters, digits and `-_.`.
    pub name: String,
    pub compartment_id: String,
    /// `NoPublicAccess` (the default), `ObjectRead` or `ObjectReadWithoutList`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_access_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeform_tags: Option<FreeformTags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_tags: Option<DefinedTags>,
}

/// What a bucket says about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    pub name: String,
    pub namespace: String,
    pub compartment_id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `CreateBucket`. There is no retry token: the name is what keeps a second one from being made.
///
/// # Errors
/// [`Kind::Conflict`](crate::Kind::Conflict) when the name is taken in this namespace.
pub async fn create(
    client: &Client,
    namespace: &str,
    details: &CreateBucketDetails,
) -> Result<Response<Bucket>> {
    client.call(&BUCKET.post("CreateBucket", &[namespace]).json(details)).await
}

/// `GetBucket`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, namespace: &str, name: &str) -> Result<Response<Bucket>> {
    client.call(&BUCKET.get("GetBucket", &[namespace, name])).await
}

/// `DeleteBucket`; of `mutation`, only the etag counts.
///
/// # Errors
/// [`Kind::Conflict`](crate::Kind::Conflict) when it still holds an object.
pub async fn delete(
    client: &Client,
    namespace: &str,
    name: &str,
    mutation: &Mutation,
) -> Result<Response<()>> {
    client.call_empty(&BUCKET.delete("DeleteBucket", &[namespace, name]).guarded(mutation)).await
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::{
        Kind,
        testing::{World, answer, run},
    };

    const SHOWN: &str = r#"{"name":"b","namespace":"ns","compartmentId":"c","freeformTags":null}"#;

    #[test]
    fn a_bucket_is_made_in_a_compartment_with_its_tags() {
        let world = World::new([answer(200, SHOWN)]);
        let details = CreateBucketDetails {
            name: "b".into(),
            compartment_id: "c".into(),
            freeform_tags: Some([("a".to_owned(), "1".to_owned())].into()),
            ..CreateBucketDetails::default()
        };
        let bucket = run(create(&world.client, "ns", &details)).unwrap().value;
        assert_eq!(bucket.name, "b");
        let request = &world.script.requests()[0];
        assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/n/ns/b"));
        let sent = r#"{"name":"b","compartmentId":"c","freeformTags":{"a":"1"}}"#;
        assert_eq!(request.body(), sent);
    }

    #[test]
    fn a_name_that_is_taken_is_a_conflict_and_not_tried_again() {
        let refusal = r#"{"code":"BucketAlreadyExists","message":"no"}"#;
        let world = World::new([answer(409, refusal)]);
        let error = run(create(&world.client, "ns", &CreateBucketDetails::default())).unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
    }

    #[test]
    fn a_bucket_is_deleted_by_name() {
        let world = World::new([answer(204, "")]);
        run(delete(&world.client, "ns", "b", &Mutation::default())).unwrap();
        let request = &world.script.requests()[0];
        assert_eq!((request.method(), request.uri().path()), (&Method::DELETE, "/n/ns/b/b"));
    }
}
