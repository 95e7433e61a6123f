//! Files that are part of the binary, under names that change with their content, so that every cache on
//! the way may keep them for ever.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;

use crate::problem::Problem;
use crate::site::Site;

/// What the pages link to, by its hashed name.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Assets {
    pub(crate) icon: Asset,
    pub(crate) style: Asset,
}

/// One file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Asset {
    name: String,
    #[serde(skip)]
    content_type: &'static str,
    #[serde(skip)]
    text: &'static str,
}

impl Assets {
    pub(crate) fn embedded() -> Self {
        let icon = include_str!("../../templates/webapp/assets/icon.svg");
        let style = include_str!("../../templates/webapp/assets/site.css");
        Self {
            icon: Asset::new("icon", "svg", "image/svg+xml", icon),
            style: Asset::new("site", "css", "text/css; charset=utf-8", style),
        }
    }

    fn named(&self, name: &str) -> Option<&Asset> {
        [&self.icon, &self.style].into_iter().find(|asset| asset.name == name)
    }
}

impl Asset {
    fn new(stem: &str, suffix: &str, content_type: &'static str, text: &'static str) -> Self {
        Self { name: format!("{stem}.{:016x}.{suffix}", fingerprint(text)), content_type, text }
    }
}

/// Answers `GET /assets/{name}`, for ever the same.
pub(crate) async fn asset(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, "no asset of this build has that name");
    let asset = site.assets.named(&name).ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.text).into_response())
}

/// FNV-1a: the same for the same content in every build, which is all that a cache needs.
pub(crate) fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
