//! Whole pictures: `GET /mandelbrot.png` and `.jpg`, for pages without scripts and for programs.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header;
use http::request::Parts;
use mandelbrot::{
    Accuracy, Coloring, Coordinate, Extent, Job, MOST_ITERATIONS, MOST_PIXELS, Palette, Raw, View,
    automatic_limit,
};

use super::image::Format;
use super::parameter::{Query, coloring, coordinate, pair, palette, width, within};
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;

/// How many columns or rows a picture may have.
const SIDE: RangeInclusive<u32> = 1..=2048;
/// How many points across and down each pixel may be averaged from.
const OVERSAMPLING: RangeInclusive<u32> = 1..=4;
const PARAMETERS: &str = "one of re, im, width, columns, rows, iterations, oversampling, palette, coloring, julia, accuracy";

/// A picture that can be drawn: its points, how many of them a pixel is across, and its colours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawing {
    job: Job,
    oversampling: u32,
    palette: Palette,
    coloring: Coloring,
}

/// What is asked for, before it is known whether it can be had.
#[derive(Debug)]
struct Wish {
    center: (Coordinate, Coordinate),
    width: Extent,
    size: (u32, u32),
    /// `None` for one that fits the width.
    iterations: Option<u32>,
    oversampling: u32,
    palette: Palette,
    coloring: Coloring,
    julia: Option<(f64, f64)>,
    accuracy: Accuracy,
}

/// Answers `GET /mandelbrot.png?…`; every parameter is optional.
pub(crate) async fn png(
    State(site): State<Arc<Site>>,
    query: Query,
    parts: Parts,
) -> Result<Response, Problem> {
    picture(&site, &query, &parts, Format::Png).await
}

/// Answers `GET /mandelbrot.jpg?…`, the same, smaller and less exact.
pub(crate) async fn jpeg(
    State(site): State<Arc<Site>>,
    query: Query,
    parts: Parts,
) -> Result<Response, Problem> {
    picture(&site, &query, &parts, Format::Jpeg).await
}

async fn picture(
    site: &Site,
    query: &[(String, String)],
    parts: &Parts,
    format: Format,
) -> Result<Response, Problem> {
    let drawing = Drawing::from_query(query)?;
    let visitor = visitor::address(&parts.extensions, &parts.headers, site.settings.trusted_hops);
    let address = format!("{}?{}", format.media_type(), parts.uri.query().unwrap_or_default());
    let make = async {
        let raw = site.renderer.draw(visitor, drawing.job.clone()).await?;
        let encoded = tokio::task::spawn_blocking(move || {
            format.encode(&drawing.paint(&raw), drawing.size())
        });
        let file = encoded.await.map_err(|_| Problem::internal())?;
        file.map(Bytes::from).map_err(|_| Problem::internal())
    };
    let file = site.renderer.once(&address, make).await?;
    let headers = [
        (header::CONTENT_TYPE, format.media_type()),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    Ok((headers, file).into_response())
}

impl Wish {
    fn from_query(query: &[(String, String)]) -> Result<Self, Problem> {
        let mut wish = Self {
            center: (Coordinate::from_f64(-0.6)?, Coordinate::from_f64(0.0)?),
            width: Extent::new(3.4)?,
            size: (960, 600),
            iterations: None,
            oversampling: 1,
            palette: Palette::CHART,
            coloring: Coloring::Smooth,
            julia: None,
            accuracy: Accuracy::Draft,
        };
        for (name, text) in query {
            match name.as_str() {
                "re" => wish.center.0 = coordinate(name, text)?,
                "im" => wish.center.1 = coordinate(name, text)?,
                "width" => wish.width = width(text)?,
                "columns" => wish.size.0 = within(name, text, &SIDE)?,
                "rows" => wish.size.1 = within(name, text, &SIDE)?,
                "iterations" if text == "auto" || text.is_empty() => wish.iterations = None,
                "iterations" => wish.iterations = Some(within(name, text, &(1..=MOST_ITERATIONS))?),
                "oversampling" => wish.oversampling = within(name, text, &OVERSAMPLING)?,
                "palette" => wish.palette = palette(text)?,
                "coloring" => wish.coloring = coloring(text)?,
                "julia" => wish.julia = Some(pair(name, text)?),
                "accuracy" if text == "exact" => wish.accuracy = Accuracy::Exact,
                "accuracy" if text == "fast" => wish.accuracy = Accuracy::Fast,
                "accuracy" => return Err(Problem::parameter(name, "one of fast, exact")),
                _ => return Err(Problem::parameter(name, PARAMETERS)),
            }
        }
        Ok(wish)
    }
}

impl Drawing {
    pub(super) fn from_query(query: &[(String, String)]) -> Result<Self, Problem> {
        let wish = Wish::from_query(query)?;
        let (columns, rows) = wish.size;
        let points = (columns * wish.oversampling, rows * wish.oversampling);
        if u64::from(points.0) * u64::from(points.1) > MOST_PIXELS {
            let most = format!("at most {MOST_PIXELS}, oversampling included");
            return Err(Problem::parameter("columns × rows", most));
        }
        let view = View::new(wish.center, wish.width, points)?;
        let limit = wish.iterations.unwrap_or_else(|| automatic_limit(wish.width));
        let mut job = Job::new(view, limit)?.with_accuracy(wish.accuracy);
        if let Some(c) = wish.julia {
            job = job.julia(c)?;
        }
        let Wish { oversampling, palette, coloring, .. } = wish;
        Ok(Self { job, oversampling, palette, coloring })
    }

    /// Columns and rows of pixels.
    const fn size(&self) -> (u32, u32) {
        let (columns, rows) = self.job.view().size();
        (columns / self.oversampling, rows / self.oversampling)
    }

    fn paint(&self, raw: &Raw) -> Vec<u8> {
        let points = self.palette.paint(&self.coloring.turns(raw));
        mandelbrot::reduce(&points, raw.columns, self.oversampling)
    }
}

#[cfg(test)]
mod tests {
    use super::super::presets;
    use super::*;

    fn pairs(query: &str) -> Vec<(String, String)> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn every_preset_can_be_drawn() {
        for preset in presets::ALL {
            for size in [presets::LARGE, presets::SMALL] {
                let drawing = Drawing::from_query(&pairs(&preset.query(size))).unwrap();
                assert_eq!(drawing.size(), size);
            }
        }
    }

    #[test]
    fn hostile_parameters_are_refused_by_name() {
        for (query, parameter) in [
            ("re=NaN", "re"),
            ("im=inf", "im"),
            ("re=5", "re"),
            ("width=0", "width"),
            ("width=-1", "width"),
            ("width=NaN", "width"),
            ("width=1e-2000", "width"),
            ("width=inf", "width"),
            ("columns=0", "columns"),
            ("rows=4294967296", "rows"),
            ("iterations=1000000000", "iterations"),
            ("iterations=0", "iterations"),
            ("palette=plaid", "palette"),
            ("coloring=loud", "coloring"),
            ("julia=1", "julia"),
            ("julia=NaN,0", "c"),
            ("julia=0,0&width=1e-20", "width"),
            ("oversampling=9", "oversampling"),
            ("accuracy=none", "accuracy"),
            ("columns=2048&rows=2048&oversampling=2", "columns × rows"),
            ("plan=9", "plan"),
        ] {
            let problem = Drawing::from_query(&pairs(query)).unwrap_err();
            let told = serde_json::to_value(&problem).unwrap();
            assert_eq!(
                (&told["parameter"], &told["status"]),
                (&parameter.into(), &400.into()),
                "{query}"
            );
        }
        let digits = format!("re=0.{}", "7".repeat(1_000_000));
        assert!(Drawing::from_query(&pairs(&digits)).is_err());
    }
}
