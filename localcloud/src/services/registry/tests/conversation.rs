//! What is refused of clients that do not mean well.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Bench;

/// What comes back when these bytes are all that is sent.
async fn answer(bench: &Bench, sent: &str) -> String {
    let mut stream = TcpStream::connect(&bench.host).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has said what it had to say.
    let _broken = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_request_that_can_be_read_in_two_ways_is_refused() {
    let bench = Bench::new().await;
    let host = format!("Host: {}", bench.host);
    let whole = answer(&bench, &format!("GET /v2/ HTTP/1.1\r\n{host}\r\n\r\n")).await;
    assert!(whole.starts_with("HTTP/1.1 401"), "{whole}");
    for head in [
        format!("GET /v2/ HTTP/1.1\r\n{host}\r\nHost: other\r\n\r\n"),
        format!("GET /v2/ HTTP/1.1\r\n{host}\r\nTransfer-Encoding: x\r\n\r\n"),
        format!("POST /v2/ HTTP/1.1\r\n{host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        format!("GET /v2/ HTTP/1.1\r\n{host}\r\nX: {}\r\n\r\n", "x".repeat(200_000)),
        "GET /v2/ HTTP/1.1\r\n\r\n".to_owned(),
    ] {
        let found = answer(&bench, &head).await;
        assert!(found.starts_with("HTTP/1.1 4") && !found.starts_with("HTTP/1.1 401"), "{found}");
    }
}
