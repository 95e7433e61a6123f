//! The explorer, and the carpet. Both are forms that return a picture; scripts make more of the first.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use mandelbrot::{Coloring, DEEPEST, Palette, VERSION};
use serde::Serialize;
use serde_json::json;

use crate::arrival::Arrival;
use crate::fractal::presets::{self, Preset};
use crate::site::Site;

/// A value that can be chosen, and whether it is.
#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Link {
    name: &'static str,
    note: &'static str,
    place: String,
    picture: String,
}

/// What the form of the explorer holds; a value that fits nothing is for the picture's address to refuse.
const FIELDS: [(&str, &str); 6] = [
    ("re", "-0.6"),
    ("im", "0"),
    ("width", "3.4"),
    ("iterations", "auto"),
    ("palette", "chart"),
    ("coloring", "smooth"),
];

/// Answers `GET /fractal?re=&im=&width=&iterations=&palette=&coloring=`.
pub(crate) async fn fractal(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    let asked = asked(&arrival);
    let value = |name: &str| {
        let given = asked.iter().rev().find(|(other, _)| other == name);
        let usual = FIELDS.iter().find(|(other, _)| *other == name).map_or("", |(_, usual)| usual);
        given.map_or_else(|| usual.to_owned(), |(_, value)| value.clone())
    };
    let choices = |names: Vec<&str>, chosen: &str| -> Vec<Choice> {
        let choice = |name: &str| Choice { value: name.to_owned(), chosen: name == chosen };
        names.into_iter().map(choice).collect()
    };
    let fields: serde_json::Map<_, _> =
        FIELDS.iter().map(|(name, _)| ((*name).to_owned(), json!(value(name)))).collect();
    let query: Vec<String> =
        FIELDS.iter().map(|(name, _)| format!("{name}={}", escaped(&value(name)))).collect();
    let content = json!({
        "fields": fields,
        "picture": format!("{}&columns=960&rows=600", query.join("&")),
        "palettes": choices(Palette::all().map(Palette::name).collect(), &value("palette")),
        "colorings": choices(Coloring::ALL.map(Coloring::name).to_vec(), &value("coloring")),
        "presets": presets::ALL.iter().map(Link::of).collect::<Vec<_>>(),
        "tiles": format!("{}/mandelbrot/v{VERSION}", arrival.base),
        "deepest": DEEPEST,
    });
    site.page("fractal", "Fractal", &arrival, content)
}

/// Answers `GET /fractal/carpet?depth=&background=&punch=&colors=&seed=`.
pub(crate) async fn carpet(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    let asked = asked(&arrival);
    let value = |name: &str, usual: &str| {
        let given = asked.iter().rev().find(|(other, _)| other == name);
        given.map_or_else(|| usual.to_owned(), |(_, value)| value.clone())
    };
    let (depth, colors) = (value("depth", "5"), value("colors", "given"));
    let fields = [
        ("depth", depth.clone()),
        ("background", value("background", "#ffff00")),
        ("punch", value("punch", "#0000ff")),
        ("colors", colors.clone()),
        ("seed", value("seed", "1")),
    ];
    let query: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let ways = ["given", "complementary", "random"]
        .map(|name| Choice { value: name.to_owned(), chosen: name == colors });
    let content = json!({
        "fields": serde_json::Map::from_iter(fields.map(|(name, value)| (name.to_owned(), json!(value)))),
        "ways": ways,
        "query": query.join("&"),
        // Beyond this a page had better not show it by itself.
        "large": depth.parse::<u32>().is_ok_and(|depth| depth > 7),
    });
    site.page("carpet", "Carpet", &arrival, content)
}

impl Link {
    fn of(preset: &Preset) -> Self {
        Self {
            name: preset.name,
            note: preset.note,
            place: preset.place(),
            picture: preset.query(presets::SMALL),
        }
    }
}

fn asked(arrival: &Arrival) -> Vec<(String, String)> {
    let query = axum::extract::Query::try_from_uri(&arrival.uri);
    query.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default()
}

fn escaped(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}
