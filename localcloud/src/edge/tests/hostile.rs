//! Visitors who mean no good, over raw sockets.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::site::{HOST, Site, cloud};
use crate::Ports;
use crate::conversation::tests::recorder::Recorder;
use crate::conversation::tests::smuggling::attack;
use crate::edge::{Connect, Edge};
use crate::network::Stream;

/// A site whose origin is a recorder on a real socket.
async fn recorded() -> (Site, Recorder) {
    let recorder = Recorder::start().await;
    let address = recorder.address;
    let connect: Connect = Arc::new(move |_, _| {
        Box::pin(async move {
            Ok(Box::new(TcpStream::connect(address).await.unwrap()) as Box<dyn Stream>)
        })
    });
    let cloud = cloud();
    let edge = Edge::start_with(cloud.clone(), &Ports::default(), connect).await.unwrap();
    (Site { cloud, edge, calls: Arc::default(), files: super::site::Files::default() }, recorder)
}

#[tokio::test]
async fn no_request_means_one_thing_to_the_edge_and_another_to_the_origin() {
    let (site, recorder) = recorded().await;
    let connect = async || TcpStream::connect(site.edge.http).await.unwrap();
    attack(connect, HOST, &recorder).await;
}

#[tokio::test(start_paused = true)]
async fn who_sends_a_byte_now_and_then_or_nothing_is_let_go() {
    let site = Site::sound().await;
    for (edge, bytes, drips) in [
        (site.edge.http, "GET / HTTP/1.1\r\nHost: ", true),
        (site.edge.http, "", false),
        (site.edge.http, "PRI * HT", false),
        (site.edge.https, "\x16\x03", false),
        (site.edge.https, "", false),
    ] {
        let began = tokio::time::Instant::now();
        let (mut read, mut write) = TcpStream::connect(edge).await.unwrap().into_split();
        write.write_all(bytes.as_bytes()).await.unwrap();
        let _open = tokio::spawn(async move {
            while drips && write.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            // Neither does it hang up.
            std::future::pending::<()>().await;
            drop(write);
        });
        let _answer_or_reset = read.read_to_end(&mut Vec::new()).await;
        assert!(began.elapsed() < Duration::from_secs(20), "{bytes:?}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn who_never_reads_holds_up_nobody() {
    let site = Site::sound().await;
    site.files.answer_with(200, &[("cache-control", "no-store")], &"x".repeat(4 << 20));
    let mut stuck = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(site.edge.http).await.unwrap();
        let request = format!("GET /files/big HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stuck.push(stream);
    }
    for _ in 0..5 {
        let got = tokio::time::timeout(Duration::from_secs(5), site.plain(HOST, "/x")).await;
        assert_eq!(got.unwrap().status(), 200);
    }
}
