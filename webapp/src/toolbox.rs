//! Tools for uploaded files: each is a line of the catalogue and a route that reads an upload, hands it to a worker
//! process and sends what that makes. Nothing is parsed in this process, and nothing is kept.

pub(crate) mod catalogue;
pub(crate) mod choice;
mod names;
mod reply;
pub(crate) mod upload;

use std::sync::Arc;

use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::response::Response;
use axum::routing::post;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};

use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;
use catalogue::{Gives, Tool, tools};
use upload::{LARGEST_UPLOAD, MEGABYTE, Upload};

/// How many megabytes of uploads are held at once.
pub(crate) const BUDGET: u32 = 256;

/// A route for every tool.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let add = |router: Router<Arc<Site>>, tool: &'static Tool| {
        let answer = move |state, parts, form| answer(tool, state, parts, form);
        router.route(&tool.path(), post(answer))
    };
    tools().fold(Router::new(), add).layer(DefaultBodyLimit::max(LARGEST_UPLOAD))
}

async fn answer(
    tool: &'static Tool,
    State(site): State<Arc<Site>>,
    parts: Parts,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let form = form.map_err(|wrong| {
        Problem::new(wrong.status(), format!("{}; send a form with files", wrong.body_text()))
    })?;
    let budget = site.uploads.try_acquire_many(megabytes(&parts.headers)?);
    let _held = budget.map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many uploads at once; try again in a moment",
        )
    })?;
    let upload = Upload::read(form, tool).await?;
    let job = upload.job(tool)?;
    let names: Vec<String> = upload.files.iter().map(|file| file.name.clone()).collect();
    let archive = upload.files.first().map_or("results", |file| file.stem()).to_owned();
    let visitor = visitor::address(&parts.extensions, &parts.headers, site.settings.trusted_hops);
    let visitor = visitor.map(visitor::network);
    let begun = site.workers.begin(visitor, job, upload.files).await;
    let running = begun.map_err(|trouble| reply::problem(trouble, &names))?;
    match tool.gives {
        Gives::Facts => reply::facts(running, &names).await,
        Gives::Files => reply::files(running, &format!("{archive}-{}", tool.name), &names).await,
        Gives::Lines => reply::lines(running, names).await,
    }
}

/// What an upload will take of the budget: what it says of itself, or the most it may be.
fn megabytes(headers: &HeaderMap) -> Result<u32, Problem> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let length: usize = length.unwrap_or(LARGEST_UPLOAD);
    if length > LARGEST_UPLOAD {
        let detail = format!("an upload may have at most {} MB", LARGEST_UPLOAD / MEGABYTE);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    Ok(u32::try_from(length / MEGABYTE).unwrap_or(BUDGET) + 1)
}
