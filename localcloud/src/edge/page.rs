//! What the edge says itself: error pages, redirects, `/cdn-cgi/trace`.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Version, header};
use http_body_util::{Either, Full};

use super::broken::{Broken, Link};
use super::cache::keeping::Passing;

/// A body from the origin, or one of the edge's own.
pub(crate) type Body = Either<Passing, Full<Bytes>>;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:12vh auto;padding:0 1rem}\
    ol{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.5rem}\
    li{padding:.2rem .7rem;border-radius:1rem;background:#e6f4ea;color:#14532d}\
    li.broken{background:#b91c1c;color:#fff}li.beyond{background:#eee;color:#666}\
    small{color:#666}code{overflow-wrap:anywhere}";

/// The page of a broken link.
pub(crate) fn broken(broken: &Broken, ray: &str) -> Response<Body> {
    let status = broken.status();
    let title = format!("Error {}: {}", status.as_u16(), broken.title());
    let links: String =
        Link::ALL.iter().map(|(link, name)| item(*link, name, broken.link())).collect();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><h1>{title}</h1><ol>{links}</ol><p><code>{}</code></p>\
         <small>cf-ray: {ray} &middot; local edge</small></body></html>\n",
        escaped(&broken.to_string()),
    );
    text(status, "text/html; charset=UTF-8", html)
}

fn item(link: Link, name: &str, broken: Link) -> String {
    let (class, mark) = match link.cmp(&broken) {
        std::cmp::Ordering::Less => ("fine", "&check;"),
        std::cmp::Ordering::Equal => ("broken", "&cross;"),
        std::cmp::Ordering::Greater => ("beyond", "&hellip;"),
    };
    format!("<li class=\"{class}\">{mark} {name}</li>")
}

/// The end of a conversation in which nothing is certain any more.
pub(crate) fn bad_request(version: Version) -> Response<Body> {
    let mut response = text(StatusCode::BAD_REQUEST, "text/plain", "400 Bad Request\n".to_owned());
    if version <= Version::HTTP_11 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A permanent move.
pub(crate) fn moved(location: &str) -> Response<Body> {
    let mut response = text(StatusCode::MOVED_PERMANENTLY, "text/html", String::new());
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A text of the edge's own.
pub(crate) fn text(status: StatusCode, kind: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Either::Right(Full::new(Bytes::from(text))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
