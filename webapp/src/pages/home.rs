//! The home page: who answers, the fractal with its presets, and what can be tried with curl.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::arrival::Arrival;
use crate::fractal::presets::{self, Preset};
use crate::site::Site;

/// Which preset is shown large; an unknown one is as good as none.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice {
    view: Option<String>,
}

#[derive(Debug, Serialize)]
struct Home {
    hero: Hero,
    presets: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct Hero {
    slug: &'static str,
    name: &'static str,
    note: &'static str,
    large: Picture,
    medium: Picture,
}

#[derive(Debug, Serialize)]
struct Link {
    slug: &'static str,
    name: &'static str,
    note: &'static str,
    chosen: bool,
    small: Picture,
}

#[derive(Debug, Serialize)]
struct Picture {
    query: String,
    columns: u32,
    rows: u32,
}

pub(crate) async fn home(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    choice: Result<Query<Choice>, QueryRejection>,
) -> Response {
    let choice = choice.ok().and_then(|Query(choice)| choice.view);
    let chosen = presets::ALL
        .iter()
        .find(|preset| choice.as_deref() == Some(preset.slug))
        .unwrap_or(&presets::ALL[0]);
    let presets = presets::ALL.iter().map(|preset| Link {
        slug: preset.slug,
        name: preset.name,
        note: preset.note,
        chosen: preset.slug == chosen.slug,
        small: Picture::of(preset, presets::SMALL),
    });
    let home = Home { hero: Hero::of(chosen), presets: presets.collect() };
    site.page("home", "Home", &arrival, home)
}

impl Hero {
    fn of(preset: &Preset) -> Self {
        Self {
            slug: preset.slug,
            name: preset.name,
            note: preset.note,
            large: Picture::of(preset, presets::LARGE),
            medium: Picture::of(preset, presets::MEDIUM),
        }
    }
}

impl Picture {
    fn of(preset: &Preset, (columns, rows): (u32, u32)) -> Self {
        Self { query: preset.query((columns, rows)), columns, rows }
    }
}
