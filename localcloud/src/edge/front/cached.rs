//! Requests that a kept answer may do for: from the cache, revalidated, or fetched and kept.

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;
use time::OffsetDateTime;

use super::{Front, Passage};
use crate::edge::broken::Broken;
use crate::edge::cache::Epoch;
use crate::edge::cache::freshness::{Verdict, judge};
use crate::edge::cache::keeping::{Copy, Passing};
use crate::edge::cache::stored::{Stored, dress, has_it, not_modified};
use crate::edge::cache::wish::Wish;
use crate::edge::page::Body;

/// What `CF-Cache-Status` says, and the answer.
type Outcome = (&'static str, Response<Body>);

/// What the cache had.
struct Found {
    stale: Option<Arc<Stored>>,
    epoch: Epoch,
}

impl Front {
    /// Answers from the cache when it can.
    pub(super) async fn consult(
        &self,
        passage: &Passage<'_>,
        address: IpAddr,
        mut request: Request<Incoming>,
        wish: Wish,
    ) -> Result<Outcome, Broken> {
        let (stored, epoch) = self.cloud.cache.find(&wish.key);
        let now = self.cloud.clock.now();
        if let Some(fresh) = stored.as_ref().filter(|stored| stored.is_fresh(now)) {
            return Ok(("HIT", fresh.answer(&wish, now)));
        }
        let stale = stored.filter(|_| wish.whole);
        if wish.whole {
            ask_for_the_whole(request.headers_mut(), &wish, stale.as_deref());
        }
        let response = self.fetch(passage, address, request).await?;
        Ok(self.take(&wish, Found { stale, epoch }, response))
    }

    /// Judges an origin's answer, and keeps it when it may.
    fn take(&self, wish: &Wish, found: Found, response: Response<Incoming>) -> Outcome {
        let Found { stale, epoch } = found;
        let now = self.cloud.clock.now();
        let (mut parts, body) = response.into_parts();
        if let Some(stale) = stale.as_ref().filter(|_| parts.status == StatusCode::NOT_MODIFIED) {
            return ("REVALIDATED", self.revalidate(wish, stale, &parts.headers, epoch));
        }
        let verdict = match judge(parts.status, &parts.headers, wish.authorized, now) {
            verdict if wish.whole => verdict,
            _ => Verdict::Ignore,
        };
        let Verdict::Keep { until } = verdict else {
            let status = if verdict == Verdict::Bypass { "BYPASS" } else { "MISS" };
            return (status, passed(wish, parts, Passing::new(body, None)));
        };
        let (headers, status) = (parts.headers.clone(), parts.status);
        let stored = Stored { status, headers, body: bytes::Bytes::new(), since: now, until };
        let copy = Copy { cloud: self.cloud.clone(), key: wish.key.clone(), stored, epoch };
        let body = Passing::new(body, Some(copy));
        dress(&mut parts.headers, wish);
        let outcome = if stale.is_some() { "EXPIRED" } else { "MISS" };
        (outcome, passed(wish, parts, body))
    }

    fn revalidate(
        &self,
        wish: &Wish,
        stale: &Stored,
        news: &HeaderMap,
        epoch: Epoch,
    ) -> Response<Body> {
        let now = self.cloud.clock.now();
        let mut renewed = stale.renewed(news, OffsetDateTime::UNIX_EPOCH, now);
        if let Verdict::Keep { until } = judge(renewed.status, &renewed.headers, false, now) {
            renewed.until = until;
            self.cloud.cache.keep(wish.key.clone(), Arc::new(renewed.clone()), epoch);
        }
        renewed.answer(wish, now)
    }
}

/// What is kept is the whole, so the visitor's conditions must not reach the origin; the cache's own may.
fn ask_for_the_whole(headers: &mut HeaderMap, wish: &Wish, stale: Option<&Stored>) {
    for name in wish.conditions.keys() {
        headers.remove(name);
    }
    headers.extend(stale.map(Stored::conditions).unwrap_or_default());
}

/// An answer of the origin; a visitor that has it already is not sent it again.
fn passed(wish: &Wish, parts: http::response::Parts, body: Passing) -> Response<Body> {
    let answered = wish.whole && parts.status == StatusCode::OK;
    if answered && has_it(&wish.conditions, &parts.headers) {
        // The rest of the body is not read: nothing is kept of it, the next visitor fetches it.
        return not_modified(parts.headers);
    }
    Response::from_parts(parts, Either::Left(body))
}
