//! A running web app on a free port, stopped when it is dropped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

use crate::client::{Answer, Form, exchange};

/// A site, and what it still has to say.
pub(crate) struct Server {
    child: Child,
    /// Read as it comes: a site whose log nobody takes would stand still once the pipe is full.
    log: Option<JoinHandle<String>>,
    pub(crate) address: SocketAddr,
    strangers: AtomicU32,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_webapp"))
            .env_clear()
            .envs([("HOST", "127.0.0.1"), ("PORT", "0")])
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().parse();
        let address = address.unwrap_or_else(|_| panic!("no address in {line:?}"));
        let log = Some(std::thread::spawn(move || {
            let mut said = String::new();
            log.read_to_string(&mut said).unwrap();
            said
        }));
        Self { child, log, address, strangers: AtomicU32::new(0) }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        exchange(
            self.address,
            &format!("GET {path} HTTP/1.1\r\nhost: site\r\nconnection: close\r\n\r\n"),
            &[],
        )
    }

    pub(crate) fn post(&self, path: &str, form: &Form) -> Answer {
        self.post_with(path, form, "")
    }

    /// `headers` are whole lines.
    pub(crate) fn post_with(&self, path: &str, form: &Form, headers: &str) -> Answer {
        let (head, body) = upload(path, form, headers);
        exchange(self.address, &head, &body)
    }

    /// Asks the process to stop, and waits until it has.
    pub(crate) fn terminate(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// The address of somebody who was never here, for a site with a proxy in front.
    pub(crate) fn stranger(&self) -> String {
        std::net::Ipv4Addr::from(0x0a00_0001 + self.strangers.fetch_add(1, Ordering::Relaxed))
            .to_string()
    }

    /// An upload of whoever has that address, to a site with a proxy in front.
    pub(crate) fn post_as(&self, visitor: &str, path: &str, form: &Form) -> Answer {
        self.post_with(path, form, &format!("x-forwarded-for: {visitor}\r\n"))
    }

    /// The same, where nobody reads the answer.
    pub(crate) fn ask_as(&self, visitor: &str, path: &str, form: &Form) -> TcpStream {
        let (head, body) = upload(path, form, &format!("x-forwarded-for: {visitor}\r\n"));
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(&[head.into_bytes(), body].concat()).unwrap();
        stream
    }

    /// Whether the process that was started is still there.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends the process and returns all that it said since it began.
    pub(crate) fn stop(mut self) -> String {
        self.child.kill().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Head and body of a request.
fn upload(path: &str, form: &Form, headers: &str) -> (String, Vec<u8>) {
    let body = form.body();
    let (length, boundary) = (body.len(), Form::BOUNDARY);
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: site\r\nconnection: close\r\n{headers}\
         content-type: multipart/form-data; boundary={boundary}\r\ncontent-length: {length}\r\n\r\n"
    );
    (head, body)
}
