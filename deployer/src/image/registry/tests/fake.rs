//! A registry that fails on demand: a few lines of HTTP/1.1 on a loopback port, one request per
//! connection. What a real registry does is tested against docker-registry.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::super::{Digest, Repository};

/// What goes wrong with the next request of a method.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::image) enum Fault {
    /// The connection closes before anything was done.
    Drop,
    /// All is done, and the connection closes before it is said.
    DoThenDrop,
    /// Nothing is done, and this is answered.
    Status(&'static str),
}

#[derive(Default)]
pub(in crate::image) struct World {
    pub(in crate::image) blobs: BTreeSet<String>,
    pub(in crate::image) manifests: BTreeMap<String, String>,
    pub(in crate::image) sessions: Vec<Vec<u8>>,
    /// `METHOD path-after-the-repository`, in order.
    pub(in crate::image) journal: Vec<String>,
    pub(in crate::image) faults: Vec<(&'static str, Fault)>,
    /// The Basic credentials the token service takes; without, no login is asked for.
    pub(in crate::image) login: Option<String>,
    pub(in crate::image) lies_about_tags: bool,
}

pub(in crate::image) struct Fake {
    pub(in crate::image) world: Arc<Mutex<World>>,
    pub(in crate::image) repository: Repository,
    server: JoinHandle<()>,
}

impl Fake {
    pub(in crate::image) async fn start(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let registry = listener.local_addr().unwrap().to_string();
        let world = Arc::new(Mutex::new(world));
        let (shared, host) = (world.clone(), registry.clone());
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone(), host.clone()));
            }
        });
        let repository = Repository { registry, path: "ns/site".to_owned(), plain_http: true };
        Self { world, repository, server }
    }

    pub(in crate::image) fn journal(&self) -> Vec<String> {
        self.world.lock().unwrap().journal.clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(in crate::image) struct Request {
    pub(in crate::image) method: String,
    pub(in crate::image) path: String,
    authorization: String,
    body: Vec<u8>,
}

async fn serve(stream: TcpStream, world: Arc<Mutex<World>>, host: String) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let request = read(&mut stream).await?;
    let answer = world.lock().unwrap().answer(&request, &host)?;
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

pub(in crate::image) async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Request> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => value.clone_into(&mut authorization),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { method, path, authorization, body })
}

impl World {
    fn answer(&mut self, request: &Request, host: &str) -> Option<String> {
        let rest = request.path.strip_prefix("/v2/ns/site/").unwrap_or(&request.path);
        self.journal.push(format!("{} {}", request.method, rest.split(['?', ':']).next()?));
        let at = self.faults.iter().position(|(method, _)| *method == request.method);
        let fault = at.map(|at| self.faults.remove(at).1);
        match fault {
            Some(Fault::Drop) => return None,
            Some(Fault::Status(status)) => return Some(reply(status, "", "sorry\n")),
            Some(Fault::DoThenDrop) | None => {}
        }
        let answer = match &self.login {
            Some(login) if rest.starts_with("/token") => match *login == request.authorization {
                true => reply("200 OK", "", r#"{"token":"letmein","access_token":"letmein"}"#),
                false => {
                    let body = r#"{"errors":[{"code":"DENIED","message":"no password-1 here"}]}"#;
                    reply("403 Forbidden", "", body)
                }
            },
            Some(_) if request.authorization != "Bearer letmein" => {
                let realm = format!("Bearer realm=\"http://{host}/token\",service=\"fake\"");
                reply("401 Unauthorized", &format!("www-authenticate: {realm}\r\n"), "")
            }
            _ => self.act(request, rest),
        };
        (fault != Some(Fault::DoThenDrop)).then_some(answer)
    }

    fn act(&mut self, request: &Request, rest: &str) -> String {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (place, name) = path.rsplit_once('/').unwrap_or_default();
        let session = name.parse::<usize>().ok().filter(|at| *at < self.sessions.len());
        match (request.method.as_str(), place, session) {
            ("HEAD", "blobs", _) if self.blobs.contains(name) => reply("200 OK", "", ""),
            ("HEAD", "manifests", _) if self.manifests.contains_key(name) => {
                let digest = &self.manifests[name];
                reply("200 OK", &format!("docker-content-digest: {digest}\r\n"), "")
            }
            ("GET", "manifests", _) if self.manifests.contains_key(name) => {
                reply("200 OK", "", r#"{"layers":[{"size":7}]}"#)
            }
            ("POST", "blobs/uploads", _) => {
                self.sessions.push(Vec::new());
                self.moved("202 Accepted", self.sessions.len() - 1)
            }
            ("PATCH", "uploads", Some(at)) => {
                self.sessions[at].extend(&request.body);
                self.moved("202 Accepted", at)
            }
            ("PUT", "uploads", Some(at)) => {
                self.sessions[at].extend(&request.body);
                let digest = Digest::of(&self.sessions[at]).to_string();
                let told = query.replace("%3A", ":").replace("digest=", "");
                if digest != told {
                    return reply("400 Bad Request", "", "digest");
                }
                self.blobs.insert(digest);
                self.moved("201 Created", at)
            }
            ("PUT", "manifests", _) => {
                let content = if self.lies_about_tags { &b"other"[..] } else { &request.body };
                self.manifests.insert(name.to_owned(), Digest::of(content).to_string());
                reply("201 Created", "", "")
            }
            _ => reply("404 Not Found", "", ""),
        }
    }

    fn moved(&self, status: &str, session: usize) -> String {
        reply(status, &format!("location: /v2/ns/site/uploads/{session}\r\n"), "")
    }
}

pub(in crate::image) fn reply(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
