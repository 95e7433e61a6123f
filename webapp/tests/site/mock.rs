//! Mock API servers as their makers use them: over connections, with the process that a container runs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Answer, exchange};
use crate::server::Server;

/// A workspace of a running site.
struct Workspace<'s> {
    server: &'s Server,
    id: String,
    token: String,
}

impl<'s> Workspace<'s> {
    fn of(server: &'s Server) -> Self {
        let made = send(server, "POST /mock", "site", "", b"");
        assert_eq!(made.status, 201, "{made:?}");
        let told = made.json();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Self { server, id: text("id"), token: text("token") }
    }

    fn ask(&self, method: &str, path: &str) -> Answer {
        send(self.server, &format!("{method} /mock/at/{}{path}", self.id), "site", "", b"")
    }

    fn admin(&self, method: &str, path: &str, body: &Value) -> Answer {
        let what = format!("{method} /mock/at/{}/__admin{path}", self.id);
        let key = format!("authorization: Bearer {}\r\n", self.token);
        send(self.server, &what, "site", &key, body.to_string().as_bytes())
    }

    fn stub(&self, mapping: &Value) {
        let answer = self.admin("POST", "/mappings", mapping);
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Sends a request and returns all that comes back, or nothing if the connection was reset.
    fn raw(&self, path: &str) -> Option<Vec<u8>> {
        let mut stream = self.connect(path, "");
        let mut all = Vec::new();
        stream.read_to_end(&mut all).ok().map(|_| all)
    }

    fn connect(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let id = &self.id;
        let head = format!("GET /mock/at/{id}{path} HTTP/1.1\r\nhost: site\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    fn watch(&self) -> TcpStream {
        let key = format!("authorization: Bearer {}\r\n", self.token);
        let mut stream = self.connect("/__admin/live", &key);
        until(&mut stream, ": hello");
        stream
    }
}

/// `what` is method and target.
fn send(server: &Server, what: &str, host: &str, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head = format!(
        "{what} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    exchange(server.address, &head, body)
}

/// Reads until some words came.
fn until(stream: &mut TcpStream, words: &str) -> String {
    let (mut all, mut part) = (String::new(), [0; 4096]);
    while !all.contains(words) {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "the stream ended with {all:?}");
        all.push_str(std::str::from_utf8(&part[..read]).unwrap());
    }
    all
}

#[test]
fn one_request_makes_a_workspace_and_one_more_an_answer() {
    let server = Server::start();
    let workspace = Workspace::of(&server);
    assert_eq!(workspace.ask("GET", "/hello").status, 404);
    workspace.stub(
        &json!({"request": {"urlPath": "/hello"}, "response": {"status": 201, "body": "hi"}}),
    );
    let answer = workspace.ask("GET", "/hello?who=me");
    assert_eq!((answer.status, answer.text()), (201, "hi"));
}

#[test]
fn a_workspace_is_changed_only_by_who_has_its_token() {
    let server = Server::start();
    let (mine, other) = (Workspace::of(&server), Workspace::of(&server));
    let stub = br#"{"request": {"urlPath": "/a"}}"#;
    let try_with = |path: &str, headers: &str| {
        send(
            &server,
            &format!("POST /mock/at/{}{path}/__admin/mappings", mine.id),
            "site",
            headers,
            stub,
        )
        .status
    };
    assert_eq!(try_with("", ""), 401);
    assert_eq!(try_with("", &format!("authorization: Bearer {}\r\n", other.token)), 401);
    assert_eq!(try_with(&format!("/~{}", other.token), ""), 401);
    assert_eq!(try_with(&format!("/~{}", mine.token), ""), 201);
    assert_eq!(try_with("", &format!("authorization: bearer {}\r\n", mine.token)), 201);
    assert_eq!(other.ask("GET", "/a").status, 404, "workspaces know nothing of each other");
}

#[test]
fn a_workspace_may_have_a_host_of_its_own() {
    let server = Server::with(&[("MOCK_DOMAIN", "mock.test")]);
    let workspace = Workspace::of(&server);
    let cookie = json!({"request": {"urlPath": "/in"}, "response": {"headers": {"Set-Cookie": "a=1"}, "body": "in"}});
    workspace.stub(&cookie);
    let host = format!("{}.mock.test", workspace.id);
    let answer = send(&server, "GET /in", &host, "", b"");
    assert_eq!((answer.status, answer.text(), answer.header("set-cookie")), (200, "in", "a=1"));
    assert_eq!(answer.header("x-build"), "", "nothing of the site is added");
    assert_eq!(send(&server, "GET /in", "nobody.mock.test", "", b"").status, 404);
}

#[test]
fn a_page_of_a_mock_cannot_act_on_the_site() {
    let server = Server::start();
    let workspace = Workspace::of(&server);
    let headers = json!({"Content-Type": "text/html", "Set-Cookie": "a=1", "Clear-Site-Data": "\"*\"",
        "Content-Security-Policy": "script-src *", "Service-Worker-Allowed": "/"});
    let page = json!({"request": {"urlPath": "/page"}, "response": {"headers": headers, "body": "<script>alert(1)</script>"}});
    workspace.stub(&page);
    let answer = workspace.ask("GET", "/page");
    assert!(answer.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    for dropped in ["set-cookie", "clear-site-data", "service-worker-allowed"] {
        assert_eq!(answer.header(dropped), "", "{dropped}");
    }
}

#[test]
fn connections_break_in_the_four_ways_of_wiremock() {
    let server = Server::start();
    let workspace = Workspace::of(&server);
    for fault in [
        "EMPTY_RESPONSE",
        "MALFORMED_RESPONSE_CHUNK",
        "RANDOM_DATA_THEN_CLOSE",
        "CONNECTION_RESET_BY_PEER",
    ] {
        workspace.stub(
            &json!({"request": {"urlPath": format!("/{fault}")}, "response": {"fault": fault}}),
        );
    }
    assert_eq!(workspace.raw("/EMPTY_RESPONSE"), Some(Vec::new()));
    let malformed = workspace.raw("/MALFORMED_RESPONSE_CHUNK").unwrap();
    assert!(malformed.starts_with(b"HTTP/1.1 200 OK\r\n") && malformed.ends_with(b"sdlv"));
    assert!(!workspace.raw("/RANDOM_DATA_THEN_CLOSE").unwrap().starts_with(b"HTTP"));
    assert_eq!(workspace.raw("/CONNECTION_RESET_BY_PEER"), None);
    assert_eq!(workspace.ask("GET", "/EMPTY_RESPONS").status, 404, "the site itself goes on");
}

#[test]
fn an_answer_can_come_in_pieces() {
    let server = Server::start();
    let workspace = Workspace::of(&server);
    let dribble = json!({"numberOfChunks": 4, "totalDuration": 40});
    workspace.stub(&json!({"request": {"urlPath": "/slow"},
        "response": {"body": "abcdefgh", "chunkedDribbleDelay": dribble}}));
    let raw = String::from_utf8(workspace.raw_closed("/slow")).unwrap();
    assert!(raw.contains("2\r\nab\r\n2\r\ncd\r\n2\r\nef\r\n2\r\ngh\r\n0\r\n"), "{raw}");
}

impl Workspace<'_> {
    fn raw_closed(&self, path: &str) -> Vec<u8> {
        let mut all = Vec::new();
        self.connect(path, "connection: close\r\n").read_to_end(&mut all).unwrap();
        all
    }
}

#[test]
fn who_watches_sees_each_request_and_why_it_was_answered_so() {
    let server = Server::start();
    let workspace = Workspace::of(&server);
    workspace.stub(&json!({"name": "greeting", "request": {"urlPath": "/hello"}}));
    let mut stream = workspace.watch();
    workspace.ask("GET", "/hello");
    assert!(until(&mut stream, "}\n\n").contains(r#""status":200,"stub":"greeting""#));
    workspace.ask("DELETE", "/hello/again");
    assert!(
        until(&mut stream, "}\n\n")
            .contains(r#""why":"no stub accepts the request","matched":false"#)
    );
}

#[test]
fn who_watches_and_never_reads_costs_no_memory() {
    let server = Server::start();
    let workspace = Workspace::of(&server);
    let long = "x".repeat(400);
    let _never_read = workspace.watch();
    let burst = |count: usize| {
        let request = |more: &str| {
            let id = &workspace.id;
            format!("GET /mock/at/{id}/{long} HTTP/1.1\r\nhost: site\r\n{more}\r\n")
        };
        let (request, last) = (request(""), request("connection: close\r\n"));
        let mut stream = TcpStream::connect(server.address).unwrap();
        let mut writer = stream.try_clone().unwrap();
        let sent = std::thread::spawn(move || {
            (1..count).for_each(|_| writer.write_all(request.as_bytes()).unwrap());
            writer.write_all(last.as_bytes()).unwrap();
        });
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        sent.join().unwrap();
        assert_eq!(all.windows(12).filter(|twelve| *twelve == b"HTTP/1.1 404").count(), count);
    };
    // The journal is full after a thousand requests.
    burst(2_000);
    let before = resident(server.id());
    burst(20_000);
    let after = resident(server.id());
    assert!(after < before + 16_000, "{before} kB became {after} kB");
}

/// Kilobytes of memory that a process has.
fn resident(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Found by following the `Location` of a created item.
#[test]
fn what_an_answer_points_to_is_found_there() {
    let server = Server::with(&[]);
    let workspace = Workspace::of(&server);
    let data = json!({"posts": [{"id": 1}, {"id": 2}, {"id": 3}]});
    assert_eq!(workspace.admin("POST", "/paste", &data).status, 200);
    let key = "content-type: application/json\r\n";
    let target = format!("POST /mock/at/{}/posts", workspace.id);
    let made = send(&server, &target, "site", key, b"{}");
    let place = made.header("location").strip_prefix("http://site").unwrap();
    assert_eq!(send(&server, &format!("GET {place}"), "site", "", b"").json(), json!({"id": 4}));
    let page = workspace.ask("GET", "/posts?_page=1&_limit=2");
    let next = page.header("link").split('<').find(|link| link.contains("next")).unwrap();
    let place = next.split_once('>').unwrap().0.strip_prefix("http://site").unwrap();
    assert_eq!(send(&server, &format!("GET {place}"), "site", "", b"").json()[0]["id"], 3);
}

#[test]
fn workspaces_outlive_the_process_where_there_is_a_folder_for_them() {
    let folder = std::env::temp_dir().join(format!("mock-store-{}", std::process::id()));
    let settings = [("MOCK_STORE", folder.to_str().unwrap())];
    let server = Server::with(&settings);
    let Workspace { id, token, .. } = {
        let workspace = Workspace::of(&server);
        workspace.stub(&json!({"request": {"urlPath": "/kept"}, "response": {"body": "still"}}));
        workspace
    };
    server.terminate();
    let server = Server::with(&settings);
    let again = Workspace { server: &server, id, token };
    assert_eq!(again.ask("GET", "/kept").text(), "still");
    assert_eq!(again.admin("DELETE", "/workspace", &Value::Null).status, 204);
    // A round of writing that was under way removes what it wrote too late.
    let end = Instant::now() + Duration::from_secs(20);
    while std::fs::read_dir(&folder).unwrap().count() > 0 {
        assert!(Instant::now() < end, "the file stays");
        std::thread::yield_now();
    }
    std::fs::remove_dir_all(folder).unwrap();
}
