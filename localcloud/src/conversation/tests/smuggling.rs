//! Requests that two readers could read in two ways, and what must become of them (RFC 9112 sections 2.2, 5, 6 and 11).

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::recorder::Recorder;
use crate::network::Stream;

/// What must become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// An error and the end of the connection; nothing reaches the backend.
    Refused,
    /// One request reaches the backend, in one meaning.
    Passed,
    /// The error comes in the middle of the body: at most the beginning of a request reaches the backend.
    Broken,
}

use Fate::{Broken, Passed, Refused};

/// Heads after `POST /a HTTP/1.1` and one Host, and the body; `S` stands for a request that nobody sent.
const POSTS: &[(Fate, &str)] = &[
    (Passed, "Content-Length: 5\r\n\r\nhello"),
    (Passed, "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    (Passed, "Content-Length: 5\r\nConnection: content-length, host\r\n\r\nhello"),
    (Passed, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    (Passed, "Transfer-Encoding:\tCHUNKED\r\n\r\n5;ext=\"x\"\r\nhello\r\n0\r\n\r\n"),
    (
        Passed,
        "Transfer-Encoding: chunked\r\nTrailer: x\r\n\r\n0\r\nX: 1\r\nContent-Length: 9\r\n\r\n",
    ),
    // CL.TE and TE.CL
    (Passed, "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nS"),
    (Passed, "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2c\r\nS\r\n0\r\n\r\n"),
    (Passed, "Content-Length: 50\nTransfer-Encoding: chunked\n\n0\r\n\r\nS"),
    // TE.TE
    (Refused, "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding\t: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding:\u{b}chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding\n: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nS"),
    (Refused, "X: x\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nS"),
    (Refused, "Transfer-Encoding: \"chunked\"\r\nContent-Length: 5\r\n\r\n0\r\n\r\nS"),
    // Lengths
    (Refused, "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhelloS"),
    (Refused, "Content-Length: 5, 5\r\n\r\nhelloS"),
    (Refused, "Content-Length: 5, 6\r\n\r\nhelloS"),
    (Refused, "Content-Length: -1\r\n\r\nS"),
    (Refused, "Content-Length: +5\r\n\r\nhelloS"),
    (Refused, "Content-Length: 0x5\r\n\r\nhelloS"),
    (Refused, "Content-Length: 5 5\r\n\r\nhelloS"),
    (Refused, "Content-Length:\r\n\r\nS"),
    (Refused, "Content-Length: 18446744073709551616\r\n\r\nS"),
    (Refused, "Content-Length: 99999999999999999999999\r\n\r\nS"),
    (Refused, "Content-Length : 5\r\n\r\nhelloS"),
    (Refused, "Content-Length: 5\r\n folded\r\n\r\nhelloS"),
    // Chunks
    (Broken, "Transfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\nS"),
    (Broken, "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\nS"),
    (Broken, "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\nS"),
    (Broken, "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\nS"),
    (Broken, "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\nS"),
    (Broken, "Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\nS"),
];

/// Whole requests; `H` stands for the host.
const HEADS: &[(Fate, &str)] = &[
    (Passed, "GET /a HTTP/1.1\nHost: H\n\n"),
    (Passed, "GET http://H/a HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
    (
        Passed,
        "GET /a HTTP/1.1\r\nHost: H\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    ),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nHost: evil.example\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nHost: H\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H, evil.example\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: evil.example@H\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H/../x\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost : H\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\n Host: H\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nX: y\r\n\r\n"),
    (Refused, "GET http://evil.example@H/a HTTP/1.1\r\nHost: H\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nX: a\r\n b\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nX: a\r\n\tb\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nX: a\rb\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nX: a\0b\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nX\0: a\r\n\r\n"),
    (Refused, "GET /a\0b HTTP/1.1\r\nHost: H\r\n\r\n"),
    (Refused, "GET /a b HTTP/1.1\r\nHost: H\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\nno colon\r\n\r\n"),
    (Refused, "GET /a HTTP/1.1\r\nHost: H\r\n: empty\r\n\r\n"),
    (Refused, "GET /a HTTP/9.9\r\nHost: H\r\n\r\n"),
    (Refused, "GET /a\r\n\r\n"),
    (Refused, "CONNECT H:443 HTTP/1.1\r\nHost: H\r\n\r\n"),
    // Closed without a word: whoever sends it expects frames.
    (Broken, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (Refused, "POST /a HTTP/1.0\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
];

/// Sends every request, each on a connection of its own and followed by a sound one, to what `connect` leads to and
/// has `recorder` behind it.
pub(crate) async fn attack<C, S>(connect: C, host: &str, recorder: &Recorder)
where
    C: AsyncFn() -> S,
    S: Stream,
{
    let smuggled = format!("GET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let posts = POSTS.iter().map(|(fate, rest)| {
        let chunk = format!("{:x}\r\nS", smuggled.len());
        let rest = rest.replace("2c\r\nS", &chunk).replace('S', "\u{1}");
        // Only the last letter of a case stands for the request; header names keep theirs.
        let rest = rest.replace('\u{1}', "S");
        let rest = match rest.strip_suffix('S') {
            Some(rest) => format!("{rest}{smuggled}"),
            None => rest.replace("\r\nS\r\n0", &format!("\r\n{smuggled}\r\n0")),
        };
        (*fate, format!("POST /a HTTP/1.1\r\nHost: {host}\r\n{rest}"))
    });
    let heads = HEADS.iter().map(|(fate, text)| {
        (
            *fate,
            text.replace(": H", &format!(": {host}"))
                .replace("//H", &format!("//{host}"))
                .replace("@H", &format!("@{host}")),
        )
    });
    let large = [
        format!("GET /a HTTP/1.1\r\nHost: {host}\r\n{}\r\n", "X: y\r\n".repeat(10_000)),
        format!("GET /a HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "y".repeat(1 << 20)),
        format!("GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n", "y".repeat(1 << 20)),
    ];
    for (fate, text) in posts.chain(heads).chain(large.map(|text| (Refused, text))) {
        let answers = exchange(connect().await, &text, host).await;
        judge(fate, &text[..text.len().min(300)], &answers, host, recorder);
    }
    for number in 0..20 {
        let request =
            format!("GET /sound/{number} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answers = exchange(connect().await, &request, host).await;
        assert!(answers.contains(&format!("</sound/{number}>")), "{answers}");
    }
    assert_eq!(recorder.take().doubts, Vec::<String>::new());
}

/// Sends a request and a sound one after it; gives back everything that was answered.
async fn exchange(mut stream: impl Stream, request: &str, host: &str) -> String {
    let after = format!("GET /after HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let text = [request, &after].concat();
    let mut answers = Vec::new();
    let (mut read, mut write) = tokio::io::split(&mut stream);
    // Whoever is refused early may not get rid of the rest.
    let (_sent, ended) = tokio::join!(
        write.write_all(text.as_bytes()),
        timeout(Duration::from_secs(10), read.read_to_end(&mut answers))
    );
    assert!(ended.is_ok(), "the connection stayed open: {request:.200?}");
    String::from_utf8_lossy(&answers).into_owned()
}

fn judge(fate: Fate, request: &str, answers: &str, host: &str, recorder: &Recorder) {
    let seen = recorder.take();
    let told = format!("{request:?}\nanswered: {answers:?}\nbackend: {seen:?}");
    assert!(seen.doubts.is_empty(), "the backend had doubts: {told}");
    assert!(!seen.targets.iter().any(|target| target == "/smuggled"), "smuggled: {told}");
    assert!(!answers.contains("/smuggled"), "answered with another's: {told}");
    assert!(seen.hosts.iter().all(|seen| seen == host), "another host: {told}");
    let status = answers.split(' ').nth(1).unwrap_or_default();
    match fate {
        Refused => {
            assert!(matches!(status, "400" | "405" | "414" | "431"), "not refused: {told}");
            assert!(seen.targets.is_empty() && answers.matches("HTTP/1.1 ").count() == 1, "{told}");
        }
        Passed => {
            assert!(status == "200" && answers.contains("</a>"), "not passed: {told}");
            assert_eq!(seen.targets[0], "/a", "{told}");
            let after = seen.targets.len() == 2;
            assert!(
                !after || (seen.targets[1] == "/after" && answers.ends_with("</after>")),
                "{told}"
            );
        }
        Broken => {
            assert!(!status.starts_with('2'), "answered as if it were whole: {told}");
            assert!(seen.targets.is_empty(), "{told}");
        }
    }
}
