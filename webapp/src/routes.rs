//! The whole route table on one screen. Every path answers twice: at the root, for a host name of its
//! own, and below `/<app name>`, for a path route of a load balancer, which forwards the path as it came.

use std::sync::Arc;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::settings::Settings;
use crate::site::Site;
use crate::{assets, echo, fractal, guard, pages, problem};

/// Builds the site for these settings.
pub fn router(settings: Settings) -> Router {
    let site = Arc::new(Site::new(settings));
    let below = format!("/{}", site.settings.app_name);
    routes()
        .nest(&below, routes())
        .route(&format!("{below}/"), get(pages::home))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&site), guard::guard))
        .with_state(site)
}

fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(pages::home))
        .route("/under-the-hood", get(pages::under_the_hood))
        .route("/mandelbrot.png", get(fractal::picture))
        .route("/echo", any(echo::echo))
        .route("/echo/{*path}", any(echo::echo))
        .route("/health-check", get(health))
        .route("/version", get(version))
        .route("/assets/{name}", get(assets::asset))
        .layer(echo::body_limit())
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "OK" }))
}

async fn version(State(site): State<Arc<Site>>) -> Json<Value> {
    Json(json!({ "build": site.settings.build_id, "version": env!("CARGO_PKG_VERSION") }))
}
