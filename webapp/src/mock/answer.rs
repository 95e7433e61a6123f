//! The engine's answer as one of HTTP: later, in pieces, or by breaking the connection.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Extensions, StatusCode};
use hyper::ext::ReasonPhrase;
use mock::Reply;
use mock::stub::delay::Dribble;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::problem::Problem;
use crate::serve::wire::Breaker;

/// Marks an answer that is a visitor's: nothing is added to it, and it is not compressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Foreign;

/// Headers that are the connection's own, whatever a stub says.
const OURS: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];
/// Headers by which a page could act on everything else of its origin.
const NOT_ON_THE_SITE: [&str; 18] = [
    "set-cookie",
    "set-cookie2",
    "clear-site-data",
    "strict-transport-security",
    "service-worker-allowed",
    "alt-svc",
    "content-security-policy",
    "nel",
    "report-to",
    "reporting-endpoints",
    "accept-ch",
    "critical-ch",
    "set-login",
    "use-as-dictionary",
    "origin-agent-cluster",
    "speculation-rules",
    "activate-storage-access",
    "observe-browsing-topics",
];

/// Where a workspace answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// At a host of its own: what it says harms nobody else.
    Host,
    /// At a path of the site: a browser must take it for an origin of its own and keep nothing of it.
    Path(Root),
}

/// What stands before the paths of a workspace on the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) origin: String,
    pub(super) path: String,
}

impl Root {
    /// A mock says `/things/7` of itself without knowing that it is not at the root.
    fn reached(&self, target: &str) -> String {
        let path = target.strip_prefix(&self.origin).unwrap_or(target);
        let of_ours = path.starts_with('/') && !path.starts_with("//");
        let below = path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('/'));
        if !of_ours || below {
            return target.to_owned();
        }
        let origin = if path.len() < target.len() { self.origin.as_str() } else { "" };
        [origin, &self.path, path].concat()
    }

    /// The same of everything between `<` and `>` (RFC 8288).
    fn linked(&self, links: &str) -> String {
        let mut parts = links.split('<');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push('<');
            match part.split_once('>') {
                Some((target, rest)) => out.extend([&self.reached(target), ">", rest]),
                None => out.push_str(part),
            }
        }
        out
    }
}

/// Sends a reply as it asks to be sent.
pub(super) async fn send(reply: Reply, place: Place, connection: &Extensions) -> Response {
    if reply.delay.before > 0 {
        tokio::time::sleep(Duration::from_millis(reply.delay.before)).await;
    }
    if let Some(fault) = reply.fault {
        let Some(breaker) = connection.get::<Breaker>() else {
            return Problem::internal().into_response();
        };
        breaker.set(fault);
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(body(reply.body, reply.delay.dribble));
    *response.status_mut() = status;
    let reason = reply.message.map(|words| ReasonPhrase::try_from(words.into_bytes()));
    if let Some(Ok(reason)) = reason {
        response.extensions_mut().insert(reason);
    }
    response.extensions_mut().insert(Foreign);
    for (name, value) in reply.headers {
        let name = HeaderName::try_from(name);
        let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) else { continue };
        let is_dropped = |list: &[&str]| list.contains(&name.as_str());
        if is_dropped(&OURS) {
            continue;
        }
        let value = match &place {
            Place::Path(_) if is_dropped(&NOT_ON_THE_SITE) => continue,
            Place::Path(root) => rooted(&name, value, root),
            Place::Host if name == header::SET_COOKIE => of_this_host(&value),
            Place::Host => value,
        };
        response.headers_mut().append(name, value);
    }
    if place != Place::Host {
        confine(&mut response);
    }
    response
}

/// The value of a header that says where something is.
fn rooted(name: &HeaderName, value: HeaderValue, root: &Root) -> HeaderValue {
    let changed = match value.to_str() {
        Ok(text) if *name == header::LOCATION => root.reached(text),
        Ok(text) if *name == header::LINK => root.linked(text),
        _ => return value,
    };
    HeaderValue::try_from(changed).unwrap_or(value)
}

/// A cookie without the attribute that would give it to other hosts of the domain, the site's among them.
fn of_this_host(cookie: &HeaderValue) -> HeaderValue {
    let is_wide = |part: &&[u8]| part.trim_ascii().to_ascii_lowercase().starts_with(b"domain");
    let parts = cookie.as_bytes().split(|byte| *byte == b';').enumerate();
    let kept = parts.filter(|(at, part)| *at == 0 || !is_wide(part)).map(|(_, part)| part);
    let kept = kept.collect::<Vec<_>>().join(&b';');
    HeaderValue::from_bytes(&kept).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// What a page of the site could load as a script is text.
fn is_script(value: &HeaderValue) -> bool {
    let value = value.as_bytes().to_ascii_lowercase();
    [b"javascript".as_slice(), b"ecmascript"]
        .iter()
        .any(|word| value.windows(word.len()).any(|part| part == *word))
}

/// A page from a path of the site gets an origin that is nobody's, and may run nothing (HTML, 7.6 sandboxing).
fn confine(response: &mut Response) {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if headers.get(header::CONTENT_TYPE).is_some_and(is_script) {
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, text);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn body(bytes: Vec<u8>, dribble: Option<Dribble>) -> Body {
    let Some(Dribble { pieces, over }) = dribble.filter(|dribble| dribble.pieces > 1) else {
        return Body::from(bytes);
    };
    let pieces = usize::try_from(pieces).unwrap_or(1).min(bytes.len().max(1));
    let length = bytes.len().div_ceil(pieces).max(1);
    let pause = Duration::from_millis(over) / u32::try_from(pieces).unwrap_or(1);
    let (sender, receiver) = mpsc::channel(1);
    let bytes = Bytes::from(bytes);
    tokio::spawn(async move {
        let mut rest = bytes;
        while !rest.is_empty() {
            tokio::time::sleep(pause).await;
            let piece = rest.split_to(length.min(rest.len()));
            // Who asked is gone.
            if sender.send(Ok::<_, Infallible>(piece)).await.is_err() {
                return;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_a_workspace_is_for_its_own_host() {
        let kept = |cookie: &'static str| {
            of_this_host(&HeaderValue::from_static(cookie)).to_str().unwrap().to_owned()
        };
        assert_eq!(kept("a=b; Domain=example.test; Path=/"), "a=b; Path=/");
        assert_eq!(kept("domain=b; HttpOnly; DOMAIN = .example.test"), "domain=b; HttpOnly");
    }

    #[test]
    fn what_a_mock_says_of_itself_is_found_below_its_path() {
        let root = Root { origin: "https://site".to_owned(), path: "/mock/at/a1".to_owned() };
        for (said, reached) in [
            ("/posts/7", "/mock/at/a1/posts/7"),
            ("https://site/posts/7", "https://site/mock/at/a1/posts/7"),
            ("/mock/at/a1/posts/7", "/mock/at/a1/posts/7"),
            ("https://elsewhere/posts/7", "https://elsewhere/posts/7"),
            ("//elsewhere/posts/7", "//elsewhere/posts/7"),
            ("https://site.elsewhere/x", "https://site.elsewhere/x"),
            ("posts/7", "posts/7"),
        ] {
            assert_eq!(root.reached(said), reached);
        }
        let links =
            "<https://site/p?_page=1>; rel=\"first\", <https://site/p?_page=3>; rel=\"next\"";
        let reached = "<https://site/mock/at/a1/p?_page=1>; rel=\"first\", \
            <https://site/mock/at/a1/p?_page=3>; rel=\"next\"";
        assert_eq!(root.linked(links), reached);
    }
}
