//! Requests on their way to a workspace, by host name or by path.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Method, StatusCode, header};
use http_body_util::LengthLimitError;
use mock::workspace::MAX_BODY;
use mock::workspace::admin::PREFIX;

use super::answer::{self, Place, Root};
use super::tenant::Tenant;
use super::{access, live};
use crate::arrival::{self, Arrival};
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;

/// The largest body of a request to the admin API, in bytes.
const LARGEST_FILE: usize = 5 << 20;

/// Bytes of URL and body of a request that is surely answered at once.
const AT_ONCE: usize = 2 << 10;

/// Answers for a workspace where the host name is one's, and lets every other request pass.
pub(crate) async fn by_host(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let host = arrival::value(request.headers(), header::HOST.as_str()).unwrap_or_default();
    let Some(id) = site.workspaces.named_by(&host) else {
        return next.run(request).await;
    };
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    answer(&site, &id, &target, Place::Host, request).await
}

/// Answers `/mock/at/{id}/…`.
pub(super) async fn by_path(
    State(site): State<Arc<Site>>,
    Path(parameters): Path<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let id = parameters.into_iter().next().map(|(_, id)| id).unwrap_or_default();
    let Some(arrival) = request.extensions().get::<Arrival>() else {
        return Problem::internal().into_response();
    };
    let root = Root {
        origin: arrival.origin.clone(),
        path: [arrival.base.as_str(), super::PATH, &id].concat(),
    };
    let whole = arrival.uri.path_and_query().map_or("", |target| target.as_str());
    let target = whole.strip_prefix(&root.path).filter(|target| target.starts_with('/'));
    let target = target.unwrap_or("/").to_owned();
    answer(&site, &id, &target, Place::Path(root), request).await
}

async fn answer(
    site: &Arc<Site>,
    id: &str,
    target: &str,
    place: Place,
    request: Request,
) -> Response {
    let Some(tenant) = site.workspaces.get(id) else {
        return unknown(site, id).into_response();
    };
    let (target, token) = access::split(target);
    let path = target.split('?').next().unwrap_or_default();
    let is_admin =
        path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let (parts, body) = request.into_parts();
    let answered = if is_admin {
        administer(site, &tenant, (target, token), &parts, body).await
    } else {
        mocked(site, &tenant, (target, &place), &parts, body).await
    };
    match answered {
        Ok(Answered::Ready(response)) => response,
        Ok(Answered::Reply(reply)) => answer::send(reply, place, &parts.extensions).await,
        Err(problem) => problem.into_response(),
    }
}

enum Answered {
    Reply(mock::Reply),
    Ready(Response),
}

async fn mocked(
    site: &Site,
    tenant: &Arc<Tenant>,
    (target, place): (&str, &Place),
    parts: &Parts,
    body: Body,
) -> Result<Answered, Problem> {
    let mut request = read(site, target, parts, body, MAX_BODY).await?;
    if let Place::Path(root) = place {
        request.root.clone_from(&root.path);
    }
    if request.body.len() + request.url.len() <= AT_ONCE && !tenant.is_busy() {
        return Ok(Answered::Reply(tenant.answer(&request)));
    }
    // What may take long, or has to wait for what does, is done where nobody else waits.
    let tenant = Arc::clone(tenant);
    let answered = tokio::task::spawn_blocking(move || tenant.answer(&request)).await;
    answered.map(Answered::Reply).map_err(|_| Problem::internal())
}

/// What takes long, such as a large document, is read where nobody else waits.
async fn administer(
    site: &Arc<Site>,
    tenant: &Arc<Tenant>,
    (target, token): (&str, Option<&str>),
    parts: &Parts,
    body: Body,
) -> Result<Answered, Problem> {
    access::check(tenant, &parts.headers, token)?;
    let path = target.split('?').next().unwrap_or_default();
    match (&parts.method, path.strip_prefix(PREFIX).unwrap_or_default().trim_end_matches('/')) {
        (&Method::GET, "/live") => return live::watch(site, tenant).map(Answered::Ready),
        (&Method::DELETE, "/workspace") => {
            site.workspaces.remove(&tenant.id);
            return Ok(Answered::Ready(StatusCode::NO_CONTENT.into_response()));
        }
        _ => {}
    }
    let request = read(site, target, parts, body, LARGEST_FILE).await?;
    let (tenant, room) = (Arc::clone(tenant), site.workspaces.room_for(tenant));
    let answered = tokio::task::spawn_blocking(move || tenant.admin(&request, room)).await;
    answered.map(Answered::Reply).map_err(|_| Problem::internal())
}

/// The request as the engine sees it.
async fn read(
    site: &Site,
    target: &str,
    parts: &Parts,
    body: Body,
    most: usize,
) -> Result<mock::Request, Problem> {
    let large = || {
        let detail = format!("a body may have at most {most} bytes here");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    let body = tokio::time::timeout(crate::guard::DEADLINE, to_bytes(body, most)).await;
    let body = body.map_err(|_| Problem::too_slow(crate::guard::DEADLINE))?;
    let body = body.map_err(|wrong| {
        let is_large =
            std::error::Error::source(&wrong).is_some_and(|why| why.is::<LengthLimitError>());
        if is_large {
            large()
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "the body is broken off or no body")
        }
    })?;
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    let mut request = mock::Request::new(parts.method.as_str(), &target);
    request.body = body.into();
    let headers = parts.headers.iter();
    request.headers = headers
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    if let Some(arrival) = parts.extensions.get::<Arrival>() {
        let (scheme, host) = arrival.origin.split_once("://").unwrap_or(("http", "localhost"));
        let usual = if scheme == "https" { 443 } else { 80 };
        let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
        request.scheme = scheme.to_owned();
        request.host = name.to_owned();
        request.port = port.parse().unwrap_or(usual);
    }
    let visitor = visitor::address(&parts.extensions, &parts.headers, site.settings.trusted_hops);
    request.client_ip = visitor.map(|address| address.to_string()).unwrap_or_default();
    Ok(request)
}

fn unknown(site: &Site, id: &str) -> Problem {
    let why = if site.workspaces.are_kept() {
        "it was deleted, was unused for long, or never was"
    } else {
        "it was deleted, was unused for long, never was, or was lost when this app started anew"
    };
    let id: String = id.chars().take(40).collect();
    Problem::new(StatusCode::NOT_FOUND, format!("there is no workspace {id} here: {why}"))
}
