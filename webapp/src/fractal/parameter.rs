//! Values of a query, and what is said of those that cannot be used.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use mandelbrot::{Coloring, Coordinate, Extent, Palette, Refused};

use crate::problem::Problem;

/// Name and value of each, in the order in which they came.
pub(crate) type Query = axum::extract::Query<Vec<(String, String)>>;

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::parameter(refused.parameter(), refused.wanted())
    }
}

pub(super) fn within<T>(name: &str, text: &str, range: &RangeInclusive<T>) -> Result<T, Problem>
where
    T: FromStr + PartialOrd + Display,
{
    let value = text.parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| {
        let (from, to) = (range.start(), range.end());
        Problem::parameter(name, format!("a number from {from} to {to}"))
    })
}

/// A part of a point, to any precision.
pub(super) fn coordinate(name: &str, text: &str) -> Result<Coordinate, Problem> {
    text.parse().map_err(|refused: Refused| Problem::parameter(name, refused.wanted()))
}

/// The extent of a view.
pub(super) fn width(text: &str) -> Result<Extent, Problem> {
    Ok(text.parse::<Extent>()?)
}

/// Two numbers with a comma between.
pub(super) fn pair(name: &str, text: &str) -> Result<(f64, f64), Problem> {
    let parts = text.split_once(',').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    parts.ok_or_else(|| Problem::parameter(name, "two numbers with a comma between"))
}

pub(super) fn palette(text: &str) -> Result<Palette, Problem> {
    let names = || Palette::all().map(Palette::name).collect::<Vec<_>>().join(", ");
    Palette::named(text).ok_or_else(|| Problem::parameter("palette", format!("one of {}", names())))
}

pub(super) fn coloring(text: &str) -> Result<Coloring, Problem> {
    let names = || Coloring::ALL.map(Coloring::name).join(", ");
    Coloring::named(text)
        .ok_or_else(|| Problem::parameter("coloring", format!("one of {}", names())))
}

/// A colour as `#rrggbb`, the first character being optional.
pub(super) fn color(name: &str, text: &str) -> Result<[u8; 3], Problem> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let wrong = || Problem::parameter(name, "a colour of six digits, as in ff8800");
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let value = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
    let [_, red, green, blue] = value.to_be_bytes();
    Ok([red, green, blue])
}
