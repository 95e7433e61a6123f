use super::*;
use crate::random::Seeded;

fn workspace(mappings: &[&str]) -> Workspace {
    let mut workspace = Workspace::default();
    for mapping in mappings {
        workspace
            .put(
                &Json::parse(mapping.as_bytes()).unwrap(),
                &mut Seeded(1 + workspace.stubs.len() as u64),
            )
            .unwrap();
    }
    workspace
}

fn ask(workspace: &mut Workspace, method: &str, url: &str) -> Reply {
    workspace.answer(&Request::new(method, url), 0, &mut Seeded(9))
}

fn admin(workspace: &mut Workspace, method: &str, url: &str, body: &str) -> (u16, Json) {
    let reply = workspace.admin(&Request::new(method, url).with_body(body), 0, &mut Seeded(5));
    (reply.status, Json::parse(&reply.body).unwrap_or_default())
}

#[test]
fn a_stub_answers_with_its_status_headers_and_body() {
    let mut workspace = workspace(&[r#"{"name":"hello","request":{"method":"GET","url":"/a"},
            "response":{"status":201,"headers":{"X":["1","2"]},"body":"hi"}}"#]);
    let reply = ask(&mut workspace, "GET", "/a");
    assert_eq!(
        (reply.status, reply.body.as_slice(), reply.why.as_str()),
        (201, b"hi".as_slice(), "stub hello")
    );
    assert_eq!(reply.headers.iter().filter(|(name, _)| name == "X").count(), 2);
    assert_eq!(ask(&mut workspace, "POST", "/a").status, 404);
}

#[test]
fn a_scenario_goes_from_state_to_state_and_back_on_reset() {
    let step = |required: &str, next: &str, body: &str| {
        format!(
            r#"{{"scenarioName":"s","requiredScenarioState":"{required}","newScenarioState":"{next}",
            "request":{{"url":"/s"}},"response":{{"body":"{body}"}}}}"#
        )
    };
    let mut workspace = workspace(&[&step("Started", "two", "1"), &step("two", "Started", "2")]);
    let bodies: Vec<Vec<u8>> = (0..3).map(|_| ask(&mut workspace, "GET", "/s").body).collect();
    assert_eq!(bodies, [b"1", b"2", b"1"]);
    assert_eq!(
        admin(&mut workspace, "PUT", "/__admin/scenarios/s/state", r#"{"state":"two"}"#).0,
        200
    );
    assert_eq!(ask(&mut workspace, "GET", "/s").body, b"2");
    assert_eq!(
        admin(&mut workspace, "PUT", "/__admin/scenarios/s/state", r#"{"state":"nine"}"#).0,
        422
    );
}

#[test]
fn the_journal_can_be_searched_and_says_who_was_not_answered() {
    let mut workspace = workspace(&[r#"{"request":{"urlPath":"/a"}}"#]);
    ask(&mut workspace, "GET", "/a?x=1");
    ask(&mut workspace, "GET", "/b");
    let (_, count) =
        admin(&mut workspace, "POST", "/__admin/requests/count", r#"{"urlPath":"/a"}"#);
    assert_eq!(count.get("count"), Some(&1.into()));
    let (_, unmatched) = admin(&mut workspace, "GET", "/__admin/requests/unmatched", "");
    assert_eq!(unmatched.pointer("/requests/0/url"), Some(&"/b".into()));
    let (_, near) = admin(&mut workspace, "GET", "/__admin/near-misses/unmatched", "");
    assert_eq!(near.pointer("/nearMisses/0/matchResult/differences/0/field"), Some(&"url".into()));
}

#[test]
fn mappings_are_made_edited_listed_and_removed_over_the_api() {
    let mut workspace = Workspace::default();
    let (status, made) =
        admin(&mut workspace, "POST", "/__admin/mappings", r#"{"request":{"url":"/a"}}"#);
    let id = made.get("id").and_then(Json::as_str).unwrap().to_owned();
    assert_eq!(status, 201);
    let url = format!("/__admin/mappings/{id}");
    assert_eq!(admin(&mut workspace, "PUT", &url, r#"{"request":{"url":"/b"}}"#).0, 200);
    assert_eq!(
        admin(&mut workspace, "GET", &url, "").1.pointer("/request/url"),
        Some(&"/b".into())
    );
    assert_eq!(
        admin(&mut workspace, "GET", "/__admin/mappings", "").1.pointer("/meta/total"),
        Some(&1.into())
    );
    assert_eq!(admin(&mut workspace, "DELETE", &url, "").0, 200);
    assert_eq!(admin(&mut workspace, "GET", &url, "").0, 404);
    let (status, error) =
        admin(&mut workspace, "POST", "/__admin/mappings", r#"{"request":{"urlx":"/a"}}"#);
    assert_eq!(
        (status, error.pointer("/errors/0/source/pointer")),
        (422, Some(&"/request/urlx".into()))
    );
}

#[test]
fn a_workspace_that_was_exported_and_imported_answers_the_same() {
    let mut first = workspace(&[
        r#"{"request":{"url":"/a"},"response":{"body":"old"}}"#,
        r#"{"request":{"url":"/a"},"response":{"body":"new"}}"#,
    ]);
    first.crud = Crud::new(&Json::parse(br#"{"posts":[{"id":1}]}"#).unwrap()).unwrap();
    let mut second = Workspace::import(&first.export(), &mut Seeded(3)).unwrap();
    assert_eq!(ask(&mut first, "GET", "/a").body, b"new");
    assert_eq!(ask(&mut second, "GET", "/a").body, b"new");
    assert_eq!(ask(&mut second, "GET", "/posts/1").status, 200);
}

#[test]
fn a_body_above_the_limit_is_refused_with_the_limit() {
    let request = Request::new("POST", "/").with_body(vec![0; MAX_BODY + 1]);
    let reply = Workspace::default().answer(&request, 0, &mut Seeded(1));
    assert_eq!(reply.status, 413);
}

#[test]
fn a_pasted_file_is_taken_for_what_it_looks_like() {
    let mut workspace = Workspace::default();
    let mut random = Seeded(1);
    let mut paste = |url: &str, text: &str| {
        let reply = workspace.admin(&Request::new("POST", url).with_body(text), 0, &mut random);
        let told = Json::parse(&reply.body).unwrap();
        (reply.status, told.get("taken").map(Json::plain).unwrap_or_default())
    };
    let api = "openapi: 3.1.0\npaths:\n  /pets:\n    get:\n      responses:\n        '200': {description: ok}\n";
    let stub = r#"{"request":{"url":"/a"},"response":{"body":"hi"}}"#;
    let har = r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/h"},
        "response":{"status":200,"content":{"text":"recorded"}}}]}}"#;
    assert_eq!(paste("/__admin/paste", api), (200, "openapi".into()));
    assert_eq!(paste("/__admin/paste", stub), (200, "mappings".into()));
    assert_eq!(paste("/__admin/paste", &format!("[{stub}]")), (200, "mappings".into()));
    assert_eq!(paste("/__admin/paste", har), (200, "har".into()));
    assert_eq!(paste("/__admin/paste?name=toys", r#"[{"id":1}]"#), (200, "data".into()));
    assert_eq!(paste("/__admin/paste", r#"{"books":[{"id":7}]}"#), (200, "data".into()));
    assert_eq!(paste("/__admin/paste", "just words").0, 422);
    for path in ["/pets", "/a", "/h", "/toys/1", "/books/7"] {
        assert_eq!(ask(&mut workspace, "GET", path).status, 200, "{path}");
    }
}

#[test]
fn what_is_exported_can_be_pasted_elsewhere() {
    let mut from = workspace(&[r#"{"request":{"url":"/a"},"response":{"body":"hi"}}"#]);
    admin(&mut from, "PUT", "/__admin/data", r#"{"toys":[{"id":1}]}"#);
    let file = from.export().to_string();
    let mut to = Workspace::default();
    assert_eq!(admin(&mut to, "POST", "/__admin/paste", &file).0, 200);
    assert_eq!(to.export(), from.export());
}

#[test]
fn of_an_import_that_does_not_fit_nothing_stays() {
    let mut workspace = Workspace::default();
    let stubs: Vec<String> = (0..2_600)
        .map(|i| format!(r#"{{"request":{{"urlPath":"/{i}"}},"response":{{}}}}"#))
        .collect();
    let all = format!(r#"{{"mappings":[{}]}}"#, stubs.join(","));
    for place in ["/paste", "/mappings/import"] {
        assert_eq!(admin(&mut workspace, "POST", place, &all).0, 422, "{place}");
        assert_eq!(workspace.stubs.len(), 0, "{place}");
    }
}
