//! Reading and unlinking blobs (distribution spec, Pulling blobs and Deleting blobs).

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_RANGE, RANGE};

use super::digest::Digest;
use super::refusal::Refusal;
use super::store::Blob;
use super::{Answer, Call, RegistryService, reply, respond};

impl RegistryService {
    pub(super) async fn head_blob(&self, call: &Call<'_>, digest: &Digest) -> Answer {
        let (_, size) = self.linked_blob(call, digest).await?;
        let length = size.to_string();
        reply(StatusCode::OK, &blob_headers(digest, &length), Bytes::new())
    }

    pub(super) async fn read_blob(&self, call: &Call<'_>, digest: &Digest) -> Answer {
        let (blob, size) = self.linked_blob(call, digest).await?;
        let range = call.parts.headers.get(RANGE).and_then(|range| range.to_str().ok());
        let Some((first, last)) = range.and_then(|range| asked_range(range, size)) else {
            let length = size.to_string();
            let whole = blob.part(0, size).await?;
            return respond(StatusCode::OK, &blob_headers(digest, &length), whole);
        };
        if first > last || last >= size {
            let refusal = Refusal::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "RANGE_INVALID",
                "range is outside of the blob",
            );
            return Err(refusal.with(CONTENT_RANGE, format!("bytes */{size}")));
        }
        let (length, range) =
            ((last - first + 1).to_string(), format!("bytes {first}-{last}/{size}"));
        let mut headers = blob_headers(digest, &length).to_vec();
        headers.push(("content-range", &range));
        respond(StatusCode::PARTIAL_CONTENT, &headers, blob.part(first, last - first + 1).await?)
    }

    /// Unlinks the blob from this repository; its bytes go when the registry is next opened.
    pub(super) fn delete_blob(&self, call: &Call<'_>, digest: &Digest) -> Answer {
        if self.contents.update(|contents| contents.remove_blob(&call.repository.id, digest)) {
            return reply(StatusCode::ACCEPTED, &[("docker-content-digest", digest.as_str())], "");
        }
        Err(Refusal::unknown_blob(digest))
    }

    /// A blob is readable only through a repository that it was pushed to or mounted in.
    async fn linked_blob(&self, call: &Call<'_>, digest: &Digest) -> Result<(Blob, u64), Refusal> {
        if !self.contents.read().holds_blob(&call.repository.id, digest) {
            return Err(Refusal::unknown_blob(digest));
        }
        self.store.read(digest).await?.ok_or_else(|| Refusal::unknown_blob(digest))
    }
}

fn blob_headers<'a>(digest: &'a Digest, length: &'a str) -> [(&'static str, &'a str); 5] {
    [
        ("content-type", "application/octet-stream"),
        ("content-length", length),
        ("docker-content-digest", digest.as_str()),
        ("accept-ranges", "bytes"),
        ("cache-control", "max-age=31536000"),
    ]
}

/// First and last byte of a `Range` header with one range (RFC 9110 section 14.1.2). `None` means that the whole is
/// sent: several ranges, or a header that does not parse. What cannot be satisfied comes out with `first > last`.
fn asked_range(header: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", suffix) => {
            let suffix: u64 = suffix.parse().ok()?;
            let first = size.saturating_sub(suffix);
            Some(if first < size { (first, size - 1) } else { (1, 0) })
        }
        (first, "") => first.parse().ok().map(|first| (first, size.saturating_sub(1))),
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then_some((first, last.min(size.saturating_sub(1))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::asked_range;

    #[test]
    fn one_range_is_understood_and_several_ask_for_the_whole() {
        assert_eq!(asked_range("bytes=0-3", 10), Some((0, 3)));
        assert_eq!(asked_range("bytes=4-", 10), Some((4, 9)));
        assert_eq!(asked_range("bytes=-4", 10), Some((6, 9)));
        assert_eq!(asked_range("bytes=5-99", 10), Some((5, 9)));
        assert_eq!(asked_range("bytes=12-", 10), Some((12, 9)));
        assert_eq!(asked_range("bytes=0-1,3-4", 10), None);
        assert_eq!(asked_range("lines=0-1", 10), None);
    }
}
