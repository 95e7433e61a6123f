//! `__admin/{paste,export,openapi,data}`, which WireMock does not have: whole files in and out.

use super::{Answer, Workspace, body, done, mappings, not_found};
use crate::crud::Crud;
use crate::har;
use crate::json::{Json, Object, object};
use crate::openapi::OpenApi;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::Request;

/// What a pasted file can be, for whoever pasted something else.
const UNDERSTOOD: &str = "expected a stub or stubs of WireMock's, an OpenAPI document (JSON or YAML), a HAR recording, \
    an array of objects, or an object of such arrays";

pub(super) fn answer(
    workspace: &mut Workspace,
    request: &Request,
    step: &str,
    random: &mut dyn Random,
) -> Answer {
    match (request.method.as_str(), step) {
        ("POST", "paste") => paste(workspace, request, random),
        ("GET", "export") => Ok(Reply::json(200, &workspace.export())),
        ("PUT", "export") => {
            let read = Workspace::import(&body(request)?, random)?;
            replace(workspace, read);
            Ok(done())
        }
        ("GET", "openapi") => {
            let document = workspace.openapi.as_ref().map(OpenApi::to_json);
            Ok(document.map_or_else(not_found, |document| Reply::json(200, document)))
        }
        ("DELETE", "openapi") => {
            workspace.openapi = None;
            Ok(done())
        }
        ("GET", "data") => Ok(Reply::json(200, &workspace.crud.to_json())),
        ("PUT", "data") => {
            workspace.crud = Crud::new(&body(request)?)?;
            Ok(done())
        }
        ("DELETE", "data") => {
            workspace.crud = Crud::default();
            Ok(done())
        }
        _ => Ok(not_found()),
    }
}

/// Takes a file for what it looks like; nothing is half taken.
fn paste(workspace: &mut Workspace, request: &Request, random: &mut dyn Random) -> Answer {
    let json = read(&request.text())?;
    match &json {
        Json::Object(fields) if fields.contains_key("mappings") && fields.contains_key("crud") => {
            let read = Workspace::import(&json, random)?;
            replace(workspace, read);
            Ok(taken("workspace", workspace.stubs.len()))
        }
        Json::Object(fields)
            if fields.contains_key("openapi") || fields.contains_key("swagger") =>
        {
            let api = OpenApi::new(json)?;
            let operations = api.operations();
            workspace.openapi = Some(api);
            Ok(taken("openapi", operations))
        }
        Json::Object(_) if json.pointer("/log/entries").is_some() => {
            stubs(workspace, har::mappings(&json)?, "har", random)
        }
        Json::Object(fields) if fields.contains_key("mappings") => {
            let list = json.get("mappings").and_then(Json::as_array).unwrap_or_default();
            stubs(workspace, list.to_vec(), "mappings", random)
        }
        Json::Object(_) if is_stub(&json) => stubs(workspace, vec![json], "mappings", random),
        Json::Array(list) if !list.is_empty() && list.iter().all(is_stub) => {
            stubs(workspace, list.clone(), "mappings", random)
        }
        Json::Array(_) => {
            let name = request.query_values("name").into_iter().next();
            let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "items".into());
            resources(workspace, [(name, json)].into_iter().collect())
        }
        Json::Object(fields) => resources(workspace, fields.clone()),
        _ => Err(Refusal::new("", UNDERSTOOD)),
    }
}

/// JSON, or the YAML that OpenAPI documents are written in.
fn read(text: &str) -> Result<Json, Refusal> {
    let read = if text.trim_start().starts_with(['{', '[']) {
        Json::parse(text.as_bytes())
    } else {
        crate::yaml::parse(text)
    };
    read.map_err(|why| Refusal::new("", format!("neither JSON nor YAML: {why}")))
}

fn is_stub(json: &Json) -> bool {
    json.get("request").is_some_and(|request| request.as_object().is_some())
        && json.as_object().is_some_and(|fields| !fields.contains_key("log"))
}

fn stubs(
    workspace: &mut Workspace,
    list: Vec<Json>,
    kind: &str,
    random: &mut dyn Random,
) -> Answer {
    let count = list.len();
    mappings::take_all(workspace, &object([("mappings", Json::Array(list))]), random)?;
    Ok(taken(kind, count))
}

/// Adds to the data that is there; a name that is there already is replaced.
fn resources(workspace: &mut Workspace, new: Object) -> Answer {
    let count = new.len();
    let mut all = workspace.crud.to_json();
    let fields = all.as_object_mut().expect("data is an object of resources");
    fields.extend(new);
    let crud = Crud::new(&all).map_err(|refusal| match refusal.at.as_str() {
        "" => refusal,
        at => Refusal::new(at, format!("{}; {UNDERSTOOD}", refusal.why)),
    })?;
    workspace.crud = crud;
    Ok(taken("data", count))
}

/// Everything but the journal, which tells what was and not what is.
fn replace(workspace: &mut Workspace, read: Workspace) {
    let journal = std::mem::take(&mut workspace.journal);
    *workspace = Workspace { journal, ..read };
}

fn taken(kind: &str, count: usize) -> Reply {
    Reply::json(200, &object([("taken", kind.into()), ("count", count.into())]))
}
