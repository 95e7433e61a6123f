//! The fractal over HTTP: a query becomes a bounded view, which is drawn off the async threads, a few at
//! a time, and sent as PNG.

pub(crate) mod presets;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header;
use mandelbrot::{Accuracy, CENTER, Cancel, Job, MOST_PIXELS, Palette, References, Refused, View};

use crate::problem::Problem;
use crate::site::Site;

/// How long a picture may wait for a place at the drawing board.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many columns or rows a picture may have.
const SIDE: RangeInclusive<u32> = 1..=2048;
/// How wide a piece of the plane may be; plain arithmetic serves all of that.
const WIDTH: RangeInclusive<f64> = 1e-9..=8.0;
/// How many steps before a point counts as inside.
const ITERATIONS: RangeInclusive<u32> = 1..=10_000;
/// The most steps that all points of a picture may take together: what bounds its time.
const MOST_STEPS: u64 = 2_000_000_000;
/// How many points across and down each pixel may be averaged from.
const OVERSAMPLING: RangeInclusive<u32> = 1..=2;
const PARAMETERS: &str = "one of re, im, width, columns, rows, iterations, oversampling, palette";

/// A picture that can be drawn: its points, how many of them a pixel is across, and its colours.
#[derive(Debug, Clone, PartialEq)]
struct Drawing {
    job: Job,
    oversampling: u32,
    palette: Palette,
}

/// Answers `GET /mandelbrot.png?re=&im=&width=&columns=&rows=&iterations=&oversampling=&palette=`, each optional.
pub(crate) async fn picture(
    State(site): State<Arc<Site>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let drawing = Drawing::from_query(&query)?;
    let place = tokio::time::timeout(PATIENCE, Arc::clone(&site.drawing).acquire_owned());
    let place = place.await.map_err(|_| Problem::busy())?.map_err(|_| Problem::busy())?;
    let drawn = tokio::task::spawn_blocking(move || {
        let _held_until_drawn = place;
        drawing.png()
    });
    let png = drawn.await.map_err(|_| Problem::internal())?.map_err(|_| Problem::internal())?;
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=86400")];
    Ok((headers, png).into_response())
}

impl Drawing {
    fn from_query(query: &[(String, String)]) -> Result<Self, Problem> {
        let (mut re, mut im, mut width) = (-0.6, 0.0, 3.4);
        let (mut columns, mut rows, mut iterations) = (960, 600, 300);
        let (mut oversampling, mut palette) = (1, Palette::ALL[0]);
        for (name, text) in query {
            match name.as_str() {
                "re" => re = within(name, text, &CENTER)?,
                "im" => im = within(name, text, &CENTER)?,
                "width" => width = within(name, text, &WIDTH)?,
                "columns" => columns = within(name, text, &SIDE)?,
                "rows" => rows = within(name, text, &SIDE)?,
                "iterations" => iterations = within(name, text, &ITERATIONS)?,
                "oversampling" => oversampling = within(name, text, &OVERSAMPLING)?,
                "palette" => palette = named(text)?,
                _ => return Err(Problem::parameter(name, PARAMETERS)),
            }
        }
        let points = (columns * oversampling, rows * oversampling);
        at_most("columns × rows", u64::from(points.0) * u64::from(points.1), MOST_PIXELS)?;
        let view = View::around((re, im), width, points)?;
        let job = Job::new(view, iterations)?.with_accuracy(Accuracy::Draft);
        at_most("columns × rows × iterations", mandelbrot::plan(&job).most_steps, MOST_STEPS)?;
        Ok(Self { job, oversampling, palette })
    }

    /// Columns and rows of pixels.
    const fn size(&self) -> (u32, u32) {
        let (columns, rows) = self.job.view().size();
        (columns / self.oversampling, rows / self.oversampling)
    }

    fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let drawn = mandelbrot::draw(&self.job, &References::new(0), &Cancel::default());
        let raw = drawn.map_err(std::io::Error::other)?;
        let points = self.palette.paint(&raw.smooth());
        let pixels = mandelbrot::reduce(&points, raw.columns, self.oversampling);
        let (columns, rows) = self.size();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, columns, rows);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(file)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::parameter(refused.parameter(), refused.wanted())
    }
}

fn within<T>(name: &str, text: &str, range: &RangeInclusive<T>) -> Result<T, Problem>
where
    T: FromStr + PartialOrd + Display,
{
    let value = text.parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| Problem::parameter(name, from_to(range)))
}

fn at_most(product: &str, value: u64, most: u64) -> Result<(), Problem> {
    if value <= most {
        return Ok(());
    }
    Err(Problem::parameter(product, format!("at most {most}, oversampling included")))
}

fn named(text: &str) -> Result<Palette, Problem> {
    Palette::named(text).ok_or_else(|| {
        let names = Palette::ALL.map(Palette::name).join(", ");
        Problem::parameter("palette", format!("one of {names}"))
    })
}

fn from_to<T: Display>(range: &RangeInclusive<T>) -> String {
    format!("a number from {} to {}", range.start(), range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_be_drawn() {
        for preset in presets::ALL {
            for (columns, rows) in [presets::LARGE, presets::MEDIUM, presets::SMALL] {
                let query = preset.query((columns, rows));
                let pairs: Vec<(String, String)> = query
                    .split('&')
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                assert_eq!(pairs.len(), 8, "{query}");
                let drawing = Drawing::from_query(&pairs).unwrap();
                assert_eq!(drawing.size(), (columns, rows));
            }
        }
    }
}
