//! The end of a process, over real sockets: what is in flight is finished, but not waited for without end.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::site;
use crate::serve::{Drained, serve};

/// A server with one request of which the last byte is still missing.
struct Unfinished {
    client: TcpStream,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<Drained>>,
}

async fn unfinished(grace: Duration) -> Unfinished {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let asked = async move {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(serve(listener, site(), asked, grace));
    let mut client = TcpStream::connect(address).await.unwrap();
    // The answer to the expectation proves that the request has reached its handler.
    let head =
        "POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    let mut expected = [0; 25];
    client.read_exact(&mut expected).await.unwrap();
    assert_eq!(&expected, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"hell").await.unwrap();
    Unfinished { client, stop, serving }
}

#[tokio::test]
async fn a_request_in_flight_is_finished_before_the_end() {
    let Unfinished { mut client, stop, serving } = unfinished(Duration::from_secs(10)).await;
    stop.send(()).unwrap();
    client.write_all(b"o").await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains(r#""text":"hello""#), "{answer}");
    assert_eq!(serving.await.unwrap().unwrap(), Drained::Fully);
}

#[tokio::test]
async fn a_request_that_never_ends_is_abandoned_after_the_grace() {
    let Unfinished { client, stop, serving } = unfinished(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    assert_eq!(serving.await.unwrap().unwrap(), Drained::Abandoned);
    drop(client);
}

#[tokio::test]
async fn an_idle_connection_does_not_delay_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let asked = async move {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(serve(listener, site(), asked, Duration::from_secs(10)));
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /health-check HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut some = [0; 16];
    client.read_exact(&mut some).await.unwrap();
    stop.send(()).unwrap();
    assert_eq!(serving.await.unwrap().unwrap(), Drained::Fully);
}

/// What a visitor gets who says `words`, one after each `pause`: how many answers, and the end after how many seconds.
async fn talk(words: &[&str], pause: Duration) -> (usize, u64) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let grace = Duration::from_secs(1);
    let serving = tokio::spawn(serve(listener, site(), std::future::pending(), grace));
    let (mut heard, mut said) = TcpStream::connect(address).await.unwrap().into_split();
    let begun = tokio::time::Instant::now();
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    let saying = tokio::spawn(async move {
        for word in words {
            let _ = said.write_all(word.as_bytes()).await;
            tokio::time::sleep(pause).await;
        }
        std::future::pending::<()>().await;
    });
    let mut answers = Vec::new();
    let _ = heard.read_to_end(&mut answers).await;
    saying.abort();
    serving.abort();
    let answers = String::from_utf8(answers).unwrap();
    (answers.matches("HTTP/1.1 200 OK").count(), begun.elapsed().as_secs())
}

const WHOLE: &str = "GET /health-check HTTP/1.1\r\nhost: x\r\n\r\n";
const BEGUN: &str = "GET /health-check HTTP/1.1\r\n";

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_waited_for_longer_than_a_load_balancer_waits() {
    assert_eq!(talk(&[], Duration::ZERO).await, (0, 75));
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_listened_to_for_ten_seconds_however_it_drips() {
    assert_eq!(talk(&[BEGUN], Duration::ZERO).await, (0, 10));
    let drops = [&[BEGUN][..], &["x: y\r\n"; 30]].concat();
    assert_eq!(talk(&drops, Duration::from_secs(1)).await, (0, 10));
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_rest_for_a_minute_before_each_request() {
    let minute = Duration::from_secs(60);
    assert_eq!(talk(&[WHOLE, WHOLE, BEGUN], minute).await, (2, 2 * 60 + 10));
}
