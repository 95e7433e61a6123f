//! Objects in buckets, read and written whole: enough to keep small records under compare-and-swap.

use bytes::Bytes;
use http::{Method, header};
use time::OffsetDateTime;

use crate::{
    client::{Client, Response},
    error::Result,
    http_date,
    region::Service,
    request::{Mutation, Request},
};

/// Where an object is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The tenancy's namespace, from [`namespace`].
    pub namespace: String,
    /// The bucket's name.
    pub bucket: String,
    /// The object's name; a slash is a letter like any other.
    pub object: String,
}

/// What must hold for an object to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// There is none yet.
    Absent,
    /// Nothing: whatever is there is replaced. Such a write is not tried again when its answer is lost.
    #[default]
    Always,
    /// It still has this etag.
    Matches(String),
}

/// What is known of an object besides its content. Its etag is that of the [`Response`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// The content; empty after [`head`].
    pub content: Bytes,
    /// When it was written, by the server's clock, to the second.
    pub last_modified: Option<OffsetDateTime>,
}

/// `GetNamespace`: the name that the tenancy's buckets and repositories are under.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn namespace(client: &Client) -> Result<Response<String>> {
    client.call(&Request::new("GetNamespace", Service::ObjectStorage, Method::GET, &["n"])).await
}

/// `GetObject`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get(client: &Client, place: &Place) -> Result<Response<Object>> {
    read(client, &request("GetObject", Method::GET, place)).await
}

/// `HeadObject`: what [`get`] gives, without the content.
///
/// # Errors
/// See [`Kind`](crate::Kind); the answer to a failed HEAD has no code and no message.
pub async fn head(client: &Client, place: &Place) -> Result<Response<Object>> {
    read(client, &request("HeadObject", Method::HEAD, place)).await
}

/// `PutObject`, under a condition; the new etag is that of the response.
///
/// # Errors
/// [`Kind::EtagMismatch`](crate::Kind::EtagMismatch) when the condition does not hold. A caller reads
/// the object before it believes that: the answer to an earlier try of the same write may have been
/// lost.
pub async fn put(
    client: &Client,
    place: &Place,
    content: impl Into<Bytes>,
    condition: &Condition,
) -> Result<Response<()>> {
    let request = request("PutObject", Method::PUT, place).bytes(content.into());
    let request = match condition {
        Condition::Absent => request.header(header::IF_NONE_MATCH, "*"),
        Condition::Always => request,
        Condition::Matches(etag) => request.header(header::IF_MATCH, etag),
    };
    client.call_empty(&request).await
}

/// `DeleteObject`; of `mutation`, only the etag counts.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(client: &Client, place: &Place, mutation: &Mutation) -> Result<Response<()>> {
    let request = request("DeleteObject", Method::DELETE, place);
    client.call_empty(&request.header_if(header::IF_MATCH, mutation.if_match.as_deref())).await
}

fn request(operation: &'static str, method: Method, place: &Place) -> Request {
    let Place { namespace, bucket, object } = place;
    let segments = ["n", namespace, "b", bucket, "o", object];
    Request::new(operation, Service::ObjectStorage, method, &segments).header(header::ACCEPT, "*/*")
}

async fn read(client: &Client, request: &Request) -> Result<Response<Object>> {
    let (mut response, headers) = client.call_whole(request).await?;
    let content = std::mem::take(&mut response.value);
    let last_modified = headers
        .get(header::LAST_MODIFIED)
        .and_then(|value| value.to_str().ok())
        .and_then(http_date::parse);
    Ok(response.with(Object { content, last_modified }))
}

#[cfg(test)]
mod tests;
