//! What passes through the edge, and how it is changed on its way.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::site::{HOST, Site, cloud};
use crate::edge::front::Public;
use crate::edge::headers::relocate;

async fn seen(response: reqwest::Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_origin_is_told_who_asks_and_how() {
    let site = Site::sound().await;
    let response = site.get("/a?b=c").await;
    let ray = response.headers()["cf-ray"].to_str().unwrap().to_owned();
    let seen = seen(response).await;
    assert_eq!(seen["path"], "/a?b=c");
    for (name, value) in [
        ("host", HOST),
        ("cf-connecting-ip", "127.0.0.1"),
        ("cf-ipcountry", "XX"),
        ("cf-ray", &ray),
        ("cf-visitor", "{\"scheme\":\"https\"}"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("cdn-loop", "cloudflare; loops=1"),
    ] {
        assert_eq!(seen["headers"][name], value, "{name}");
    }
}

#[tokio::test]
async fn headers_of_the_visitors_connection_stay_behind() {
    let site = Site::sound().await;
    let client = site.visitor().build().unwrap();
    let response = client
        .get(format!("http://{}/", site.edge.http))
        .header("host", format!("{HOST}:{}", site.edge.http.port()))
        .header("connection", "x-private")
        .header("x-private", "1")
        .header("te", "trailers")
        .header("cf-connecting-ip", "192.0.2.66")
        .header("x-forwarded-for", "192.0.2.66")
        .send()
        .await
        .unwrap();
    let seen = seen(response).await;
    assert_eq!(seen["headers"].get("x-private"), None);
    assert_eq!(seen["headers"].get("te"), None);
    assert_eq!(seen["headers"]["host"], HOST);
    assert_eq!(seen["headers"]["cf-connecting-ip"], "127.0.0.1");
    assert_eq!(seen["headers"]["x-forwarded-for"], "192.0.2.66, 127.0.0.1");
    assert_eq!(seen["headers"]["x-forwarded-proto"], "http");
}

#[tokio::test]
async fn connections_to_the_origin_serve_more_than_one_request() {
    let site = Site::sound().await;
    for _ in 0..8 {
        site.get("/").await.text().await.unwrap();
    }
    // A request may overtake the return of the connection before it, but not every time.
    assert!(site.calls().len() < 8, "{}", site.calls().len());
}

#[tokio::test]
async fn http_is_moved_to_the_edges_own_https_port_when_the_zone_says_so() {
    let site = Site::sound().await;
    assert_eq!(site.plain(HOST, "/a").await.status(), 200);
    site.set("always_use_https", "on");
    let response = site.plain(HOST, "/a?b").await;
    assert_eq!(response.status(), 301);
    let port = site.edge.https.port();
    assert_eq!(response.headers()["location"], format!("https://{HOST}:{port}/a?b"));
}

#[tokio::test]
async fn redirects_of_the_origin_stay_on_the_edges_ports() {
    let site = Site::sound().await;
    let (https, http) = (site.edge.https.port(), site.edge.http.port());
    for (sent, seen) in [
        (format!("https://{HOST}/x?y"), format!("https://{HOST}:{https}/x?y")),
        (format!("https://{HOST}:443/"), format!("https://{HOST}:{https}/")),
        (format!("http://{HOST}/"), format!("http://{HOST}:{http}/")),
        (
            format!("https://{HOST}:2053/x"),
            format!("https://{HOST}:{}/x", site.edge.https_extra[&2053].port()),
        ),
        (format!("https://{HOST}:9443/"), format!("https://{HOST}:9443/")),
        ("https://example.org/".to_owned(), "https://example.org/".to_owned()),
        ("/relative".to_owned(), "/relative".to_owned()),
    ] {
        let response = site.get(&format!("/to?{sent}")).await;
        assert_eq!(response.headers()["location"], seen);
    }
}

#[test]
fn a_moved_redirect_keeps_its_fragment() {
    let cloud = cloud();
    let mut headers = HeaderMap::new();
    headers.insert("location", format!("https://{HOST}#top").parse().unwrap());
    let [https, http] = [8443, 8080].map(|port| ([127, 0, 0, 1], port).into());
    let public = Public::new(https, http, &BTreeMap::new());
    relocate(&mut headers, &cloud.zones.read(), &public);
    assert_eq!(headers["location"], format!("https://{HOST}:8443/#top"));
    std::fs::remove_dir_all(&cloud.options.state).unwrap();
}

#[tokio::test]
async fn large_bodies_pass_both_ways() {
    let site = Site::sound().await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|i| i.to_le_bytes()[0]).collect();
    let url = format!("https://{HOST}:{}/echo", site.edge.https.port());
    let response =
        site.visitor().build().unwrap().post(url).body(body.clone()).send().await.unwrap();
    assert!(response.bytes().await.unwrap() == body, "the body came back changed");
}

#[tokio::test]
async fn a_websocket_becomes_a_tunnel() {
    let site = Site::sound().await;
    let mut stream = TcpStream::connect(site.edge.http).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nhost: {HOST}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream.write_all(b"ping").await.unwrap();
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).await.unwrap();
    assert_eq!(&echo, b"ping");
}

#[tokio::test]
async fn a_request_that_was_here_before_is_a_loop() {
    let site = Site::sound().await;
    let client = site.visitor().build().unwrap();
    let request = client.get(format!("http://{}/", site.edge.http)).header("host", HOST);
    let response = request.header("cdn-loop", "cloudflare; loops=1").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 403);
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn the_trace_tells_what_the_edge_sees() {
    let site = Site::sound().await;
    let trace = site.get("/cdn-cgi/trace").await.text().await.unwrap();
    for line in
        [&format!("h={HOST}"), "ip=127.0.0.1", "visit_scheme=https", "http=http/2", "tls=TLSv1.3"]
    {
        assert!(trace.lines().any(|l| l == line), "{line}: {trace}");
    }
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn strict_transport_is_announced_over_https_only() {
    let site = Site::sound().await;
    site.cloud.zones.update(|world| {
        let rule =
            serde_json::json!({ "strict_transport_security": { "enabled": true, "max_age": 60 } });
        world.zones.get_mut("z").unwrap().settings.insert("security_header".to_owned(), rule);
    });
    assert_eq!(site.get("/").await.headers()["strict-transport-security"], "max-age=60");
    assert!(!site.plain(HOST, "/").await.headers().contains_key("strict-transport-security"));
}
