//! Which response is given: what the client prefers, else the first that fits.

use super::generate::generate;
use super::problem::{Mistake, invalid, problem};
use super::reference::Document;
use crate::json::Json;
use crate::random::Seeded;
use crate::reply::Reply;
use crate::request::Request;

/// What a client prefers, in `Prefer: code=404, example=cat, dynamic=true` or the query (`__code`).
#[derive(Debug, Default)]
struct Wishes {
    code: Option<String>,
    example: Option<String>,
    dynamic: bool,
}

impl Wishes {
    fn of(request: &Request) -> Self {
        let mut wishes = Self::default();
        let header = request.header("prefer").unwrap_or_default();
        let pairs = header.split([',', ';']).filter_map(|pair| pair.trim().split_once('='));
        let query = request.query();
        let asked = query
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("__")?, value.as_str())));
        for (name, value) in asked.chain(pairs) {
            match name {
                "code" => wishes.code = Some(value.to_owned()),
                "example" => wishes.example = Some(value.to_owned()),
                "dynamic" => wishes.dynamic = value == "true",
                _ => {}
            }
        }
        wishes
    }
}

pub(super) fn respond(
    document: &Document,
    operation: &Json,
    request: &Request,
    (mistakes, random): (&[Mistake], &mut Seeded),
) -> Reply {
    let wishes = Wishes::of(request);
    let responses = operation.get("responses").and_then(Json::as_object);
    let codes: Vec<&str> =
        responses.into_iter().flat_map(|all| all.keys()).map(String::as_str).collect();
    let code = if mistakes.is_empty() {
        match &wishes.code {
            Some(code) if codes.contains(&code.as_str()) || codes.contains(&"default") => {
                Some(code.as_str())
            }
            Some(code) => {
                let detail =
                    format!("Requested status code {code} is not defined in the document.");
                return problem(
                    404,
                    ("NOT_FOUND", "The server cannot find the requested content"),
                    &detail,
                );
            }
            None => codes.iter().find(|code| code.starts_with('2')).or(codes.first()).copied(),
        }
    } else {
        match ["422", "400", "default"].iter().find(|code| codes.contains(code)) {
            // What is said by default of anything is also said of a wrong request.
            Some(code) => Some(if *code == "default" { "422" } else { code }),
            None => return invalid(if needs_login(mistakes) { 401 } else { 422 }, mistakes),
        }
    };
    let Some(code) = code else { return Reply::new(200) };
    let response = responses.and_then(|all| all.get(code).or_else(|| all.get("default")));
    let status = code
        .replace(['X', 'x'], "0")
        .parse()
        .ok()
        .filter(|code| (200..=599).contains(code))
        .unwrap_or(200);
    response.map_or_else(
        || Reply::new(status),
        |response| write(document, document.resolve(response), request, (status, &wishes, random)),
    )
}

fn needs_login(mistakes: &[Mistake]) -> bool {
    mistakes.iter().any(|mistake| mistake.code == "401")
}

fn write(
    document: &Document,
    response: &Json,
    request: &Request,
    (status, wishes, random): (u16, &Wishes, &mut Seeded),
) -> Reply {
    let mut reply = Reply::new(status);
    for (name, header) in response.get("headers").and_then(Json::as_object).into_iter().flatten() {
        let header = document.resolve(header);
        let schema = document.get(header, "schema").unwrap_or(header);
        let value = header
            .get("example")
            .cloned()
            .unwrap_or_else(|| generate(document, schema, random))
            .plain();
        reply = reply.with_header(name, value.replace(['\r', '\n'], " "));
    }
    if let Some(schema) = document.get(response, "schema") {
        let examples = response.get("examples").and_then(Json::as_object);
        let example = examples
            .and_then(|all| all.first())
            .filter(|_| !wishes.dynamic)
            .map(|(_, value)| value.clone());
        let body = example.unwrap_or_else(|| generate(document, schema, random));
        return reply.with_header("Content-Type", "application/json").with_body(body.to_string());
    }
    let Some(contents) =
        response.get("content").and_then(Json::as_object).filter(|all| !all.is_empty())
    else {
        return reply;
    };
    let accept = request.header("accept").unwrap_or("*/*");
    let wanted = contents
        .iter()
        .find(|(kind, _)| accept.split(',').any(|a| a.split(';').next() == Some(kind)));
    let json = contents.iter().find(|(kind, _)| kind.contains("json"));
    let Some((kind, media)) = wanted.or(json).or(contents.first()) else { return reply };
    let named = |name: &String| media.get("examples").and_then(|all| all.get(name));
    if let Some(name) = wishes.example.as_ref().filter(|name| named(name).is_none()) {
        let detail =
            format!("Response for contentType: {kind} and exampleKey: {name} does not exist.");
        return problem(
            404,
            ("NOT_FOUND", "The server cannot find the requested content"),
            &detail,
        );
    }
    let body = content(document, media, (wishes, random));
    let text = if kind.contains("json") { body.to_string() } else { body.plain() };
    reply.with_header("Content-Type", kind.replace(['\r', '\n'], " ")).with_body(text)
}

/// The example that is asked for, else the first, else one made from the schema.
fn content(document: &Document, media: &Json, (wishes, random): (&Wishes, &mut Seeded)) -> Json {
    let examples = media.get("examples").and_then(Json::as_object);
    let chosen = match &wishes.example {
        Some(name) => examples.and_then(|all| all.get(name)),
        None if wishes.dynamic => None,
        None => examples.and_then(|all| all.first()).map(|(_, value)| value),
    };
    let named = chosen.and_then(|example| document.get(example, "value"));
    let plain = media.get("example").filter(|_| !wishes.dynamic);
    let schema = document.get(media, "schema");
    named
        .or(plain)
        .cloned()
        .unwrap_or_else(|| schema.map_or(Json::Null, |schema| generate(document, schema, random)))
}
