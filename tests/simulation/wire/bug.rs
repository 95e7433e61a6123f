//! Mistakes that deployer could have, made for it on the wire, to see that they would be noticed.

use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use serde_json::{Value, json};

use crate::world::Clouds;

/// One mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Creates carry no retry token.
    TokenDropped,
    /// A create whose answer is lost goes again without one.
    PostRepeated,
    /// Changes are made to whatever version there is.
    EtagDropped,
    /// A list that is denied is an empty one.
    DenialIsEmptiness,
    /// A delete that is denied is one of something that is gone.
    DenialIsAbsence,
    /// Lists end after their first page.
    PageSkipped,
    /// A list of records that breaks off is believed.
    PartBelieved,
    /// A lease is taken over with the epoch of the one before.
    EpochForgotten,
    /// What is made carries no tags.
    MarkLost,
    /// Records are made without comment.
    CommentLost,
    /// Another environment's mark is taken for ours.
    OthersAreOurs,
    /// A 412 of the lease is overlooked.
    LeaseTakenAnyway,
    /// The server's time in a 401 is overlooked.
    SkewOverlooked,
}

impl Bug {
    pub(crate) const ALL: [Self; 13] = [
        Self::TokenDropped,
        Self::PostRepeated,
        Self::EtagDropped,
        Self::DenialIsEmptiness,
        Self::DenialIsAbsence,
        Self::PageSkipped,
        Self::PartBelieved,
        Self::EpochForgotten,
        Self::MarkLost,
        Self::CommentLost,
        Self::OthersAreOurs,
        Self::LeaseTakenAnyway,
        Self::SkewOverlooked,
    ];

    pub(super) async fn exchange(
        self,
        clouds: &Clouds,
        request: Request<Bytes>,
    ) -> Response<Bytes> {
        let (is_get, is_post) = (request.method() == Method::GET, request.method() == Method::POST);
        let path = request.uri().path().to_owned();
        let is_lease = path.ends_with("/lease.json");
        let is_list = is_get && (path.starts_with("/20160918/") || path.starts_with("/20170115/"));
        match self {
            Self::TokenDropped => clouds.send(without(request, &["opc-retry-token"])).await,
            Self::PostRepeated if is_post && !path.contains("/acme/") => {
                let request = without(request, &["opc-retry-token"]);
                clouds.send(request.clone()).await;
                clouds.send(request).await
            }
            Self::EtagDropped if !is_lease => clouds.send(without(request, &["if-match"])).await,
            Self::DenialIsEmptiness if is_get && path == "/20160918/vcns" => {
                answered(200, &json!([]))
            }
            Self::DenialIsAbsence
                if *request.method() == Method::DELETE && path.contains("/vcns/") =>
            {
                answered(204, &Value::Null)
            }
            Self::PageSkipped if is_list => {
                let mut response = clouds.send(with_limit(request)).await;
                response.headers_mut().remove("opc-next-page");
                response
            }
            Self::PartBelieved if is_get && path.ends_with("/dns_records") => {
                edited(clouds.send(request).await, |body| {
                    body["result"] = json!([]);
                    body["result_info"] = Value::Null;
                })
            }
            Self::EpochForgotten if is_lease => {
                clouds.send(rewritten(request, |body| body["epoch"] = json!(1))).await
            }
            Self::MarkLost if is_post => {
                clouds.send(rewritten(request, |body| drop_field(body, "freeformTags"))).await
            }
            Self::CommentLost if is_post && path.ends_with("/dns_records") => {
                clouds.send(rewritten(request, |body| drop_field(body, "comment"))).await
            }
            Self::OthersAreOurs if is_get && path == "/20160918/vcns" => {
                let response = clouds.send(request).await;
                let text =
                    String::from_utf8_lossy(response.body()).replace("sim-other", "sim-small");
                response.map(|_| Bytes::from(text))
            }
            Self::LeaseTakenAnyway if is_lease => {
                clouds.send(without(request, &["if-match", "if-none-match"])).await
            }
            Self::SkewOverlooked => {
                let mut response = clouds.send(request).await;
                if response.status() == 401 {
                    response.headers_mut().remove("date");
                }
                response
            }
            _ => clouds.send(request).await,
        }
    }
}

fn without(mut request: Request<Bytes>, headers: &[&str]) -> Request<Bytes> {
    for header in headers {
        request.headers_mut().remove(*header);
    }
    request
}

fn with_limit(mut request: Request<Bytes>) -> Request<Bytes> {
    let joined = if request.uri().query().is_some() { '&' } else { '?' };
    if let Ok(uri) = format!("{}{joined}limit=1", request.uri()).parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

fn rewritten(request: Request<Bytes>, change: impl FnOnce(&mut Value)) -> Request<Bytes> {
    request.map(|body| changed(body, change))
}

fn edited(response: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    response.map(|body| changed(body, change))
}

fn changed(body: Bytes, change: impl FnOnce(&mut Value)) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return body };
    change(&mut value);
    Bytes::from(value.to_string())
}

fn drop_field(body: &mut Value, field: &str) {
    body.as_object_mut().map(|fields| fields.remove(field));
}

fn answered(status: u16, body: &Value) -> Response<Bytes> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Bytes::from(body)).expect("the parts are plain")
}
