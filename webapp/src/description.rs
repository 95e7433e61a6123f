//! The API as programs read it (OpenAPI 3.1), and as a line of curl; both made from the catalogue.

mod others;

use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::arrival::Arrival;
use crate::toolbox::catalogue::{Gives, Tool, tools};
use crate::toolbox::choice::{Choice, Kind};

/// A line that can be pasted into a shell.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Example(String);

impl Example {
    pub(crate) fn of(tool: &Tool, arrival: &Arrival) -> Self {
        let file = if tool.family == "pdf" { "document.pdf" } else { "picture.jpg" };
        let options: String = tool.options.iter().filter_map(form_field).take(2).collect();
        let to = match tool.gives {
            Gives::Files => " -OJ",
            Gives::Facts | Gives::Lines => "",
        };
        let (origin, base) = (&arrival.origin, &arrival.base);
        Self(format!("curl{to} -F files=@{file}{options} {origin}{base}{}", tool.path()))
    }
}

fn form_field(choice: &Choice) -> Option<String> {
    let name = choice.name;
    match choice.kind {
        Kind::Text { example, .. } | Kind::Json { example } => {
            Some(format!(" -F '{name}={example}'"))
        }
        Kind::Bytes { default, .. } => Some(format!(" -F '{name}={default}'")),
        Kind::Number { default: Some(default), .. } => Some(format!(" -F {name}={default}")),
        Kind::OneOf(words) => words.last().map(|(word, _)| format!(" -F {name}={word}")),
        Kind::Number { default: None, .. } if name == "width" => Some(" -F width=800".to_owned()),
        _ => None,
    }
}

/// Answers `GET /openapi.json`.
pub(crate) async fn openapi(Extension(arrival): Extension<Arrival>) -> Json<Value> {
    let mut paths: Map<String, Value> = tools().map(|tool| (tool.path(), path(tool))).collect();
    paths.extend(others::paths());
    Json(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Companion site",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tools for files, which are worked on in memory and forgotten; mock API servers; fractals.",
        },
        "servers": [{ "url": format!("{}{}", arrival.origin, arrival.base) }],
        "paths": paths,
        "components": { "schemas": { "Problem": problem() } },
    }))
}

fn path(tool: &Tool) -> Value {
    let mut properties = Map::new();
    let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
    properties.insert(
        "files".to_owned(),
        json!({ "type": "array", "items": file, "minItems": 1, "maxItems": tool.files }),
    );
    for choice in tool.options {
        let mut schema = choice.kind.schema();
        schema["description"] = json!(format!("{}. {}", choice.label, choice.help).trim());
        properties.insert(choice.name.to_owned(), schema);
    }
    let form = json!({ "type": "object", "properties": properties, "required": ["files"], "additionalProperties": false });
    json!({ "post": {
        "operationId": format!("{}-{}", tool.family, tool.name),
        "tags": [tool.family],
        "summary": tool.title,
        "description": tool.does,
        "requestBody": { "required": true, "content": { "multipart/form-data": { "schema": form } } },
        "responses": responses(tool.gives),
    }})
}

fn responses(gives: Gives) -> Value {
    let (description, content) = match gives {
        Gives::Facts => ("What is known of each file", json!({ "application/json": {} })),
        Gives::Files => (
            "The file, or a zip archive of several",
            json!({ "application/octet-stream": {}, "application/zip": {} }),
        ),
        Gives::Lines => ("A line of JSON for each result", json!({ "application/x-ndjson": {} })),
    };
    json!({
        "200": { "description": description, "content": content },
        "400": refused("An option does not fit"),
        "408": refused("The upload stood still"),
        "413": refused("A limit was passed"),
        "415": refused("A file is of another kind"),
        "422": refused("A file is damaged, locked, or needs more time or memory than a job may have"),
        "429": refused("Too many uploads from this address; see Retry-After"),
        "503": refused("Too busy; see Retry-After"),
    })
}

fn refused(description: &str) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    json!({ "description": description, "content": { "application/problem+json": { "schema": schema } } })
}

/// RFC 9457.
fn problem() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text, "title": text, "status": { "type": "integer" }, "detail": text,
            "parameter": { "type": "string", "description": "The option at fault" },
            "expected": { "type": "string", "description": "What it may be" },
        },
    })
}
