//! `GET /mandelbrot/palettes`: the colours of every palette, so that they are written down once.

use axum::response::IntoResponse;
use axum::{Json, response::Response};
use http::header;
use mandelbrot::Palette;
use serde::Serialize;

/// A palette as programs read it.
#[derive(Debug, Serialize)]
struct Shown {
    name: &'static str,
    /// Whether colours between stops are mixed of them.
    smooth: bool,
    inside: String,
    stops: Vec<String>,
}

/// Answers with all of them, the default first.
pub(crate) async fn palettes() -> Response {
    let hex = |[red, green, blue]: [u8; 3]| format!("#{red:02x}{green:02x}{blue:02x}");
    let shown = Palette::all().map(|palette| Shown {
        name: palette.name(),
        smooth: palette.is_smooth(),
        inside: hex(palette.inside()),
        stops: palette.stops().into_iter().map(hex).collect(),
    });
    let body = Json(shown.collect::<Vec<_>>());
    ([(header::CACHE_CONTROL, "public, max-age=3600")], body).into_response()
}
