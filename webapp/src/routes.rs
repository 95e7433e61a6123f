//! The whole route table on one screen. Every path answers twice: at the root, for a host name of its
//! own, and below `/<app name>`, for a path route of a load balancer, which forwards the path as it came.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use http::{Extensions, HeaderMap, StatusCode, Version};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

use crate::site::Site;
use crate::{assets, description, echo, fractal, guard, health, mock, pages, problem, toolbox};

/// Everything that the site answers.
pub(crate) fn router(site: Arc<Site>) -> Router {
    let below = format!("/{}", site.settings.app_name);
    let routes = routes(&site);
    routes
        .clone()
        .nest(&below, routes)
        .route(&format!("{below}/"), get(pages::home))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&site), mock::by_host))
        .layer(from_fn_with_state(Arc::clone(&site), guard::guard))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_ours)))
        .with_state(site)
}

fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    let uploads = toolbox::routes()
        .route_layer(from_fn_with_state(Arc::clone(site), problem::for_people))
        .route_layer(from_fn_with_state(Arc::clone(site), guard::ration));
    Router::new()
        .route("/", get(pages::home))
        .route("/pdf", get(pages::pdf))
        .route("/pdf/{tool}", get(pages::pdf_tool))
        .route("/image", get(pages::image))
        .route("/image/{tool}", get(pages::image_tool))
        .route("/mock", get(pages::mock))
        .route("/mock/w/{id}", get(pages::mock_workspace))
        .route("/docs", get(pages::docs))
        .route("/openapi.json", get(description::openapi))
        .route("/under-the-hood", get(pages::under_the_hood))
        .route("/fractal", get(pages::fractal))
        .route("/fractal/carpet", get(pages::carpet))
        .route("/mandelbrot/{version}/{limit}/{zoom}/{x}/{name}", get(fractal::tile::tile))
        .route("/mandelbrot/palettes", get(fractal::palettes::palettes))
        .route("/mandelbrot/nucleus", get(fractal::nucleus::nucleus))
        .route("/mandelbrot.png", get(fractal::picture::png))
        .route("/mandelbrot.jpg", get(fractal::picture::jpeg))
        .route("/carpet.png", get(fractal::carpet::carpet))
        .route("/echo", any(echo::echo))
        .route("/echo/{*path}", any(echo::echo))
        .route("/health-check", get(health::health))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/version", get(health::version))
        .route("/assets/{name}", get(assets::asset))
        .layer(echo::body_limit())
        .layer(from_fn(guard::hurry))
        .merge(uploads)
        .merge(mock::routes(site))
}

/// Whether an answer may be compressed: that of a mock goes out as its maker wrote it, and counts are compressed already.
fn is_ours(_: StatusCode, _: Version, headers: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<mock::Foreign>().is_none() && !fractal::tile::is_dwell(headers)
}
