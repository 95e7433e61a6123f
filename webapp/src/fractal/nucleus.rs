//! `GET /mandelbrot/nucleus?re=&im=&width=`: the copy of the set nearest to a view.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use http::request::Parts;
use mandelbrot::{Coordinate, Extent, Job, View, automatic_limit, plan};
use serde::Serialize;

use super::parameter::{Query, coordinate, width};
use crate::problem::Problem;
use crate::site::Site;
use crate::visitor;

/// Orbits up to this period are followed.
const MOST_PERIOD: u32 = 2_000_000;
/// Newton's method follows the orbit again for every fifty bits; that many orbits are paid for.
const ORBITS: u64 = 24;
/// How much wider than the copy a view of it is.
const MARGIN_LOG2: f64 = 2.0;

/// A copy of the set.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    re: String,
    im: String,
    period: u32,
    /// Width of a view that shows it, in decimal digits of any size.
    width: String,
}

pub(crate) async fn nucleus(
    State(site): State<Arc<Site>>,
    query: Query,
    parts: Parts,
) -> Result<Json<Found>, Problem> {
    let view = view(&query)?;
    let most = automatic_limit(view.width()).saturating_mul(2).min(MOST_PERIOD);
    let mut plan = plan(&Job::new(view.clone(), most)?);
    (plan.deep, plan.most_steps, plan.pixels) = (true, 0, 0);
    plan.bits = plan.bits.max(192);
    plan.orbit_steps = u64::from(most) * ORBITS;
    let visitor = visitor::address(&parts.extensions, &parts.headers, site.settings.trusted_hops);
    let found = site
        .renderer
        .run(visitor, plan, move |cancel| mandelbrot::nucleus(&view, most, cancel))
        .await?;
    let found = found.ok_or_else(|| {
        let detail = format!("there is no copy of a period up to {most} in this view");
        Problem::new(StatusCode::NOT_FOUND, detail)
    })?;
    let digits = (12.0 - found.size_log2 * std::f64::consts::LOG10_2).max(12.0);
    let [re, im] = [&found.center.0, &found.center.1].map(|part| part.to_decimal(whole(digits)));
    Ok(Json(Found { re, im, period: found.period, width: decimal(found.size_log2 + MARGIN_LOG2) }))
}

fn view(query: &[(String, String)]) -> Result<View, Problem> {
    let zero = Coordinate::from_f64(0.0)?;
    let (mut re, mut im, mut across) = (zero.clone(), zero, Extent::new(4.0)?);
    for (name, text) in query {
        match name.as_str() {
            "re" => re = coordinate(name, text)?,
            "im" => im = coordinate(name, text)?,
            "width" => across = width(text)?,
            _ => return Err(Problem::parameter(name, "one of re, im, width")),
        }
    }
    Ok(View::new((re, im), across, (256, 256))?)
}

/// 2 to a power as a decimal number, which may be far below what floats can name.
fn decimal(log2: f64) -> String {
    let log10 = log2 * std::f64::consts::LOG10_2;
    let exponent = log10.floor();
    format!("{:.4}e{exponent}", 10_f64.powf(log10 - exponent))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred")]
const fn whole(digits: f64) -> usize {
    digits as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_below_all_floats_are_written_as_decimals() {
        assert_eq!(decimal(-2.0), "2.5000e-1");
        assert_eq!(decimal(-4_000.0), "7.5861e-1205");
    }
}
