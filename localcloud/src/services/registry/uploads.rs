//! Uploads: whole, in chunks, resumed, or mounted from another repository (distribution spec, Pushing blobs).

use std::io;
use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderName, LOCATION, RANGE};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use super::access::values;
use super::digest::Digest;
use super::refusal::Refusal;
use super::store::Upload;
use super::{Answer, Call, RegistryService, Sent, reply};

/// Silence after which a client that is sending is given up.
const SILENCE: Duration = Duration::from_secs(60);

impl RegistryService {
    /// POST: starts a session, or does all at once with `?digest=` or `?mount=`.
    pub(super) async fn start_upload(&self, call: &Call<'_>, body: &mut Sent) -> Answer {
        let query = call.parts.uri.query().unwrap_or_default();
        if let Some(digest) = values(query, "mount").next() {
            let digest = asked_digest(&digest)?;
            if values(query, "from").any(|from| self.mount(call, &from, &digest)) {
                return created(call, &digest);
            }
        }
        let id = self.store.start(&call.repository.id)?;
        match values(query, "digest").next() {
            Some(_) => self.finish_upload(call, &id, body).await,
            None => accepted(call, &id, 0),
        }
    }

    /// PATCH: appends. With `Content-Range` the chunk must begin where the last one ended.
    pub(super) async fn upload_chunk(&self, call: &Call<'_>, id: &str, body: &mut Sent) -> Answer {
        let mut upload = self.upload(call, id)?;
        append(call, id, &mut upload, body).await?;
        accepted(call, id, upload.size())
    }

    /// PUT: appends the rest, checks the digest, links the blob.
    pub(super) async fn finish_upload(&self, call: &Call<'_>, id: &str, body: &mut Sent) -> Answer {
        let query = call.parts.uri.query().unwrap_or_default();
        let digest = asked_digest(&values(query, "digest").next().unwrap_or_default())?;
        let mut upload = self.upload(call, id)?;
        append(call, id, &mut upload, body).await?;
        if !self.store.keep(upload, digest.clone()).await? {
            self.upload(call, id)?.cancel()?;
            let message = "provided digest did not match uploaded content";
            return Err(Refusal::bad_digest(message));
        }
        self.contents.update(|contents| contents.add_blob(&call.repository.id, digest.clone()));
        created(call, &digest)
    }

    pub(super) fn upload_status(&self, call: &Call<'_>, id: &str) -> Answer {
        let size = self.upload(call, id)?.size();
        let location = location(call, id);
        let range = range(size);
        let headers =
            [("location", location.as_str()), ("range", &range), ("docker-upload-uuid", id)];
        reply(StatusCode::NO_CONTENT, &headers, "")
    }

    pub(super) fn cancel_upload(&self, call: &Call<'_>, id: &str) -> Answer {
        self.upload(call, id)?.cancel()?;
        reply(StatusCode::NO_CONTENT, &[], "")
    }

    fn upload(&self, call: &Call<'_>, id: &str) -> Result<Upload, Refusal> {
        self.store.upload(&call.repository.id, id).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Refusal::unknown_upload(id),
            io::ErrorKind::WouldBlock => Refusal::new(
                StatusCode::CONFLICT,
                "BLOB_UPLOAD_INVALID",
                "another request is writing to this upload",
            ),
            _ => error.into(),
        })
    }

    /// Links a blob of repository `from` here; whether it was there.
    fn mount(&self, call: &Call<'_>, from: &str, digest: &Digest) -> bool {
        let world = self.cloud.repositories.read();
        let source = self.access.within_namespace(from).and_then(|name| world.named(name));
        source.is_some_and(|source| {
            self.contents.update(|contents| {
                let held = contents.holds_blob(&source.id, digest);
                if held {
                    contents.add_blob(&call.repository.id, digest.clone());
                }
                held
            })
        })
    }
}

/// Writes the request's body behind what is there. What arrived of a broken request stays: the client asks for the
/// status and goes on from there.
async fn append(
    call: &Call<'_>,
    id: &str,
    upload: &mut Upload,
    body: &mut Sent,
) -> Result<(), Refusal> {
    let before = upload.size();
    let header = call.parts.headers.get(CONTENT_RANGE);
    let expected = match header.map(|range| chunk_range(range.to_str().unwrap_or_default())) {
        None => None,
        Some(Some((first, last))) if first == before && last >= first => Some(last - first + 1),
        Some(_) => return Err(out_of_order(call, id, before)),
    };
    while let Some(frame) = timeout(SILENCE, body.frame()).await.map_err(|_| incomplete())? {
        if let Ok(data) = frame.map_err(|_| incomplete())?.into_data() {
            upload.append(&data).await?;
        }
    }
    upload.flush().await?;
    if expected.is_some_and(|expected| expected != upload.size() - before) {
        upload.truncate(before)?;
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "SIZE_INVALID",
            "content range did not match the bytes that were sent",
        ));
    }
    Ok(())
}

/// `<first>-<last>`; the spec leaves out the unit, some clients send it.
fn chunk_range(header: &str) -> Option<(u64, u64)> {
    let range = header.trim_start_matches("bytes").trim_start_matches(['=', ' ']);
    let (first, last) = range.split('/').next()?.split_once('-')?;
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

fn asked_digest(text: &str) -> Result<Digest, Refusal> {
    Digest::parse(text).ok_or_else(|| Refusal::bad_digest("digest is missing or not sha256"))
}

fn out_of_order(call: &Call<'_>, id: &str, size: u64) -> Refusal {
    Refusal::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "BLOB_UPLOAD_INVALID",
        "the chunk does not begin where the last one ended",
    )
    .with(LOCATION, location(call, id))
    .with(RANGE, range(size))
    .with(HeaderName::from_static("docker-upload-uuid"), id)
}

fn incomplete() -> Refusal {
    let message = "the request ended before its body did";
    Refusal::new(StatusCode::BAD_REQUEST, "BLOB_UPLOAD_INVALID", message)
}

fn location(call: &Call<'_>, id: &str) -> String {
    format!("/v2/{}/blobs/uploads/{id}", call.name)
}

/// The bytes that arrived, both ends included; an empty upload is written as `0-0`, as everybody does.
fn range(size: u64) -> String {
    format!("0-{}", size.saturating_sub(1))
}

fn accepted(call: &Call<'_>, id: &str, size: u64) -> Answer {
    let (location, range) = (location(call, id), range(size));
    let headers = [
        (LOCATION.as_str(), location.as_str()),
        (RANGE.as_str(), &range),
        ("docker-upload-uuid", id),
        (CONTENT_LENGTH.as_str(), "0"),
    ];
    reply(StatusCode::ACCEPTED, &headers, "")
}

fn created(call: &Call<'_>, digest: &Digest) -> Answer {
    let location = format!("/v2/{}/blobs/{digest}", call.name);
    let headers = [("location", location.as_str()), ("docker-content-digest", digest.as_str())];
    reply(StatusCode::CREATED, &headers, "")
}
