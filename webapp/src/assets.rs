//! Files that are part of the binary, under names that change with their content, so that every cache on
//! the way may keep them for ever.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;

use crate::problem::Problem;
use crate::site::Site;

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Stem, suffix, type and text of each file. A script stands behind those that it imports.
const FILES: &[(&str, &str, &str, &str)] = &[
    ("icon", "svg", "image/svg+xml", include_str!("../../templates/webapp/assets/icon.svg")),
    (
        "site",
        "css",
        "text/css; charset=utf-8",
        include_str!("../../templates/webapp/assets/site.css"),
    ),
    ("upload", "js", SCRIPT, include_str!("../../templates/webapp/assets/upload.js")),
    ("tool", "js", SCRIPT, include_str!("../../templates/webapp/assets/tool.js")),
    ("pages", "js", SCRIPT, include_str!("../../templates/webapp/assets/pages.js")),
    ("mock_api", "js", SCRIPT, include_str!("../../templates/webapp/assets/mock_api.js")),
    ("mock_stubs", "js", SCRIPT, include_str!("../../templates/webapp/assets/mock_stubs.js")),
    ("mock_live", "js", SCRIPT, include_str!("../../templates/webapp/assets/mock_live.js")),
    ("mock_rest", "js", SCRIPT, include_str!("../../templates/webapp/assets/mock_rest.js")),
    ("mock", "js", SCRIPT, include_str!("../../templates/webapp/assets/mock.js")),
    ("fractal_view", "js", SCRIPT, include_str!("../../templates/webapp/assets/fractal_view.js")),
    ("fractal_color", "js", SCRIPT, include_str!("../../templates/webapp/assets/fractal_color.js")),
    ("fractal_tiles", "js", SCRIPT, include_str!("../../templates/webapp/assets/fractal_tiles.js")),
    ("fractal_hands", "js", SCRIPT, include_str!("../../templates/webapp/assets/fractal_hands.js")),
    ("fractal_julia", "js", SCRIPT, include_str!("../../templates/webapp/assets/fractal_julia.js")),
    ("fractal_look", "js", SCRIPT, include_str!("../../templates/webapp/assets/fractal_look.js")),
    (
        "fractal_poster",
        "js",
        SCRIPT,
        include_str!("../../templates/webapp/assets/fractal_poster.js"),
    ),
    ("fractal", "js", SCRIPT, include_str!("../../templates/webapp/assets/fractal.js")),
    ("organiser", "js", SCRIPT, include_str!("../../templates/webapp/assets/organiser.js")),
];

/// All files; to a template, the hashed name of each by its stem.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Assets {
    #[serde(flatten)]
    names: BTreeMap<&'static str, String>,
    #[serde(skip)]
    files: BTreeMap<String, File>,
}

#[derive(Debug, Clone)]
struct File {
    media_type: &'static str,
    text: String,
}

impl Assets {
    pub(crate) fn embedded() -> Self {
        let mut assets = Self { names: BTreeMap::new(), files: BTreeMap::new() };
        for &(stem, suffix, media_type, text) in FILES {
            let text = assets.with_imports_renamed(text);
            let name = format!("{stem}.{:016x}.{suffix}", fingerprint(&text));
            assets.names.insert(stem, name.clone());
            assets.files.insert(name, File { media_type, text });
        }
        assets
    }

    /// `from "./upload.js"` becomes the hashed name, because an import map would be inline.
    fn with_imports_renamed(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (stem, name)| {
            text.replace(&format!("\"./{stem}.js\""), &format!("\"./{name}\""))
        })
    }
}

/// Answers `GET /assets/{name}`, for ever the same.
pub(crate) async fn asset(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, "no asset of this build has that name");
    let file = site.assets.files.get(&name).ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, file.text.clone()).into_response())
}

/// FNV-1a: the same for the same content in every build, which is all that a cache needs.
pub(crate) fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_imports_what_no_cache_could_keep() {
        for (name, file) in Assets::embedded().files {
            let plain =
                FILES.iter().find(|(stem, ..)| file.text.contains(&format!("\"./{stem}.js\"")));
            assert!(plain.is_none(), "{name} imports {plain:?} by its plain name");
        }
    }
}
