//! Pages of the tools for files, drawn from the catalogue: a form for each, the page organiser, and what programs may ask.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use serde::Serialize;

use crate::arrival::{self, Arrival};
use crate::description::{self, Example};
use crate::site::Site;
use crate::toolbox::catalogue::{self, Tool};
use crate::toolbox::choice::Field;
use crate::toolbox::upload::{LARGEST_FILE, LARGEST_UPLOAD, MEGABYTE};

/// A tool as a page shows it.
#[derive(Debug, Serialize)]
struct Shown {
    family: &'static str,
    name: &'static str,
    title: &'static str,
    does: &'static str,
    path: String,
    files: usize,
    several: bool,
    accept: &'static str,
    fields: Vec<Field>,
    example: Example,
}

/// Where else to go from a tool's page.
#[derive(Debug, Serialize)]
struct Neighbour {
    family: &'static str,
    name: &'static str,
    title: &'static str,
    current: bool,
}

/// What an upload may be, as a page says it.
#[derive(Debug, Serialize)]
struct Limits {
    file: usize,
    upload: usize,
}

const LIMITS: Limits = Limits { file: LARGEST_FILE / MEGABYTE, upload: LARGEST_UPLOAD / MEGABYTE };

/// Answers `GET /pdf`: the organiser.
pub(crate) async fn pdf(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    let content = serde_json::json!({ "tools": neighbours("pdf", ""), "limits": LIMITS });
    site.page("pdf", "PDF organiser", &arrival, content)
}

/// Answers `GET /image`: the first of its tools.
pub(crate) async fn image(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    tool_page(&site, &arrival, "image", "resize")
}

/// Answers `GET /pdf/{tool}`.
pub(crate) async fn pdf_tool(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    Path(name): Path<String>,
) -> Response {
    tool_page(&site, &arrival, "pdf", &name)
}

/// Answers `GET /image/{tool}`.
pub(crate) async fn image_tool(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    Path(name): Path<String>,
) -> Response {
    tool_page(&site, &arrival, "image", &name)
}

/// Answers `GET /docs`: for people, or for programs that ask for JSON.
pub(crate) async fn docs(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    headers: HeaderMap,
) -> Response {
    let accepted = arrival::value(&headers, header::ACCEPT.as_str()).unwrap_or_default();
    if accepted.contains("json") && !accepted.contains("html") {
        return description::openapi(Extension(arrival)).await.into_response();
    }
    let tools: Vec<Shown> = catalogue::tools().map(|tool| Shown::of(tool, &arrival)).collect();
    let content = serde_json::json!({ "tools": tools, "limits": LIMITS });
    site.page("docs", "API", &arrival, content)
}

fn tool_page(site: &Site, arrival: &Arrival, family: &'static str, name: &str) -> Response {
    let Some(tool) = catalogue::family(family).find(|tool| tool.name == name && has_form(tool))
    else {
        return site.nothing_at(arrival);
    };
    let content = serde_json::json!({
        "tool": Shown::of(tool, arrival),
        "tools": neighbours(family, name),
        "limits": LIMITS,
        "pages": family == "pdf",
    });
    site.page("tool", tool.title, arrival, content)
}

fn neighbours(family: &'static str, current: &str) -> Vec<Neighbour> {
    let shown = catalogue::family(family).filter(|tool| has_form(tool));
    shown
        .map(|tool| Neighbour {
            family,
            name: tool.name,
            title: tool.title,
            current: tool.name == current,
        })
        .collect()
}

/// What needs JSON is a matter of scripts, and what answers with it one of programs.
fn has_form(tool: &Tool) -> bool {
    tool.gives == catalogue::Gives::Files
        && tool.options.iter().all(|choice| Field::of(choice).is_some())
}

impl Shown {
    fn of(tool: &'static Tool, arrival: &Arrival) -> Self {
        Self {
            family: tool.family,
            name: tool.name,
            title: tool.title,
            does: tool.does,
            path: tool.path(),
            files: tool.files,
            several: tool.files > 1,
            accept: match (tool.family, tool.name) {
                ("pdf", "watermark") => "application/pdf,image/*",
                ("pdf", _) => "application/pdf",
                _ => "image/*",
            },
            fields: tool.options.iter().filter_map(Field::of).collect(),
            example: Example::of(tool, arrival),
        }
    }
}
