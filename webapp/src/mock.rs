//! Mock API servers: workspaces that visitors make for themselves, each at an address of its own, with an admin API that
//! is WireMock's and a stream of the requests as they come.

mod access;
mod answer;
mod front;
mod live;
pub(crate) mod store;
pub(crate) mod tenant;
pub(crate) mod workspaces;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, post};

use crate::guard;
use crate::pages;
use crate::site::Site;

pub(crate) use answer::Foreign;
pub(crate) use front::by_host;

/// Where a workspace is when it has no host of its own.
pub(crate) const PATH: &str = "/mock/at/";

/// Making workspaces, and those that are paths of the site.
pub(crate) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    let made = Router::new()
        .route("/mock", post(pages::mock_made))
        .route_layer(from_fn_with_state(Arc::clone(site), guard::ration));
    Router::new()
        .route("/mock/at/{id}", any(front::by_path))
        .route("/mock/at/{id}/", any(front::by_path))
        .route("/mock/at/{id}/{*path}", any(front::by_path))
        .merge(made)
}
