//! `__admin/requests`: the journal.

use super::{Answer, Workspace, body, done, not_found, page};
use crate::fields::Field;
use crate::journal::Served;
use crate::json::{Json, Object, object};
use crate::pattern::{Subject, read};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::Request;
use crate::stub::asks::RequestPattern;

pub(super) fn answer(workspace: &mut Workspace, request: &Request, steps: &[&str]) -> Answer {
    match (request.method.as_str(), steps) {
        ("GET", []) => Ok(list(workspace, request)),
        ("DELETE", []) | ("POST", ["reset"]) => {
            workspace.journal.take(|_| true);
            Ok(done())
        }
        ("GET", ["unmatched"]) => {
            let unmatched = workspace.journal.newest_first().filter(|served| served.stub.is_none());
            Ok(found("requests", unmatched.map(Served::request_json).collect()))
        }
        ("POST", ["count"]) => {
            let pattern = pattern(&body(request)?)?;
            let count = workspace.journal.matching(&pattern).count();
            Ok(Reply::json(
                200,
                &object([("count", count.into()), ("requestJournalDisabled", false.into())]),
            ))
        }
        ("POST", ["find"]) => {
            let pattern = pattern(&body(request)?)?;
            Ok(found(
                "requests",
                workspace.journal.matching(&pattern).map(Served::request_json).collect(),
            ))
        }
        ("POST", ["remove"]) => {
            let pattern = pattern(&body(request)?)?;
            Ok(removed(&workspace.journal.take(|served| accepts(&pattern, served))))
        }
        ("POST", ["remove-by-metadata"]) => {
            let json = body(request)?;
            let pattern = read::pattern(&Field::root(&json))?;
            Ok(removed(&workspace.journal.take(|served| has_metadata(&pattern, served))))
        }
        ("GET", [id]) => {
            let served = workspace.journal.get(id);
            Ok(served.map_or_else(not_found, |served| Reply::json(200, &served.to_json())))
        }
        ("DELETE", [id]) => {
            let gone = workspace.journal.take(|served| served.id == *id);
            Ok(if gone.is_empty() { not_found() } else { done() })
        }
        _ => Ok(not_found()),
    }
}

fn accepts(pattern: &RequestPattern, served: &Served) -> bool {
    pattern.accepts(&crate::stub::asks::Seen::new(&served.request, served.at))
}

fn has_metadata(pattern: &crate::pattern::Pattern, served: &Served) -> bool {
    let metadata = served.stub.as_ref().and_then(|stub| stub.source.get("metadata"));
    metadata.is_some_and(|metadata| {
        let text = metadata.to_string();
        pattern.accepts(&Subject {
            bytes: Some(text.as_bytes()),
            text: Some(&text),
            json: Some(metadata),
            now: 0,
        })
    })
}

/// Reads a request pattern; an empty body is every request.
pub(super) fn pattern(json: &Json) -> Result<RequestPattern, Refusal> {
    RequestPattern::read(&Field::root(json))
}

fn list(workspace: &Workspace, request: &Request) -> Reply {
    let unmatched = request.query_values("unmatched").first().is_some_and(|value| value != "false");
    let stub = request.query_values("matchingStub").into_iter().next();
    let wanted = |served: &&Served| {
        (!unmatched || served.stub.is_none())
            && stub
                .as_ref()
                .is_none_or(|id| served.stub.as_ref().is_some_and(|stub| stub.id == *id))
    };
    let total = workspace.journal.newest_first().filter(wanted).count();
    let shown = page(request, workspace.journal.newest_first().filter(wanted));
    Reply::json(
        200,
        &object([
            ("requests", Json::Array(shown.into_iter().map(Served::to_json).collect())),
            ("meta", object([("total", total.into())])),
            ("requestJournalDisabled", false.into()),
        ]),
    )
}

fn found(name: &str, requests: Vec<Json>) -> Reply {
    Reply::json(
        200,
        &object([(name, Json::Array(requests)), ("requestJournalDisabled", false.into())]),
    )
}

fn removed(gone: &[Served]) -> Reply {
    let events = gone.iter().map(Served::to_json).collect();
    let mut fields = Object::new();
    fields.insert("serveEvents".into(), Json::Array(events));
    Reply::json(200, &Json::Object(fields))
}
