//! A running web app on a free port, stopped when it is dropped.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::client::{Answer, Form, exchange};

/// A site, and what it still has to say.
pub(crate) struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    pub(crate) address: SocketAddr,
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
        Self { child, log, address }
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
        let body = form.body();
        let (length, boundary) = (body.len(), Form::BOUNDARY);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: site\r\nconnection: close\r\n{headers}\
             content-type: multipart/form-data; boundary={boundary}\r\ncontent-length: {length}\r\n\r\n"
        );
        exchange(self.address, &head, &body)
    }

    /// Asks the process to stop, and waits until it has.
    pub(crate) fn terminate(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// Ends the process and returns all that it said since it began.
    pub(crate) fn stop(mut self) -> String {
        self.child.kill().unwrap();
        let mut said = String::new();
        self.log.read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
