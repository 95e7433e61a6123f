//! The pages that people see: what each needs to know, put into its template.

mod fractal;
mod home;
mod mock;
mod templates;
mod tools;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::arrival::{Arrival, claims};
use crate::assets::{Assets, fingerprint};
use crate::chain::Chain;
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;

pub(crate) use fractal::{carpet, fractal};
pub(crate) use home::home;
pub(crate) use mock::{mock, mock_made, mock_workspace};
pub(crate) use templates::Pages;
pub(crate) use tools::{docs, image, image_tool, pdf, pdf_tool};

/// How many accents the style sheet knows.
const ACCENTS: u64 = 4;

/// What the frame around every page needs, and what is inside it.
#[derive(Debug, Serialize)]
struct Page<'a, T> {
    /// The page's own name in the window title.
    name: &'a str,
    title: &'a str,
    app: &'a str,
    /// Which accent colour: apps of one environment can be told apart at a glance.
    accent: u64,
    build: &'a str,
    version: &'a str,
    base: &'a str,
    origin: &'a str,
    assets: &'a Assets,
    #[serde(flatten)]
    content: T,
}

/// Answers `GET /under-the-hood` with the way this very request came.
pub(crate) async fn under_the_hood(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    headers: HeaderMap,
) -> Response {
    let content = serde_json::json!({
        "chain": Chain::of(&headers, &site.settings),
        "claims": claims(&headers),
        "vouched": visitor::vouched(&headers, site.settings.trusted_hops),
        "hops": site.settings.trusted_hops,
    });
    site.page("under_the_hood", "Under the hood", &arrival, content)
}

/// Answers every path that leads nowhere.
pub(crate) async fn not_found(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    site.nothing_at(&arrival)
}

impl Site {
    /// Says that a path leads nowhere.
    fn nothing_at(&self, arrival: &Arrival) -> Response {
        let content = serde_json::json!({ "path": arrival.uri.path() });
        let page = self.page("not_found", "Nothing here", arrival, content);
        (StatusCode::NOT_FOUND, page).into_response()
    }

    /// A problem as a page, with the status that it has.
    pub(crate) fn problem_page(&self, arrival: &Arrival, problem: &Problem) -> Response {
        self.page("problem", problem.title(), arrival, serde_json::json!({ "problem": problem }))
    }

    /// Fills a template; a template that cannot be filled is a fault of ours and told as such.
    fn page(
        &self,
        template: &str,
        name: &str,
        arrival: &Arrival,
        content: impl Serialize,
    ) -> Response {
        let page = Page {
            name,
            title: &self.settings.app_title,
            app: &self.settings.app_name,
            accent: fingerprint(&self.settings.app_name) % ACCENTS,
            build: &self.settings.build_id,
            version: env!("CARGO_PKG_VERSION"),
            base: &arrival.base,
            origin: &arrival.origin,
            assets: &self.assets,
            content,
        };
        match self.pages.render(template, &page) {
            Some(html) => Html(html).into_response(),
            None => Problem::internal().into_response(),
        }
    }
}
