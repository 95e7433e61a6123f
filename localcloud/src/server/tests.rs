//! Who is answered by the control planes.

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{serve, trouble};
use crate::loopback;

/// Sends a head after `GET / HTTP/1.1` and gives back the status.
async fn status(port: std::net::SocketAddr, head: &str) -> u16 {
    let mut stream = TcpStream::connect(port).await.unwrap();
    let text = format!("GET / HTTP/1.1\r\nConnection: close\r\n{head}\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn web_pages_and_strangers_are_not_answered() {
    let listener = loopback::listen(0).await.unwrap();
    let port = listener.local_addr().unwrap();
    assert!(port.ip().is_loopback());
    let handler = Arc::new(|_| {
        Box::pin(async { Ok(Response::new(trouble::whole(Bytes::from_static(b"x")))) })
            as std::pin::Pin<Box<_>>
    });
    let server = tokio::spawn(serve(listener, None, handler));
    for (head, expected) in [
        ("Host: 127.0.0.1:1\r\n", StatusCode::OK),
        ("Host: localhost\r\nOrigin: http://localhost:3000\r\n", StatusCode::OK),
        ("Host: localhost\r\nSec-Fetch-Site: none\r\n", StatusCode::OK),
        ("Host: evil.example\r\n", StatusCode::MISDIRECTED_REQUEST),
        ("Host: 127.0.0.1.evil.example\r\n", StatusCode::MISDIRECTED_REQUEST),
        ("Host: localhost\r\nHost: evil.example\r\n", StatusCode::BAD_REQUEST),
        ("Host: localhost@evil.example\r\n", StatusCode::BAD_REQUEST),
        ("X: no host\r\n", StatusCode::BAD_REQUEST),
        ("Host: localhost\r\nOrigin: https://evil.example\r\n", StatusCode::FORBIDDEN),
        ("Host: localhost\r\nOrigin: null\r\n", StatusCode::FORBIDDEN),
        ("Host: localhost\r\nOrigin: http://localhost.evil.example\r\n", StatusCode::FORBIDDEN),
        ("Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(status(port, head).await, expected.as_u16(), "{head:?}");
    }
    server.abort();
}

/// Local addresses of this process's sockets, as the kernel lists them; of TCP only those that listen.
fn bound() -> Vec<String> {
    let inodes: Vec<String> = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok()?.to_str().map(str::to_owned))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = std::fs::read_to_string(format!("/proc/self/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let listens = table.starts_with("udp") || fields[3] == "0A";
            if listens && inodes.iter().any(|inode| inode == fields[9]) {
                found.push(format!("{table} {}", fields[1]));
            }
        }
    }
    found
}

#[tokio::test]
async fn no_socket_of_a_running_cloud_is_reachable_from_another_machine() {
    let state = std::env::temp_dir().join(format!("localcloud-sockets-{}", crate::ids::hex::<8>()));
    let options = crate::Options {
        state: state.clone(),
        ports: crate::Ports::default(),
        runtime: crate::RuntimeChoice::Process,
        seed: crate::Seed::default(),
        latency_ms: 0,
        conduct: crate::options::Conduct::default(),
    };
    let running = crate::start(options).await.unwrap();
    let bound = bound();
    running.stop().await;
    std::fs::remove_dir_all(state).unwrap();
    // 127.0.0.1 in the kernel's byte order. Other tests of this process bind theirs meanwhile; all count.
    let far: Vec<_> = bound.iter().filter(|socket| !socket.contains(" 0100007F:")).collect();
    assert!(bound.len() >= 11 && far.is_empty(), "{far:?} of {bound:?}");
}
