//! A backend that reads requests as the strictest reader would, and says what it could read in two ways.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::loopback;

/// What reached the backend.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Targets of requests, without those of health checks.
    pub(crate) targets: Vec<String>,
    /// Host of each of them.
    pub(crate) hosts: Vec<String>,
    /// What could be read in more than one way, or should not have come.
    pub(crate) doubts: Vec<String>,
}

/// Runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    _task: JoinSet<()>,
}

impl Recorder {
    pub(crate) async fn start() -> Self {
        let listener = loopback::listen(0).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = seen.clone();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, shared.clone()));
            }
        });
        Self { address, seen, _task: task }
    }

    /// What was seen since the last call.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn converse(mut stream: TcpStream, seen: Arc<Mutex<Seen>>) {
    let mut read = Vec::new();
    loop {
        match parse(&read) {
            Parsed::Request { target, host, length } => {
                read.drain(..length);
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n<{target}>",
                    target.len() + 2
                );
                if target != "/health" {
                    let mut seen = seen.lock().unwrap();
                    seen.targets.push(target);
                    seen.hosts.push(host);
                }
                stream.write_all(answer.as_bytes()).await.unwrap_or_default();
            }
            Parsed::Doubt(why) => {
                let text = String::from_utf8_lossy(&read).into_owned();
                return seen.lock().unwrap().doubts.push(format!("{why}: {text:?}"));
            }
            Parsed::Incomplete => {
                let mut buffer = [0; 16 * 1024];
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => return,
                    Ok(count) => read.extend_from_slice(&buffer[..count]),
                }
            }
        }
    }
}

enum Parsed {
    Incomplete,
    Request { target: String, host: String, length: usize },
    Doubt(&'static str),
}

fn parse(bytes: &[u8]) -> Parsed {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Parsed::Incomplete;
    };
    let Ok(head) = std::str::from_utf8(&bytes[..end]) else { return Parsed::Doubt("not a text") };
    let mut lines = head.split("\r\n");
    let first: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [_, target, "HTTP/1.1"] = first.as_slice() else { return Parsed::Doubt("first line") };
    let (mut hosts, mut lengths, mut codings) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        if line.contains(['\n', '\r', '\0']) || line.starts_with([' ', '\t']) {
            return Parsed::Doubt("a line with a break, a NUL or a fold");
        }
        let Some((name, value)) = line.split_once(':') else { return Parsed::Doubt("no header") };
        let value = value.trim().to_owned();
        match name.to_ascii_lowercase().as_str() {
            name if name.contains([' ', '\t']) => return Parsed::Doubt("a blank in a name"),
            "host" => hosts.push(value),
            "content-length" => lengths.push(value),
            "transfer-encoding" => codings.push(value),
            "upgrade" | "http2-settings" if value.starts_with("h2") => return Parsed::Doubt("h2c"),
            _ => {}
        }
    }
    let [host] = hosts.as_slice() else { return Parsed::Doubt("not one Host") };
    let body = &bytes[end + 4..];
    let length = match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Some(0),
        ([length], []) => match length.parse::<usize>() {
            Ok(length) => Some(length).filter(|length| *length <= body.len()),
            Err(_) => return Parsed::Doubt("a length that is none"),
        },
        ([], [coding]) if coding == "chunked" => match chunks(body) {
            Ok(length) => length,
            Err(why) => return Parsed::Doubt(why),
        },
        _ => return Parsed::Doubt("more than one length"),
    };
    let (target, host) = ((*target).to_owned(), host.clone());
    let whole = length.map(|length| end + 4 + length);
    whole.map_or(Parsed::Incomplete, |length| Parsed::Request { target, host, length })
}

/// Bytes of a chunked body; none as long as it goes on.
fn chunks(body: &[u8]) -> Result<Option<usize>, &'static str> {
    let mut at = 0;
    loop {
        let rest = &body[at..];
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&rest[..line]).map_err(|_| "a chunk's size")?;
        if !size.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("a chunk's size");
        }
        let size = usize::from_str_radix(size, 16).map_err(|_| "a chunk's size")?;
        let end = line + 2 + size;
        match rest.get(end..end + 2) {
            None => return Ok(None),
            Some(b"\r\n") if size == 0 => return Ok(Some(at + end + 2)),
            Some(b"\r\n") => at += end + 2,
            Some(_) => return Err("the end of a chunk, or trailers"),
        }
    }
}
