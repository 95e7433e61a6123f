//! `GET /carpet.png?depth=&background=&punch=&colors=&seed=`: the carpet in two colours, row by row, however large.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use http::request::Parts;
use mandelbrot::{Carpet, Job, MOST_DEPTH, View, plan};

use super::parameter::{Query, color, within};
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;

const PARAMETERS: &str = "one of depth, background, punch, colors, seed";
const COLORS: &str = "one of given, complementary, random";

type Rgb = [u8; 3];

/// A carpet with its colours: what is left of the square, and its holes.
#[derive(Debug, PartialEq, Eq)]
struct Cloth {
    carpet: Carpet,
    background: Rgb,
    punch: Rgb,
}

pub(crate) async fn carpet(
    State(site): State<Arc<Site>>,
    query: Query,
    parts: Parts,
) -> Result<Response, Problem> {
    let cloth = Cloth::from_query(&query)?;
    let side = u64::from(cloth.carpet.side());
    let view = View::around((0.0, 0.0), 1.0, (1, 1))?;
    let mut plan = plan(&Job::new(view, 1)?);
    // A pixel costs as much as a few steps of the other fractal.
    plan.most_steps = side * side * 8;
    let visitor = visitor::address(&parts.extensions, &parts.headers, site.settings.trusted_hops);
    let file = site.renderer.run(visitor, plan, move |_| Ok(cloth.png())).await?;
    let file = file.map_err(|_| Problem::internal())?;
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=86400")];
    Ok((headers, file).into_response())
}

impl Cloth {
    fn from_query(query: &[(String, String)]) -> Result<Self, Problem> {
        let (mut depth, mut seed, mut colors) = (5, 1_u64, "given");
        let (mut background, mut punch) = ([0xff, 0xff, 0], [0, 0, 0xff]);
        for (name, text) in query {
            match name.as_str() {
                "depth" => depth = within(name, text, &(0..=MOST_DEPTH))?,
                "background" => background = color(name, text)?,
                "punch" => punch = color(name, text)?,
                "seed" => seed = within(name, text, &(0..=u64::MAX))?,
                "colors" => colors = text,
                _ => return Err(Problem::parameter(name, PARAMETERS)),
            }
        }
        match colors {
            "given" => {}
            "complementary" => punch = background.map(|part| 255 - part),
            "random" => (background, punch) = random(seed),
            _ => return Err(Problem::parameter("colors", COLORS)),
        }
        Ok(Self { carpet: Carpet::new(depth)?, background, punch })
    }

    /// One bit a pixel, and never more than a row of them in memory.
    fn png(&self) -> std::io::Result<Vec<u8>> {
        let side = self.carpet.side();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, side, side);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_palette([self.background, self.punch].concat());
        // Most rows repeat the one above.
        encoder.set_compression(png::Compression::Balanced);
        encoder.set_filter(png::Filter::Up);
        let mut writer = encoder.write_header()?;
        let mut rows = writer.stream_writer()?;
        let middles: Vec<u32> = (0..side).map(|place| self.carpet.middles(place)).collect();
        // Rows of the same generations are the same.
        let mut known: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        for row in &middles {
            rows.write_all(known.entry(*row).or_insert_with(|| bits(&middles, *row)))?;
        }
        rows.finish()?;
        writer.finish()?;
        Ok(file)
    }
}

/// One row, eight pixels a byte.
fn bits(columns: &[u32], row: u32) -> Vec<u8> {
    let bit = |column: &u32| u8::from(Carpet::is_hole(*column, row));
    let byte = |eight: &[u32]| {
        let bits = eight.iter().fold(0, |byte, column| byte << 1 | bit(column));
        bits << (8 - eight.len())
    };
    columns.chunks(8).map(byte).collect()
}

/// Two colours that one can tell apart, the same for the same seed (SplitMix64).
fn random(seed: u64) -> (Rgb, Rgb) {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    let [a, b, c, d, e, f, ..] = (mixed ^ mixed >> 31).to_be_bytes();
    let light = [a, b, c].map(|part| 128 + part / 2);
    (light, [d, e, f].map(|part| part / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloth(query: &[(&str, &str)]) -> Result<Cloth, Problem> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Cloth::from_query(&query.iter().map(owned).collect::<Vec<_>>())
    }

    fn pixels(file: &[u8]) -> (u32, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, pixels)
    }

    #[test]
    fn the_middle_of_a_carpet_is_punched_and_its_corner_is_not() {
        let cloth =
            cloth(&[("depth", "3"), ("background", "#112233"), ("colors", "complementary")]);
        let (side, pixels) = pixels(&cloth.unwrap().png().unwrap());
        let at = |x: u32, y: u32| &pixels[((y * side + x) * 3) as usize..][..3];
        assert_eq!(side, 729);
        assert_eq!((at(0, 0), at(364, 364)), (&[0x11, 0x22, 0x33][..], &[0xee, 0xdd, 0xcc][..]));
        assert_eq!((at(40, 40), at(30, 40)), (&[0xee, 0xdd, 0xcc][..], &[0xee, 0xdd, 0xcc][..]));
        assert_eq!(at(10, 40), &[0x11, 0x22, 0x33][..]);
    }

    #[test]
    fn random_colours_are_those_of_their_seed() {
        let of = |seed| cloth(&[("colors", "random"), ("seed", seed)]).unwrap();
        assert_eq!(of("7"), of("7"));
        assert_ne!(of("7"), of("8"));
    }

    #[test]
    fn what_cannot_be_woven_is_refused_by_name() {
        for (name, value) in [
            ("depth", "10"),
            ("depth", "-1"),
            ("background", "red"),
            ("colors", "loud"),
            ("size", "1"),
        ] {
            let problem = serde_json::to_value(cloth(&[(name, value)]).unwrap_err()).unwrap();
            assert_eq!(problem["parameter"], name);
        }
    }
}
