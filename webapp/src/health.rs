//! What machines ask about the process: whether it lives, whether it wants visitors, what it counted, which build it is.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::site::Site;

/// Answers `GET /health-check`: the process lives.
pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "status": "OK" }))
}

/// Answers `GET /readyz`: whether new visitors are welcome.
pub(crate) async fn ready(State(site): State<Arc<Site>>) -> Result<Json<Value>, Problem> {
    if site.stopping.load(Ordering::Relaxed) {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "stopping"));
    }
    Ok(Json(json!({ "status": "OK", "workers": site.workers.free() })))
}

/// Answers `GET /metrics` for Prometheus.
pub(crate) async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], site.metrics.text()).into_response()
}

/// Answers `GET /version`.
pub(crate) async fn version(State(site): State<Arc<Site>>) -> Json<Value> {
    Json(json!({ "build": site.settings.build_id, "version": env!("CARGO_PKG_VERSION") }))
}
