mod changes;
mod collecting;
mod hostile;
mod pulls;
mod site;
mod suites;

use std::io::ErrorKind;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::health::CheckResult;
use crate::network::ConnectError;
use site::{ID, Site, VISITOR, get, poll, send, speak};

const BOTH: [&str; 2] = ["backend 1", "backend 2"];

#[tokio::test]
async fn an_allowed_visitor_is_served_by_all_healthy_backends() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let health = site.cloud.health.get(ID, "web", "10.0.1.1:8080").unwrap();
    assert_eq!(health.status, CheckResult::Ok);
}

#[tokio::test]
async fn the_certificate_is_the_named_hosts() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    // The client verifies the name, so an answer is the proof.
    for host in ["a.example", "b.example"] {
        assert_eq!(site.get(host, "/").await.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn backends_learn_who_asked_and_how() {
    let site = Site::start(json!({"isRequestIdEnabled": true})).await;
    site.served_by(&BOTH).await;
    let mut client = speak(site.tls("a.example", "http/1.1").await).await;
    let mut request = get("a.example", "/headers");
    for (name, value) in [
        ("x-forwarded-for", "192.0.2.1"),
        ("connection", "x-private"),
        ("x-private", "1"),
        ("x.odd", "1"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let got = send(&mut client, request).await;
    let id = got.headers["x-request-id"].to_str().unwrap();
    for line in [
        r#""x-forwarded-for": "192.0.2.1, 173.245.48.9""#,
        r#""x-forwarded-proto": "https""#,
        r#""x-forwarded-port": "443""#,
        r#""x-forwarded-host": "a.example""#,
        r#""x-real-ip": "173.245.48.9""#,
        r#""host": "a.example""#,
        &format!(r#""x-request-id": "{id}""#),
    ] {
        assert!(got.body.contains(line), "{line} in {}", got.body);
    }
    for absent in ["x-private", "x.odd", "connection"] {
        assert!(!got.body.contains(absent), "{absent} in {}", got.body);
    }
}

#[tokio::test]
async fn plain_http_is_redirected() {
    let site = Site::start(json!({})).await;
    poll(async || site.connect(VISITOR, 80).await.is_ok()).await;
    let got = site.get_plain("a.example", "/x?y=1").await;
    assert_eq!(got.status, StatusCode::MOVED_PERMANENTLY);
    assert_eq!(got.headers[header::LOCATION], "https://a.example/x?y=1");
}

#[tokio::test]
async fn others_are_filtered() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    for (source, port) in [("198.51.100.1:1", 443), ("127.0.0.1:1", 443), (VISITOR, 22)] {
        let refused = site.connect(source, port).await.err().unwrap();
        assert!(matches!(refused, ConnectError::Filtered { .. }), "{source} {port}: {refused}");
    }
    let refused = site.connect(VISITOR, 100).await.err().unwrap();
    assert!(matches!(refused, ConnectError::Refused { .. }), "{refused}");
}

#[tokio::test]
async fn going_around_the_edge_is_reset() {
    let site = Site::start(json!({})).await;
    poll(async || site.plane.addresses().len() == 2).await;
    for (_, loopback) in site.plane.addresses() {
        let mut stream = TcpStream::connect(loopback).await.unwrap();
        let error = stream.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn this_machine_gets_in_when_the_rules_say_so() {
    let site = Site::start(json!({})).await;
    poll(async || site.plane.addresses().len() == 2).await;
    site.cloud.network.update(|network| {
        let group = network.network_security_groups.get_mut("edge").unwrap();
        group.security_rules[0].source = Some("0.0.0.0/0".to_owned());
    });
    let mut open = site.plane.addresses().into_iter();
    let (_, loopback) = open.find(|(emulated, _)| emulated.port() == 80).unwrap();
    let mut client = speak(TcpStream::connect(loopback).await.unwrap()).await;
    let got = send(&mut client, get("a.example", "/")).await;
    assert_eq!(got.status, StatusCode::MOVED_PERMANENTLY);
}

#[tokio::test]
async fn without_a_healthy_backend_the_answer_is_502() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let got = site.get("a.example", "/none").await;
    assert_eq!(got.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_backend_that_rules_cut_off_is_unhealthy() {
    let site = Site::start(json!({})).await;
    site.cloud.network.update(|network| {
        network.network_security_groups.get_mut("app").unwrap().security_rules.clear();
    });
    let board = &site.cloud.health;
    poll(async || {
        let health = board.get(ID, "web", "10.0.1.1:8080").map(|health| health.status);
        health == Some(CheckResult::TimedOut)
    })
    .await;
    assert_eq!(site.get("a.example", "/").await.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_draining_backend_finishes_and_gets_nothing_new() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut client = speak(site.tls("a.example", "http/1.1").await).await;
        let answer = async move { send(&mut client, get("a.example", "/slow")).await };
        slow.push(tokio::spawn(answer));
    }
    poll(async || site.slow.load(Ordering::SeqCst) == 2).await;
    site.change(|balancer| {
        balancer.backend_sets.get_mut("web").unwrap().backends[0].drain = true;
    });
    site.served_by(&["backend 2"]).await;
    for answer in slow {
        assert_eq!(answer.await.unwrap().status, StatusCode::OK);
    }
}

#[tokio::test]
async fn changes_under_load_lose_no_request() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let mut kept = speak(site.tls("a.example", "http/1.1").await).await;
    for round in 0..60 {
        site.change(|balancer| {
            let set = balancer.backend_sets.get_mut("web").unwrap();
            set.backends[0].drain = round % 2 == 0;
            set.backends.reverse();
            balancer.display_name = round.to_string();
        });
        let over_kept = send(&mut kept, get("a.example", "/who")).await;
        assert_eq!(over_kept.status, StatusCode::OK, "kept connection, round {round}");
        let over_new = site.get("b.example", "/who").await;
        assert_eq!(over_new.status, StatusCode::OK, "new connection, round {round}");
    }
}

#[tokio::test]
async fn a_removed_listener_lets_requests_finish_and_nobody_in() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let mut client = speak(site.tls("a.example", "http/1.1").await).await;
    let slow = tokio::spawn(async move { send(&mut client, get("a.example", "/slow")).await });
    poll(async || site.slow.load(Ordering::SeqCst) == 1).await;
    site.change(|balancer| balancer.listeners.retain(|name, _| name == "plain"));
    poll(async || site.connect(VISITOR, 443).await.is_err()).await;
    assert_eq!(slow.await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn a_configuration_without_sense_is_refused_and_the_old_one_serves() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    site.change(|balancer| balancer.certificates.clear());
    poll(async || !site.plane.refused().is_empty()).await;
    let refused = site.plane.refused();
    assert_eq!(refused[0].1, "listener a: no certificate named `a`");
    assert_eq!(site.get("a.example", "/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn bodies_pass_both_ways_whole() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let sent: String = "0123456789abcdef".repeat(200_000);
    let mut client = speak(site.tls("a.example", "http/1.1").await).await;
    let request = Request::builder().method(Method::POST).uri("/echo");
    let request = request.header(header::HOST, "a.example");
    let request = request.body(Full::from(Bytes::from(sent.clone()))).unwrap();
    let got = send(&mut client, request).await;
    assert!(got.body == sent, "{} bytes came back", got.body.len());
}

#[tokio::test]
async fn an_upgraded_connection_is_joined() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let mut client = speak(site.tls("a.example", "http/1.1").await).await;
    let mut request = get("a.example", "/upgrade");
    request.headers_mut().insert(header::CONNECTION, "Upgrade".parse().unwrap());
    request.headers_mut().insert(header::UPGRADE, "shout".parse().unwrap());
    let response = client.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    let mut stream = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    stream.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HELLO");
}

#[tokio::test]
async fn an_http2_listener_speaks_http2() {
    let site = Site::start(json!({"listeners": {"a": {"protocol": "HTTP2"}}})).await;
    site.served_by(&BOTH).await;
    let stream = site.tls("a.example", "h2").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://a.example/headers").body(Full::<Bytes>::default()).unwrap();
    let response = client.send_request(request).await.unwrap();
    let body = response.collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains(r#""host": "a.example""#));
}

#[tokio::test]
async fn a_tcp_listener_passes_bytes() {
    let site =
        Site::start(json!({"listeners": {"plain": {"protocol": "TCP", "ruleSetNames": []}}})).await;
    site.served_by(&BOTH).await;
    let got = site.get_plain("whatever", "/headers").await;
    assert!(!got.body.contains("x-forwarded-for"), "{}", got.body);
    assert_eq!(got.status, StatusCode::OK);
}

#[tokio::test]
async fn silence_of_a_backend_is_504() {
    let site = Site::start(json!({
        "listeners": {"b": {"connectionConfiguration": {"idleTimeout": 1}}}
    }))
    .await;
    site.served_by(&BOTH).await;
    assert_eq!(site.get("b.example", "/stuck").await.status, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn a_backend_that_is_gone_is_passed_over_then_502() {
    let mut site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let gone = "10.0.1.1".parse().unwrap();
    site.cloud.fabric.detach(gone, 8080);
    for _ in 0..4 {
        assert_eq!(site.get("a.example", "/who").await.status, StatusCode::OK);
    }
    site.stop_backends();
    poll(async || site.get("a.example", "/who").await.status == StatusCode::BAD_GATEWAY).await;
}

#[tokio::test]
async fn a_session_cookie_keeps_the_backend() {
    let site = Site::start(json!({"backendSets": {"web": {
        "lbCookieSessionPersistenceConfiguration": {"cookieName": "route", "isSecure": true}
    }}}))
    .await;
    poll(async || site.connect(VISITOR, 443).await.is_ok()).await;
    poll(async || site.get("a.example", "/who").await.status == StatusCode::OK).await;
    let first = site.get("a.example", "/who").await;
    let cookie = first.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; path=/; Secure; HttpOnly"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    for _ in 0..5 {
        let mut client = speak(site.tls("a.example", "http/1.1").await).await;
        let mut request = get("a.example", "/who");
        request.headers_mut().insert(header::COOKIE, pair.parse().unwrap());
        let again = send(&mut client, request).await;
        assert_eq!(again.body, first.body);
        assert!(!again.headers.contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn every_request_is_logged_in_the_vendors_fields() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    site.get("a.example", "/who?secret=no").await;
    let find = || {
        site.log()
            .into_iter()
            .find(|line| line["data"]["request"] == "GET https://a.example/who?secret=no HTTP/1.1")
    };
    poll(async || find().is_some()).await;
    let line = find().unwrap();
    assert_eq!(line["resourceid"], ID);
    for (field, expected) in [
        ("clientAddr", VISITOR),
        ("lbStatusCode", "200"),
        ("backendStatusCode", "200"),
        ("sentBytes", "9"),
        ("listenerName", "a"),
        ("sslProtocol", "TLSv1.3"),
        ("forwardedForAddr", "-"),
    ] {
        assert_eq!(line["data"][field], expected, "{field}");
    }
}

#[tokio::test]
async fn towards_a_backend_tls_is_verified_by_the_sets_authority() {
    let mut site = Site::start(json!({})).await;
    site.encrypt_backend("backend.example").await;
    let root = site.cloud.authority.root_pem().to_owned();
    let set = |bundle| json!({"certificateName": bundle, "verifyPeerCertificate": true});
    site.merge(&json!({
        "certificates": {
            "good": {"certificateName": "good", "caCertificate": root},
            "other": {"certificateName": "other", "caCertificate": stranger()}
        },
        "backendSets": {"web": {"sslConfiguration": set("good")}}
    }));
    site.served_by(&["backend 3"]).await;
    site.merge(&json!({"backendSets": {"web": {"sslConfiguration": set("other")}}}));
    let board = &site.cloud.health;
    poll(async || {
        let health = board.get(ID, "web", "10.0.1.1:8080").map(|health| health.status);
        health == Some(CheckResult::IoError)
    })
    .await;
}

/// An authority that signed nothing.
fn stranger() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.self_signed(&key).unwrap().pem()
}
