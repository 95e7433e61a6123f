//! The home page: who answers, what there is, and what can be tried with curl.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::arrival::Arrival;
use crate::fractal::presets;
use crate::site::Site;

/// Which of the presets is shown: one that says at a glance what can be explored.
const SHOWN: &str = "seahorse-tail";

#[derive(Debug, Serialize)]
struct Home {
    name: &'static str,
    note: &'static str,
    place: String,
    picture: String,
    columns: u32,
    rows: u32,
}

pub(crate) async fn home(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    let preset =
        presets::ALL.iter().find(|preset| preset.slug == SHOWN).unwrap_or(&presets::ALL[0]);
    let (columns, rows) = presets::LARGE;
    let home = Home {
        name: preset.name,
        note: preset.note,
        place: preset.place(),
        picture: preset.query(presets::LARGE),
        columns,
        rows,
    };
    site.page("home", "Home", &arrival, serde_json::json!({ "hero": home }))
}
