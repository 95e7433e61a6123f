//! Fetching the answer to an http-01 challenge (RFC 8555 section 8.3).

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::lookup::{self, Resolver};
use super::problem::{Kind, Problem};

const LARGEST: usize = 64 * 1024;
const MOST_REDIRECTS: usize = 10;

/// What `http://<name>/.well-known/acme-challenge/<token>` holds, without blanks at its end.
pub(super) async fn fetch(
    resolver: &Resolver,
    port: u16,
    name: &str,
    token: &str,
) -> Result<String, Problem> {
    let mut url = format!("http://{name}/.well-known/acme-challenge/{token}");
    for _ in 0..=MOST_REDIRECTS {
        let uri: Uri =
            url.parse().map_err(|_| failed(&url, "a redirect to something that is not a URL"))?;
        match get(resolver, port, &uri).await? {
            Fetched::Body(body) => return Ok(body),
            Fetched::Redirect(target) => url = target,
        }
    }
    Err(failed(&url, "too many redirects"))
}

enum Fetched {
    Body(String),
    Redirect(String),
}

async fn get(resolver: &Resolver, port: u16, uri: &Uri) -> Result<Fetched, Problem> {
    let say = |reason: &str| failed(&uri.to_string(), reason);
    let (Some("http"), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err(say("only http is followed here"));
    };
    if matches!(resolver, Resolver::Zones(_)) {
        return Err(say("nothing listens in a simulation"));
    }
    let addresses = lookup::addresses(resolver, host).await?;
    let Some(address) = addresses.first() else {
        return Err(Problem::new(Kind::Dns, format!("no A or AAAA record found for {host}")));
    };
    // Addresses of the emulated internet are not on any wire; what stands for their port 80 is on loopback.
    let address = if address.is_loopback() { *address } else { Ipv4Addr::LOCALHOST.into() };
    let stream = TcpStream::connect((address, port)).await.map_err(|e| say(&e.to_string()))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|e| say(&e.to_string()))?;
    let request = Request::get(uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str))
        .header("host", host)
        .header("user-agent", "localcloud-validation/1")
        .body(Empty::<Bytes>::new())
        .map_err(|e| say(&e.to_string()))?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|e| say(&e.to_string()))?;
        read(response, uri).await
    };
    tokio::pin!(connection);
    tokio::select! {
        done = exchange => done,
        Err(e) = &mut connection => Err(say(&e.to_string())),
    }
}

async fn read(
    response: http::Response<hyper::body::Incoming>,
    uri: &Uri,
) -> Result<Fetched, Problem> {
    let status = response.status();
    if status.is_redirection() {
        let target = response.headers().get("location").and_then(|value| value.to_str().ok());
        let target = target.ok_or_else(|| failed(&uri.to_string(), "a redirect to nowhere"))?;
        let host = uri.authority().map_or("", http::uri::Authority::as_str);
        let target = if target.starts_with('/') {
            format!("http://{host}{target}")
        } else {
            target.to_owned()
        };
        return Ok(Fetched::Redirect(target));
    }
    if status != StatusCode::OK {
        return Err(Problem::new(Kind::Unauthorized, format!("{uri} answered {status}")));
    }
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    let body = body.map_err(|e| failed(&uri.to_string(), &e.to_string()))?.to_bytes();
    Ok(Fetched::Body(String::from_utf8_lossy(&body).trim_end().to_owned()))
}

fn failed(url: &str, reason: &str) -> Problem {
    Problem::new(Kind::Connection, format!("fetching {url}: {reason}"))
}
