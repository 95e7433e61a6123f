//! Serves one workspace on a loopback port, just enough to be compared with WireMock.
//!
//! `cargo run -p mock --example serve -- 18081`

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mock::stub::response::Fault;
use mock::workspace::admin::PREFIX;
use mock::{Reply, Request, Seeded, Workspace};

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(18_081_u16);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let shared = Arc::new(Mutex::new((Workspace::default(), Seeded(1))));
    for stream in listener.incoming() {
        let shared = Arc::clone(&shared);
        let stream = stream?;
        std::thread::spawn(move || while serve(&stream, port, &shared).is_some() {});
    }
    Ok(())
}

fn serve(mut stream: &TcpStream, port: u16, shared: &Mutex<(Workspace, Seeded)>) -> Option<()> {
    let request = read(&mut BufReader::new(stream), port)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let now = i64::try_from(now.as_millis()).ok()?;
    let reply = {
        let mut guard = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (workspace, random) = &mut *guard;
        if request.url.starts_with(PREFIX) {
            workspace.admin(&request, now, random)
        } else {
            workspace.answer(&request, now, random)
        }
    };
    std::thread::sleep(Duration::from_millis(reply.delay.before));
    match reply.fault {
        None => stream.write_all(&written(&reply)).ok(),
        Some(Fault::EmptyResponse) => None,
        Some(Fault::MalformedResponseChunk) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlskdu018973t09sylgasjkfg1][]'./.sdlv").ok()?;
            None
        }
        Some(Fault::RandomDataThenClose) => {
            stream.write_all(b"lskdu018973t09sylgasjkfg1][]'./.sdlv").ok()?;
            None
        }
        // Without SO_LINGER in std, closing with unread input is what resets the connection.
        Some(Fault::ConnectionResetByPeer) => None,
    }
}

fn read(reader: &mut BufReader<&TcpStream>, port: u16) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let mut request = Request::new(words.next()?, words.next()?);
    request.port = port;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if let Some(host) = request.header("host") {
        request.host = host.split(':').next()?.to_owned();
    }
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}

fn written(reply: &Reply) -> Vec<u8> {
    let message = reply.message.as_deref().unwrap_or("OK");
    let mut out = format!("HTTP/1.1 {} {message}\r\n", reply.status);
    for (name, value) in &reply.headers {
        out.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    out.push_str(&["Content-Length: ", &reply.body.len().to_string(), "\r\n\r\n"].concat());
    let mut out = out.into_bytes();
    out.extend_from_slice(&reply.body);
    out
}
