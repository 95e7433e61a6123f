//! A cached answer, and how it answers a visitor: whole, in part, or with "you have it already".

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{Either, Full};
use time::OffsetDateTime;

use super::freshness;
use super::wish::Wish;
use crate::edge::page::Body;

const TAGS: HeaderName = HeaderName::from_static("cache-tag");
/// What an answer takes besides its texts.
const OVERHEAD: usize = 512;

/// An answer of an origin, as the visitor gets it but for what depends on the visitor.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) since: OffsetDateTime,
    pub(crate) until: OffsetDateTime,
}

impl Stored {
    pub(crate) fn is_fresh(&self, now: OffsetDateTime) -> bool {
        now < self.until
    }

    /// Bytes that it takes.
    pub(crate) fn size(&self) -> usize {
        let header = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
        self.body.len() + self.headers.iter().map(header).sum::<usize>() + OVERHEAD
    }

    /// The tags that the origin gave it (`Cache-Tag`).
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        let lines = self.headers.get_all(TAGS).iter().filter_map(|value| value.to_str().ok());
        lines.flat_map(|line| line.split(',')).map(str::trim)
    }

    /// The conditions under which the origin need not send it again; empty when it gave nothing to compare.
    pub(crate) fn conditions(&self) -> HeaderMap {
        let mut conditions = HeaderMap::new();
        for (told, asked) in [
            (header::ETAG, header::IF_NONE_MATCH),
            (header::LAST_MODIFIED, header::IF_MODIFIED_SINCE),
        ] {
            if let Some(value) = self.headers.get(told) {
                conditions.insert(asked, value.clone());
            }
        }
        conditions
    }

    /// The same content after the origin said that it is still good.
    pub(crate) fn renewed(
        &self,
        news: &HeaderMap,
        until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Self {
        let mut headers = self.headers.clone();
        headers.remove(header::AGE);
        for name in news.keys().filter(|name| **name != header::CONTENT_LENGTH) {
            headers.remove(name);
            for value in news.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        Self { headers, since: now, until, ..self.clone() }
    }

    /// The answer to a visitor.
    pub(crate) fn answer(&self, wish: &Wish, now: OffsetDateTime) -> Response<Body> {
        let mut headers = self.headers.clone();
        let resident = u64::try_from((now - self.since).whole_seconds()).unwrap_or(0);
        headers.insert(header::AGE, (resident + freshness::age(&self.headers)).into());
        dress(&mut headers, wish);
        if self.status == StatusCode::OK && has_it(&wish.conditions, &self.headers) {
            return not_modified(headers);
        }
        let (status, body) = self.part(wish, &mut headers);
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        let body = if wish.is_head { Bytes::new() } else { body };
        let mut response = Response::new(Either::Right(Full::new(body)));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    /// One range of the content when one is asked for, else all of it.
    fn part(&self, wish: &Wish, headers: &mut HeaderMap) -> (StatusCode, Bytes) {
        let range = wish.conditions.get(header::RANGE).and_then(|range| range.to_str().ok());
        let same = wish.conditions.get(header::IF_RANGE).is_none_or(|condition| {
            [header::ETAG, header::LAST_MODIFIED]
                .iter()
                .any(|name| self.headers.get(name) == Some(condition))
        });
        let length = self.body.len();
        let asked = range.filter(|_| same && self.status == StatusCode::OK);
        let Some((first, last)) = asked.and_then(|range| bounds(range, length)) else {
            return (self.status, self.body.clone());
        };
        let shown = format!("bytes {first}-{last}/{length}");
        if let Ok(value) = HeaderValue::from_str(&shown) {
            headers.insert(header::CONTENT_RANGE, value);
        }
        (StatusCode::PARTIAL_CONTENT, self.body.slice(first..=last))
    }
}

/// Makes the headers of a kept answer the visitor's.
pub(crate) fn dress(headers: &mut HeaderMap, wish: &Wish) {
    headers.remove(TAGS);
    freshness::lengthen(headers, wish.browser_ttl);
}

/// Whether the visitor's copy is the same (RFC 9110 section 13.2.2).
pub(crate) fn has_it(conditions: &HeaderMap, headers: &HeaderMap) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if let Some(known) = conditions.get(header::IF_NONE_MATCH) {
        let ours = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(weak);
        let known = known.to_str().unwrap_or_default();
        return ours.is_some_and(|ours| {
            known.split(',').any(|tag| tag.trim() == "*" || weak(tag) == ours)
        });
    }
    let since = conditions.get(header::IF_MODIFIED_SINCE).and_then(freshness::date);
    let modified = headers.get(header::LAST_MODIFIED).and_then(freshness::date);
    matches!((since, modified), (Some(since), Some(modified)) if modified <= since)
}

/// "You have it already", with what may have changed about it.
pub(crate) fn not_modified(mut headers: HeaderMap) -> Response<Body> {
    for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        headers.remove(name);
    }
    let mut response = Response::new(Either::Right(Full::default()));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.headers_mut() = headers;
    response
}

/// First and last byte of a single range that can be satisfied.
fn bounds(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let end = length.checked_sub(1)?;
    let (first, last) = match (first.trim(), last.trim()) {
        ("", count) => (length.saturating_sub(count.parse().ok().filter(|n| *n > 0)?), end),
        (first, "") => (first.parse().ok()?, end),
        (first, last) => (first.parse().ok()?, last.parse::<usize>().ok()?.min(end)),
    };
    (first <= last).then_some((first, last))
}
