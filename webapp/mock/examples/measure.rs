//! Prints how long a request takes that the last of 2,000 stubs answers, journal included.

use std::time::Instant;

use mock::stubs::Stubs;
use mock::{Json, Request, Seeded, Workspace};

const ROUNDS: u32 = 100_000;

fn main() {
    let mut workspace = Workspace { stubs: Stubs::with_limit(2_000), ..Workspace::default() };
    let mut random = Seeded(1);
    for n in 0..2_000 {
        let url = match n % 4 {
            0 => format!(r#""url":"/exact/{n}?a=1""#),
            1 => format!(r#""urlPath":"/path/{n}""#),
            2 => format!(r#""urlPathTemplate":"/template{n}/{{id}}/x""#),
            _ => format!(r#""urlPathPattern":"/regex{n}/[a-z]+/[0-9]+""#),
        };
        let text =
            format!(r#"{{"request":{{"method":"GET",{url}}},"response":{{"body":"hello"}}}}"#);
        let json = Json::parse(text.as_bytes()).expect("it is JSON");
        workspace.put(&json, &mut random).expect("it is a stub");
    }
    for url in ["/exact/0?a=1", "/path/1", "/template2/7/x", "/regex1999/abc/42", "/nowhere"] {
        let request = Request::new("GET", url)
            .with_header("Accept", "*/*")
            .with_header("User-Agent", "measure");
        let status = workspace.answer(&request, 0, &mut random).status;
        let rounds = if status == 404 { 10 } else { ROUNDS };
        let start = Instant::now();
        for _ in 0..rounds {
            let reply = workspace.answer(&request, 0, &mut random);
            assert_eq!(reply.status, status);
        }
        let each = start.elapsed() / rounds;
        let line = format!("{url}: {status} in {} ns\n", each.as_nanos());
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).expect("stdout is open");
    }
}
