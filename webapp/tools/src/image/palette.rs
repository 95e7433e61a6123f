//! The colours of a picture: counted, grouped, ordered, then drawn or written.

mod census;
mod chart;
mod cluster;
mod draw;
mod font;
mod oklab;
mod text;

use serde_json::json;

use super::encode::{Reel, Style, encode};
use super::run::WHITE;
use super::source::{Source, Still};
use super::{Chart, Kind, Order, Palette, PaletteFormat};
use crate::image::bounds::refuse;
use crate::{File, Refusal, Why};

/// A colour and how many pixels have it, or are nearest to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Swatch {
    pub(super) colour: [u8; 3],
    pub(super) count: u64,
}

impl Swatch {
    fn hex(&self) -> String {
        let [red, green, blue] = self.colour;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

const STRIP_AT_MOST: usize = 16;

/// # Errors
/// The picture is broken or nothing of it is seen.
pub(super) fn palette(file: &File, source: &Source<'_>, wish: &Palette) -> Result<File, Refusal> {
    let mut census = census::Census::new(wish.colours.into());
    for still in source.stills(None)? {
        census.count(&still?.pixels);
    }
    let (mut swatches, is_exact) = census.swatches();
    if swatches.is_empty() {
        return Err(refuse(
            Why::Option,
            "Every pixel is fully transparent: the picture has no colours.",
        ));
    }
    order(&mut swatches, wish.order);
    let (bytes, suffix, media_type) = write(&swatches, wish)?;
    let about = json!({
        "colours": text::list(&swatches), "exact": is_exact, "format": suffix, "frames": source.frames,
        "bytes_in": file.bytes.len(), "bytes_out": bytes.len(), "notes": [],
    });
    let name = format!("{}-palette.{suffix}", file.stem());
    Ok(File { name, media_type: media_type.to_owned(), about, bytes })
}

fn order(swatches: &mut [Swatch], order: Order) {
    let rank = |swatch: &Swatch| match order {
        Order::Population => 0.0,
        Order::Lightness => oklab::of(swatch.colour)[0],
        Order::Hue => oklab::hue(swatch.colour),
    };
    swatches.sort_by(|one, other| {
        let population = || other.count.cmp(&one.count).then(one.colour.cmp(&other.colour));
        rank(one).total_cmp(&rank(other)).then_with(population)
    });
}

fn write(
    swatches: &[Swatch],
    wish: &Palette,
) -> Result<(Vec<u8>, &'static str, &'static str), Refusal> {
    let is_strip = match wish.chart {
        Chart::Auto => swatches.len() <= STRIP_AT_MOST,
        Chart::Strip => true,
        Chart::Treemap => false,
    };
    let chart = || if is_strip { chart::strip(swatches) } else { chart::treemap(swatches) };
    Ok(match wish.format {
        PaletteFormat::Png => (png(&chart())?, "png", "image/png"),
        PaletteFormat::Svg => (draw::svg(&chart()).into_bytes(), "svg", "image/svg+xml"),
        PaletteFormat::Css => (text::css(swatches).into_bytes(), "css", "text/css"),
        PaletteFormat::Scss => (text::scss(swatches).into_bytes(), "scss", "text/x-scss"),
        PaletteFormat::Json => (text::json(swatches).into_bytes(), "json", "application/json"),
        PaletteFormat::Gpl => (text::gpl(swatches).into_bytes(), "gpl", "text/plain"),
    })
}

fn png(chart: &chart::Plan) -> Result<Vec<u8>, Refusal> {
    let still = Still { pixels: draw::pixels(chart).into(), delay: (0, 1) };
    let reel =
        Reel { stills: Box::new(std::iter::once(Ok(still))), frames: 1, plays: 0, icc: None };
    encode(reel, Style { kind: Kind::Png, quality: 100, background: WHITE })
}
