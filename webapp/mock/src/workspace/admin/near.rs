//! `__admin/near-misses`.

use super::{Answer, Workspace, body, not_found, requests};
use crate::json::{Json, Object, object};
use crate::near_miss::{Verdict, judge, nearest};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::{Request, decode_base64};
use crate::stub::asks::Seen;

pub(super) fn answer(workspace: &Workspace, request: &Request, steps: &[&str], now: i64) -> Answer {
    match (request.method.as_str(), steps) {
        ("POST", ["request"]) => {
            let asked = asked(&body(request)?)?;
            Ok(shown(for_request(workspace, &asked, now)))
        }
        ("POST", ["request-pattern"]) => for_pattern(workspace, &body(request)?),
        ("GET" | "POST", ["unmatched"]) => {
            let unmatched =
                workspace.journal.newest_first().filter(|served| served.stub.is_none()).take(20);
            Ok(shown(
                unmatched
                    .flat_map(|served| for_request(workspace, &served.request, served.at))
                    .collect(),
            ))
        }
        _ => Ok(not_found()),
    }
}

fn shown(near_misses: Vec<Json>) -> Reply {
    Reply::json(200, &object([("nearMisses", Json::Array(near_misses))]))
}

fn for_request(workspace: &Workspace, request: &Request, at: i64) -> Vec<Json> {
    let closest = workspace.closest_stubs(&Seen::new(request, at));
    closest
        .into_iter()
        .map(|(verdict, stub)| entry(request, ("stubMapping", stub.source.clone()), &verdict))
        .collect()
}

fn for_pattern(workspace: &Workspace, json: &Json) -> Answer {
    let pattern = requests::pattern(json)?;
    let judged = workspace
        .journal
        .newest_first()
        .map(|served| (judge(&pattern, json, &Seen::new(&served.request, served.at)), served));
    let entries = nearest(judged).into_iter();
    Ok(shown(
        entries
            .map(|(verdict, served)| {
                entry(&served.request, ("requestPattern", json.clone()), &verdict)
            })
            .collect(),
    ))
}

fn entry(request: &Request, (name, pattern): (&str, Json), verdict: &Verdict) -> Json {
    object([("request", request.to_json()), (name, pattern), ("matchResult", verdict.to_json())])
}

/// A request as the journal shows it.
fn asked(json: &Json) -> Result<Request, Refusal> {
    let text = |name: &str| json.get(name).and_then(Json::as_str);
    let url = text("url").ok_or_else(|| Refusal::new("/url", "expected path and query"))?;
    let mut request = Request::new(text("method").unwrap_or("GET"), url);
    let nothing = Object::new();
    for (name, value) in json.get("headers").and_then(Json::as_object).unwrap_or(&nothing) {
        let values = value
            .as_array()
            .map_or_else(|| vec![value.plain()], |all| all.iter().map(Json::plain).collect());
        request.headers.extend(values.into_iter().map(|value| (name.clone(), value)));
    }
    let binary = text("bodyAsBase64").and_then(decode_base64);
    request.body =
        binary.or_else(|| text("body").map(|body| body.as_bytes().to_vec())).unwrap_or_default();
    Ok(request)
}
