//! Tiles of the explorer: `GET /mandelbrot/v1/{limit}/{zoom}/{x}/{y}.dwell`, or `.{palette}.png`. An address has one
//! spelling and means the same for ever, so that every cache on the way may keep what it got.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, header};
use mandelbrot::{Coloring, Palette, Raw, Tile, VERSION};

use super::dwell;
use super::image::Format;
use crate::arrival::{self, Arrival};
use crate::assets::fingerprint;
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;

/// The lowest rung of the ladder of limits; each is twice the one before.
const LEAST_LIMIT: u32 = 256;
const MOST_LIMIT: u32 = 1 << 24;
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const KINDS: &str = "dwell, or the name of a palette and png, as in viridis.png";

/// What a tile is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dwell,
    Picture(Palette),
}

/// A tile that can be asked for, and its one spelling.
#[derive(Debug)]
struct Address {
    limit: u32,
    tile: Tile,
    kind: Kind,
    spelling: String,
}

/// Answers `GET /mandelbrot/v1/{limit}/{zoom}/{x}/{name}`.
pub(crate) async fn tile(
    State(site): State<Arc<Site>>,
    Extension(arrival): Extension<Arrival>,
    Path((version, limit, zoom, x, name)): Path<(String, String, String, String, String)>,
    parts: Parts,
) -> Result<Response, Problem> {
    let address = Address::parse([&version, &limit, &zoom, &x, &name])?;
    let asked = format!("{version}/{limit}/{zoom}/{x}/{name}");
    if asked != address.spelling {
        let place = format!("{}/mandelbrot/{}", arrival.base, address.spelling);
        return Ok((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place)]).into_response());
    }
    // The address says everything, so it also tells whether a copy is still good.
    let tag = format!("\"{:016x}\"", fingerprint(&address.spelling));
    let kept = arrival::value(&parts.headers, header::IF_NONE_MATCH.as_str());
    if kept.is_some_and(|kept| kept == "*" || kept.split(',').any(|one| one.trim() == tag)) {
        let headers = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, FOR_EVER)];
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let visitor = visitor::address(&parts.extensions, &parts.headers, site.settings.trusted_hops);
    let make = async {
        let raw = site.renderer.draw(visitor, address.tile.job(address.limit)?).await?;
        address.kind.encode(&raw)
    };
    let body = site.renderer.once(&address.spelling, make).await?;
    let headers = [
        (header::CONTENT_TYPE, address.kind.media_type()),
        (header::CACHE_CONTROL, FOR_EVER),
        (header::ETAG, tag.as_str()),
    ];
    Ok((headers, body).into_response())
}

impl Address {
    fn parse([version, limit, zoom, x, name]: [&str; 5]) -> Result<Self, Problem> {
        if version != format!("v{VERSION}") {
            let detail = format!("this build has tiles of v{VERSION} only");
            return Err(Problem::new(StatusCode::NOT_FOUND, detail));
        }
        let (y, ending) = name.split_once('.').unwrap_or((name, ""));
        let kind = Kind::named(ending).ok_or_else(|| Problem::parameter("the ending", KINDS))?;
        let rungs = LEAST_LIMIT..=MOST_LIMIT;
        let is_rung = |limit: &u32| rungs.contains(limit) && limit.is_power_of_two();
        let limit = limit.parse().ok().filter(is_rung).ok_or_else(|| {
            Problem::parameter(
                "limit",
                format!("a power of two from {LEAST_LIMIT} to {MOST_LIMIT}"),
            )
        })?;
        let level: u32 = zoom.parse().map_err(|_| Problem::parameter("zoom", "an integer"))?;
        let tile = Tile::new(level, x, y)?;
        let (x, y) = (canonical(x), canonical(y));
        let spelling = format!("{version}/{limit}/{level}/{x}/{y}.{ending}");
        Ok(Self { limit, tile, kind, spelling })
    }
}

/// An integer without what can be left out.
fn canonical(integer: &str) -> String {
    let (minus, digits) = match integer.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", integer.strip_prefix('+').unwrap_or(integer)),
    };
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{minus}{digits}"),
    }
}

impl Kind {
    fn named(ending: &str) -> Option<Self> {
        if ending == "dwell" {
            return Some(Self::Dwell);
        }
        ending.strip_suffix(".png").and_then(Palette::named).map(Self::Picture)
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Dwell => dwell::TYPE,
            Self::Picture(_) => Format::Png.media_type(),
        }
    }

    fn encode(self, raw: &Raw) -> Result<Bytes, Problem> {
        let encoded = match self {
            Self::Dwell => dwell::encode(raw),
            Self::Picture(palette) => {
                let pixels = palette.paint(&Coloring::Smooth.turns_of_part(raw));
                Format::Png.encode(&pixels, (raw.columns, raw.rows))
            }
        };
        encoded.map(Bytes::from).map_err(|_| Problem::internal())
    }
}

/// Whether an answer is compressed already.
pub(crate) fn is_dwell(headers: &http::HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == dwell::TYPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_has_one_spelling() {
        let spelled =
            |limit, zoom, x, y| Address::parse(["v1", limit, zoom, x, y]).unwrap().spelling;
        assert_eq!(spelled("0256", "+2", "-01", "+0.dwell"), "v1/256/2/-1/0.dwell");
        assert_eq!(spelled("512", "2", "-0", "000.viridis.png"), "v1/512/2/0/0.viridis.png");
    }

    #[test]
    fn what_is_no_tile_is_refused_with_what_would_be_one() {
        let refused = |address: &str| {
            let parts: Vec<&str> = address.split('/').collect();
            Address::parse(parts.try_into().unwrap()).map(|address| address.spelling).unwrap_err()
        };
        for address in [
            "v1/300/2/0/0.dwell",
            "v1/33554432/2/0/0.dwell",
            "v1/256/4001/0/0.dwell",
            "v1/256/2/16/0.dwell",
            "v1/256/2/1.5/0.dwell",
            "v1/256/2/NaN/0.dwell",
            "v1/256/2/0/0",
            "v1/256/2/0/0.plaid.png",
            "v0/256/2/0/0.dwell",
            "v1/256/-1/0/0.dwell",
            "v1/256/2//0.dwell",
        ] {
            assert!(!refused(address).title().is_empty(), "{address}");
        }
        let digits = "9".repeat(1_000_000);
        assert!(Address::parse(["v1", "256", "2", &digits, "0.dwell"]).is_err());
    }
}
