//! `__admin/mappings`.

use super::{Answer, Workspace, body, done, not_found, page, with_total};
use crate::fields::Field;
use crate::json::{Json, Object};
use crate::pattern::Subject;
use crate::pattern::read;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::Request;
use crate::stub::Stub;
use crate::stub::asks::Seen;

pub(super) fn answer(
    workspace: &mut Workspace,
    request: &Request,
    steps: &[&str],
    random: &mut dyn Random,
) -> Answer {
    match (request.method.as_str(), steps) {
        ("GET", []) => Ok(list(workspace, request)),
        ("POST", []) => {
            let stub = workspace.put(&body(request)?, random)?;
            Ok(Reply::json(201, &stub.source))
        }
        ("DELETE", []) | ("POST", ["reset"]) => {
            workspace.stubs.clear();
            workspace.scenarios.reset();
            Ok(done())
        }
        ("POST", ["save"]) => Ok(done()),
        ("POST", ["import"]) => import(workspace, request, random),
        ("POST", ["find-by-metadata"]) => {
            let found = by_metadata(workspace, request)?;
            let count = found.len();
            Ok(with_total(
                "mappings",
                found.iter().map(|stub| stub.source.clone()).collect(),
                count,
            ))
        }
        ("POST", ["remove-by-metadata"]) => {
            for stub in by_metadata(workspace, request)? {
                workspace.stubs.remove(&stub.id);
            }
            Ok(done())
        }
        ("POST", ["remove"]) => remove_same(workspace, request),
        ("GET", ["unmatched"]) => Ok(unmatched(workspace, request)),
        ("GET", [id]) => Ok(workspace
            .stubs
            .get(id)
            .map_or_else(not_found, |stub| Reply::json(200, &stub.source))),
        ("PUT", [id]) => edit(workspace, request, id, random),
        ("DELETE", [id]) => Ok(workspace.stubs.remove(id).map_or_else(not_found, |_| done())),
        _ => Ok(not_found()),
    }
}

fn list(workspace: &Workspace, request: &Request) -> Reply {
    let all = workspace.stubs.newest_first().into_iter().map(|stub| stub.source.clone());
    with_total("mappings", page(request, all), workspace.stubs.len())
}

fn edit(workspace: &mut Workspace, request: &Request, id: &str, random: &mut dyn Random) -> Answer {
    if workspace.stubs.get(id).is_none() {
        return Ok(not_found());
    }
    let mut json = body(request)?;
    if let Some(fields) = json.as_object_mut() {
        fields.insert("id".into(), id.into());
        fields.shift_remove("uuid");
    }
    Ok(Reply::json(200, &workspace.put(&json, random)?.source))
}

fn import(workspace: &mut Workspace, request: &Request, random: &mut dyn Random) -> Answer {
    take_all(workspace, &body(request)?, random)
}

/// Takes a file of stubs with WireMock's import options; all are read before the first is taken.
pub(super) fn take_all(workspace: &mut Workspace, json: &Json, random: &mut dyn Random) -> Answer {
    let root = Field::root(json);
    let mut fields = root.fields()?;
    let mappings = fields
        .take("mappings")
        .ok_or_else(|| Refusal::new("/mappings", "expected an array of mappings"))?;
    let (mut keep, mut replace_all) = (false, false);
    if let Some(options) = fields.take("importOptions") {
        let mut options = options.fields()?;
        keep = options.text("duplicatePolicy")?.as_deref() == Some("IGNORE");
        replace_all = options.flag("deleteAllNotInImport")?;
        options.finish()?;
    }
    fields.take("meta");
    fields.finish()?;
    let read = |item: &Field<'_>, random: &mut dyn Random| {
        workspace.read(item.value, random).map_err(|refusal| refusal.below(&item.at))
    };
    let stubs: Vec<Stub> =
        mappings.items()?.iter().map(|item| read(item, random)).collect::<Result<_, _>>()?;
    // Nothing is half taken: a quota may be passed in the middle.
    let before = workspace.stubs.clone();
    if replace_all {
        let goes = |id: &String| !stubs.iter().any(|stub| stub.id == *id);
        let ids: Vec<String> = workspace
            .stubs
            .newest_first()
            .iter()
            .map(|stub| stub.id.clone())
            .filter(goes)
            .collect();
        ids.iter().for_each(|id| drop(workspace.stubs.remove(id)));
    }
    for stub in stubs {
        if !(keep && workspace.stubs.get(&stub.id).is_some())
            && let Err(refusal) = workspace.stubs.put(stub)
        {
            workspace.stubs = before;
            return Err(refusal);
        }
    }
    Ok(done())
}

fn by_metadata(
    workspace: &Workspace,
    request: &Request,
) -> Result<Vec<std::sync::Arc<Stub>>, Refusal> {
    let json = body(request)?;
    let pattern = read::pattern(&Field::root(&json))?;
    let nothing = Json::Object(Object::new());
    let accepts = |stub: &&std::sync::Arc<Stub>| {
        let metadata = stub.source.get("metadata").unwrap_or(&nothing);
        let text = metadata.to_string();
        pattern.accepts(&Subject {
            bytes: Some(text.as_bytes()),
            text: Some(&text),
            json: Some(metadata),
            now: 0,
        })
    };
    Ok(workspace.stubs.newest_first().into_iter().filter(accepts).cloned().collect())
}

/// Removes the stub with the given identifier, or the one with the same request.
fn remove_same(workspace: &mut Workspace, request: &Request) -> Answer {
    let json = body(request)?;
    let id = json.get("id").or_else(|| json.get("uuid")).and_then(Json::as_str).map(str::to_owned);
    let same = |stub: &&std::sync::Arc<Stub>| stub.source.get("request") == json.get("request");
    let id = id.or_else(|| {
        workspace.stubs.newest_first().into_iter().find(same).map(|stub| stub.id.clone())
    });
    Ok(id.and_then(|id| workspace.stubs.remove(&id)).map_or_else(not_found, |_| done()))
}

/// The stubs that accept no request of the journal.
fn unmatched(workspace: &Workspace, request: &Request) -> Reply {
    let asked = |stub: &Stub| {
        workspace
            .journal
            .newest_first()
            .any(|served| stub.request.accepts(&Seen::new(&served.request, served.at)))
    };
    let stubs = workspace.stubs.newest_first();
    let idle: Vec<Json> =
        stubs.into_iter().filter(|stub| !asked(stub)).map(|stub| stub.source.clone()).collect();
    let total = idle.len();
    with_total("mappings", page(request, idle.into_iter()), total)
}
