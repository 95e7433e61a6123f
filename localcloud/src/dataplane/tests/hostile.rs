//! Clients who mean no good, over raw sockets.

use std::net::SocketAddr;
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::BOTH;
use super::site::{Site, get, poll, send, speak};
use crate::conversation::tests::recorder::Recorder;
use crate::conversation::tests::smuggling::attack;
use crate::network::Endpoint;

/// Lets this machine in; gives back the socket that stands for port 80, which passes everything on.
async fn open(site: &Site) -> SocketAddr {
    site.cloud.network.update(|network| {
        let group = network.network_security_groups.get_mut("edge").unwrap();
        group.security_rules[0].source = Some("0.0.0.0/0".to_owned());
    });
    site.served_by(&BOTH).await;
    let mut addresses = site.plane.addresses().into_iter();
    addresses.find(|(emulated, _)| emulated.port() == 80).unwrap().1
}

#[tokio::test]
async fn no_request_means_one_thing_to_the_load_balancer_and_another_to_the_backend() {
    let mut site = Site::start(json!({"listeners": {"plain": {"ruleSetNames": []}}})).await;
    let port = open(&site).await;
    let recorder = Recorder::start().await;
    for last in [1, 2] {
        let endpoint = Endpoint::Published(recorder.address);
        site.cloud.fabric.attach([10, 0, 1, last].into(), 8080, endpoint);
    }
    // Ends the connections that are kept, too.
    site.stop_backends();
    poll(async || {
        site.get_plain("a.example", "/x").await;
        site.get_plain("a.example", "/x").await.body == "</x>"
    })
    .await;
    recorder.take();
    attack(async || TcpStream::connect(port).await.unwrap(), "a.example", &recorder).await;
}

#[tokio::test]
async fn who_never_reads_holds_up_nobody_and_is_let_go() {
    let site = Site::start(json!({"listeners": {"plain": {"ruleSetNames": [],
        "connectionConfiguration": {"idleTimeout": 2}}}}))
    .await;
    let port = open(&site).await;
    let body = "x".repeat(8 << 20);
    let mut stuck = Vec::new();
    for _ in 0..10 {
        let (read, mut write) = TcpStream::connect(port).await.unwrap().into_split();
        let head = format!(
            "POST /echo HTTP/1.1\r\nHost: a.example\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let text = format!("{head}{body}");
        tokio::spawn(async move {
            let _given_up = write.write_all(text.as_bytes()).await;
            std::future::pending::<()>().await;
        });
        stuck.push(read);
    }
    for _ in 0..5 {
        let got =
            tokio::time::timeout(Duration::from_secs(5), site.get_plain("a.example", "/who")).await;
        assert_eq!(got.unwrap().status, StatusCode::OK);
    }
    // What was under way when the load balancer gave up is less than what was asked for.
    tokio::time::sleep(Duration::from_secs(4)).await;
    for mut read in stuck {
        let mut got = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(5), read.read_to_end(&mut got)).await;
        assert!(ended.is_ok(), "the connection stayed open");
        assert!(got.len() < body.len(), "all of it was sent to somebody who does not read");
    }
}

#[tokio::test]
async fn an_address_gets_no_more_connections_than_the_rule_says() {
    let site = Site::start(json!({
        "ruleSets": {"crowd": {"name": "crowd", "items": [{
            "action": "IP_BASED_MAX_CONNECTIONS", "defaultMaxConnections": 2,
            "ipMaxConnections": [{"ipAddresses": ["173.245.48.7", "173.245.49.0/24"], "maxConnections": 1}]
        }]}},
        "listeners": {"plain": {"ruleSetNames": ["crowd"]}}
    }))
    .await;
    open(&site).await;
    for (source, most) in [("173.245.48.9:1", 2), ("173.245.48.7:1", 1), ("173.245.49.3:1", 1)] {
        let mut kept = Vec::new();
        for _ in 0..most {
            let mut client = speak(site.connect(source, 80).await.unwrap()).await;
            assert_eq!(send(&mut client, get("a.example", "/who")).await.status, StatusCode::OK);
            kept.push(client);
        }
        let mut one_more = site.connect(source, 80).await.unwrap();
        let mut byte = [0; 1];
        let ended = tokio::time::timeout(Duration::from_secs(5), one_more.read(&mut byte)).await;
        assert_eq!(ended.expect("one more got in").unwrap(), 0, "{source}");
        kept.pop();
        poll(async || {
            let mut again = site.connect(source, 80).await.unwrap();
            let _closed = again.write_all(b"GET /who HTTP/1.0\r\nHost: a\r\n\r\n").await;
            again.read(&mut [0; 1]).await.is_ok_and(|count| count == 1)
        })
        .await;
    }
}

#[tokio::test]
async fn a_header_may_be_as_long_as_the_listeners_rule_says() {
    for (rule, short, long) in [(None, 8, 9), (Some(16), 16, 17), (Some(64), 64, 65)] {
        let site = Site::start(json!({
            "ruleSets": {"size": {"name": "size", "items": rule.map(|kb|
                json!({"action": "HTTP_HEADER", "httpLargeHeaderSizeInKB": kb})).into_iter().collect::<Vec<_>>()}},
            "listeners": {"a": {"ruleSetNames": ["size"]}, "b": {"ruleSetNames": ["size"]}}
        }))
        .await;
        site.served_by(&BOTH).await;
        for (kb, status) in [(short, StatusCode::OK), (long, StatusCode::BAD_REQUEST)] {
            let mut client = speak(site.tls("a.example", "http/1.1").await).await;
            let mut request = get("a.example", "/who");
            request.headers_mut().insert("x", "y".repeat(kb * 1024).parse().unwrap());
            assert_eq!(send(&mut client, request).await.status, status, "{kb} KB, {rule:?}");
        }
        if long < 64 {
            let long = format!("/who?{}", "y".repeat(long * 1024));
            assert_eq!(site.get("a.example", &long).await.status, StatusCode::URI_TOO_LONG);
        }
    }
}
