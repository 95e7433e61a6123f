//! Pages of the mock server: what it is, a workspace that was just made, and a workspace that is there.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use crate::arrival::{self, Arrival};
use crate::mock::PATH;
use crate::mock::workspaces::DAYS_KEPT;
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor::{self, Peer};

/// Answers `GET /mock`.
pub(crate) async fn mock(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    let content = json!({ "days": DAYS_KEPT, "kept": site.workspaces.are_kept() });
    site.page("mock", "Mock API", &arrival, content)
}

/// Answers `POST /mock` with a new workspace: as a page, or as JSON for programs. Only this answer has the token.
pub(crate) async fn mock_made(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visitor = visitor::vouched(&headers, site.settings.trusted_hops)
        .or_else(|| peer.map(|Extension(Peer(address))| address.ip()));
    let tenant = site.workspaces.make(visitor)?;
    let accepted = arrival::value(&headers, header::ACCEPT.as_str()).unwrap_or_default();
    if accepted.contains("html") {
        return Ok(site.workspace_page(&arrival, &tenant.id, &tenant.token));
    }
    let base = site.workspaces.address(&tenant.id, &arrival.origin, &arrival.base);
    let page = format!("{}{}/mock/w/{}#{}", arrival.origin, arrival.base, tenant.id, tenant.token);
    let made = json!({
        "id": tenant.id,
        "token": tenant.token,
        "url": base,
        "client": format!("{base}/~{}", tenant.token),
        "page": page,
    });
    Ok((StatusCode::CREATED, axum::Json(made)).into_response())
}

/// Answers `GET /mock/w/{id}`. The token is behind the `#`, which no browser sends.
pub(crate) async fn mock_workspace(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    Path(parameters): Path<Vec<(String, String)>>,
) -> Response {
    let id = parameters.into_iter().next().map(|(_, id)| id).unwrap_or_default();
    if site.workspaces.get(&id).is_none() {
        return site.nothing_at(&arrival);
    }
    site.workspace_page(&arrival, &id, "")
}

impl Site {
    fn workspace_page(&self, arrival: &Arrival, id: &str, token: &str) -> Response {
        let content = json!({
            "id": id,
            "token": token,
            "url": self.workspaces.address(id, &arrival.origin, &arrival.base),
            "site_path": format!("{}{PATH}{id}", arrival.base),
            "days": DAYS_KEPT,
            "kept": self.workspaces.are_kept(),
        });
        self.page("mock_workspace", "Mock workspace", arrival, content)
    }
}
