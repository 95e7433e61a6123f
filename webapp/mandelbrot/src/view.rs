//! Which rectangle of the complex plane is drawn, on how many pixels. A [`View`] that exists is within its bounds.

use std::ops::RangeInclusive;

use crate::coordinate::Coordinate;
use crate::extent::Extent;
use crate::fixed::Fixed;
use crate::refused::Refused;

/// Where either part of the centre may lie.
pub const CENTER: RangeInclusive<f64> = -4.0..=4.0;
/// How many columns or rows of pixels.
pub const SIDE: RangeInclusive<u32> = 1..=4096;
/// The most `columns × rows` of one view: what bounds memory.
pub const MOST_PIXELS: u64 = 4_194_304;

/// A rectangle of the plane with square pixels, the imaginary axis pointing up; its centre is exact.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub(crate) re: Coordinate,
    pub(crate) im: Coordinate,
    width: Extent,
    columns: u32,
    rows: u32,
}

impl View {
    /// Describes `columns` × `rows` pixels around `center` (real, imaginary), `width` of the plane across.
    ///
    /// # Errors
    /// [`Refused`] when a value is outside its range ([`SIDE`], [`MOST_PIXELS`]).
    pub fn new(
        (re, im): (Coordinate, Coordinate),
        width: Extent,
        (columns, rows): (u32, u32),
    ) -> Result<Self, Refused> {
        for (name, side) in [("columns", columns), ("rows", rows)] {
            if !SIDE.contains(&side) {
                return Err(Refused::new(name, "from 1 to 4096"));
            }
        }
        if u64::from(columns) * u64::from(rows) > MOST_PIXELS {
            return Err(Refused::new("columns × rows", format!("at most {MOST_PIXELS}")));
        }
        Ok(Self { re, im, width, columns, rows })
    }

    /// Like [`View::new`], around a centre that floats can name.
    ///
    /// # Errors
    /// As [`View::new`], or when the centre is outside [`CENTER`] or the width outside [`crate::WIDTH`].
    pub fn around(center: (f64, f64), width: f64, size: (u32, u32)) -> Result<Self, Refused> {
        let center = (Coordinate::from_f64(center.0)?, Coordinate::from_f64(center.1)?);
        Self::new(center, Extent::new(width)?, size)
    }

    /// Returns the binary logarithm of the distance between two neighbouring pixels.
    pub fn spacing_log2(&self) -> f64 {
        self.width.log2() - f64::from(self.columns).log2()
    }

    /// Returns the width of the view.
    pub const fn width(&self) -> Extent {
        self.width
    }

    /// Returns two to which power offsets are measured in: 0 unless they are too small for floats.
    pub(crate) const fn scale(&self) -> i32 {
        self.width.scale()
    }

    /// Returns how many columns and rows of pixels there are.
    pub const fn size(&self) -> (u32, u32) {
        (self.columns, self.rows)
    }

    /// Returns the exact centre.
    pub const fn center(&self) -> (&Coordinate, &Coordinate) {
        (&self.re, &self.im)
    }

    /// Returns the centre as decimal text, with the digits that this width can show and a few more.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1300")]
    pub fn center_text(&self) -> (String, String) {
        let digits = (8.0 - self.spacing_log2() * std::f64::consts::LOG10_2).max(8.0) as usize;
        (self.re.to_decimal(digits), self.im.to_decimal(digits))
    }

    /// Returns how far a pixel's middle lies right of and above the centre; `row` 0 is the topmost. In a view narrower
    /// than [`crate::WIDTH`] in units of 2^[`Extent::scale`].
    pub fn offset(&self, column: u32, row: u32) -> (f64, f64) {
        let right = f64::from(column) + 0.5 - f64::from(self.columns) / 2.0;
        let up = f64::from(self.rows) / 2.0 - f64::from(row) - 0.5;
        let spacing = self.width.value / f64::from(self.columns);
        (right * spacing, up * spacing)
    }

    /// Limbs that tell neighbouring pixels apart with 64 bits and a limb to spare.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2 to 70")]
    pub(crate) fn limbs(&self) -> usize {
        let bits = 64.0 - self.spacing_log2();
        (bits / 64.0).ceil().max(1.0) as usize + 2
    }

    /// The centre to that many limbs.
    pub(crate) fn middle(&self, limbs: usize) -> (Fixed, Fixed) {
        (self.re.0.resized(limbs), self.im.0.resized(limbs))
    }
}

/// Returns an iteration limit that shows a view of that width without much black that is not the set's.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "256 to 2 million")]
pub fn automatic_limit(width: Extent) -> u32 {
    let doublings = (2.0 - width.log2()).clamp(0.0, 700.0);
    let wanted = 256.0 + 48.0 * doublings + 2.0 * doublings.powi(2);
    // A ladder of powers of two, so that neighbouring depths agree and answers can be kept.
    (wanted as u32).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_held_to_its_range() {
        let named =
            |center, width, size| View::around(center, width, size).unwrap_err().parameter();
        assert_eq!(named((f64::NAN, 0.0), 3.0, (9, 9)), "center");
        assert_eq!(named((0.0, f64::INFINITY), 3.0, (9, 9)), "center");
        for width in [f64::MIN_POSITIVE, 5e-324, 0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(named((0.0, 0.0), width, (9, 9)), "width");
        }
        assert_eq!(named((0.0, 0.0), 3.0, (0, 9)), "columns");
        assert_eq!(named((0.0, 0.0), 3.0, (9, u32::MAX)), "rows");
        assert_eq!(named((0.0, 0.0), 3.0, (4096, 4096)), "columns × rows");
    }

    #[test]
    fn pixels_are_sampled_at_their_middle() {
        let view = View::around((-0.5, 0.25), 4.0, (4, 2)).unwrap();
        assert_eq!(view.offset(0, 0), (-1.5, 0.5));
        assert_eq!(view.offset(3, 1), (1.5, -0.5));
    }

    #[test]
    fn the_centre_is_written_as_finely_as_the_pixels_need() {
        let text = "-1.47981577613247326072298452597877854692240725774";
        let view = View::new(
            (text.parse().unwrap(), "0".parse().unwrap()),
            Extent::new(1e-30).unwrap(),
            (100, 100),
        )
        .unwrap();
        assert_eq!(view.center_text(), (text[..43].to_owned(), "0".to_owned()));
    }

    #[test]
    fn deeper_views_get_more_patience() {
        let limit = |power| automatic_limit(Extent::power_of_two(power).unwrap());
        assert_eq!(limit(2), 256);
        assert!(limit(-33) > limit(-10));
        assert_eq!(limit(-4000), 1 << 20);
    }
}
