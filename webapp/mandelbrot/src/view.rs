//! Which rectangle of the complex plane is drawn, on how many pixels, with how much patience. A [`View`]
//! that exists is within its bounds, so that what it costs is known before any work.

use std::fmt;
use std::ops::RangeInclusive;

/// Where either part of the centre may lie.
pub const CENTER: RangeInclusive<f64> = -4.0..=4.0;
/// How wide a piece of the plane may be; below this, `f64` pixels would show rounding and not the set.
pub const WIDTH: RangeInclusive<f64> = 1e-9..=8.0;
/// How many columns or rows of pixels.
pub const SIDE: RangeInclusive<u32> = 1..=4096;
/// The most `columns × rows` of one view: what bounds memory.
pub const MOST_PIXELS: u64 = 4_194_304;
/// How many steps before a point counts as inside.
pub const ITERATIONS: RangeInclusive<u32> = 1..=10_000;
/// The most `columns × rows × iterations` of one view: what bounds time.
pub const MOST_WORK: u64 = 2_000_000_000;

/// A rectangle of the plane with square pixels, the imaginary axis pointing up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    center_re: f64,
    center_im: f64,
    width: f64,
    columns: u32,
    rows: u32,
    iterations: u32,
}

/// Why a view is refused.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewError {
    /// One parameter is not a number within `range`.
    OutOfRange { parameter: &'static str, range: RangeInclusive<f64> },
    /// Each parameter is fine, the product of some is above `most`.
    TooMuch { product: &'static str, most: u64 },
}

impl View {
    /// Describes `columns` × `rows` pixels around `center` (real, imaginary), `width` of the plane across.
    ///
    /// # Errors
    /// [`ViewError`] when a value is outside its range ([`CENTER`], [`WIDTH`], [`SIDE`], [`ITERATIONS`]),
    /// not a number, or when a product is above [`MOST_PIXELS`] or [`MOST_WORK`].
    pub fn new(
        (center_re, center_im): (f64, f64),
        width: f64,
        (columns, rows): (u32, u32),
        iterations: u32,
    ) -> Result<Self, ViewError> {
        within("re", center_re, CENTER)?;
        within("im", center_im, CENTER)?;
        within("width", width, WIDTH)?;
        within("columns", columns.into(), as_floats(&SIDE))?;
        within("rows", rows.into(), as_floats(&SIDE))?;
        within("iterations", iterations.into(), as_floats(&ITERATIONS))?;
        let pixels = u64::from(columns) * u64::from(rows);
        at_most("columns × rows", pixels, MOST_PIXELS)?;
        at_most("columns × rows × iterations", pixels * u64::from(iterations), MOST_WORK)?;
        Ok(Self { center_re, center_im, width, columns, rows, iterations })
    }

    /// Returns the point under the middle of a pixel, `row` 0 being the topmost.
    pub fn point(&self, column: u32, row: u32) -> (f64, f64) {
        let spacing = self.width / f64::from(self.columns);
        let right = f64::from(column) + 0.5 - f64::from(self.columns) / 2.0;
        let up = f64::from(self.rows) / 2.0 - f64::from(row) - 0.5;
        (self.center_re + right * spacing, self.center_im + up * spacing)
    }

    /// Returns how many pixels a row has.
    pub const fn columns(&self) -> u32 {
        self.columns
    }

    /// Returns how many rows of pixels there are.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Returns after how many steps a point counts as inside.
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }
}

impl fmt::Display for ViewError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { parameter, range } => {
                write!(out, "{parameter} must be from {} to {}", range.start(), range.end())
            }
            Self::TooMuch { product, most } => write!(out, "{product} must be at most {most}"),
        }
    }
}

impl std::error::Error for ViewError {}

/// NaN is in no range, infinity in none of ours.
fn within(
    parameter: &'static str,
    value: f64,
    range: RangeInclusive<f64>,
) -> Result<(), ViewError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(ViewError::OutOfRange { parameter, range })
}

fn at_most(product: &'static str, value: u64, most: u64) -> Result<(), ViewError> {
    if value <= most { Ok(()) } else { Err(ViewError::TooMuch { product, most }) }
}

fn as_floats(range: &RangeInclusive<u32>) -> RangeInclusive<f64> {
    f64::from(*range.start())..=f64::from(*range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_held_to_its_range() {
        let named = |view: Result<View, ViewError>| match view {
            Err(ViewError::OutOfRange { parameter, .. }) => parameter,
            other => panic!("{other:?}"),
        };
        assert_eq!(named(View::new((f64::NAN, 0.0), 3.0, (9, 9), 9)), "re");
        assert_eq!(named(View::new((0.0, f64::INFINITY), 3.0, (9, 9), 9)), "im");
        assert_eq!(named(View::new((0.0, 0.0), f64::MIN_POSITIVE, (9, 9), 9)), "width");
        assert_eq!(named(View::new((0.0, 0.0), -3.0, (9, 9), 9)), "width");
        assert_eq!(named(View::new((0.0, 0.0), 3.0, (0, 9), 9)), "columns");
        assert_eq!(named(View::new((0.0, 0.0), 3.0, (9, u32::MAX), 9)), "rows");
        assert_eq!(named(View::new((0.0, 0.0), 3.0, (9, 9), 0)), "iterations");
    }

    #[test]
    fn memory_and_work_are_bounded_although_each_parameter_is_fine() {
        let product = |size, iterations| match View::new((0.0, 0.0), 3.0, size, iterations) {
            Err(ViewError::TooMuch { product, .. }) => product,
            other => panic!("{other:?}"),
        };
        assert_eq!(product((4096, 4096), 1), "columns × rows");
        assert_eq!(product((2048, 2048), 10_000), "columns × rows × iterations");
        assert!(View::new((0.0, 0.0), 3.0, (2048, 1280), 750).is_ok());
    }

    #[test]
    fn pixels_are_sampled_at_their_middle() {
        let view = View::new((-0.5, 0.25), 4.0, (4, 2), 10).unwrap();
        assert_eq!(view.point(0, 0), (-2.0, 0.75));
        assert_eq!(view.point(3, 1), (1.0, -0.25));
    }
}
