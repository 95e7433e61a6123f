//! The Sierpiński carpet: a square of nine squares without the middle one, and so on in the other eight.

use crate::refused::Refused;

/// The deepest carpet; a picture of it has 3⁹ = 19,683 points a side.
pub const MOST_DEPTH: u32 = 9;
/// Pictures of shallow carpets are not smaller than this: 3⁶.
const LEAST_SIDE: u32 = 729;

/// A carpet of so many generations of holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carpet {
    depth: u32,
}

impl Carpet {
    /// # Errors
    /// When the depth is above [`MOST_DEPTH`].
    pub fn new(depth: u32) -> Result<Self, Refused> {
        if depth > MOST_DEPTH {
            return Err(Refused::new("depth", format!("from 0 to {MOST_DEPTH}")));
        }
        Ok(Self { depth })
    }

    /// Returns columns, and rows, of a picture in which the smallest hole is at least one pixel.
    pub fn side(self) -> u32 {
        3_u32.pow(self.depth).max(LEAST_SIDE)
    }

    /// Returns in which generations a column, or a row, goes through the middle: one bit for each.
    pub fn middles(self, place: u32) -> u32 {
        let digit = |generation: u32| self.side() / 3_u32.pow(generation + 1);
        (0..self.depth).fold(0, |bits, generation| {
            bits | u32::from(place / digit(generation) % 3 == 1) << generation
        })
    }

    /// Tells whether a pixel is in a hole, from the [`Carpet::middles`] of its column and its row.
    pub const fn is_hole(column: u32, row: u32) -> bool {
        column & row != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generation_leaves_eight_ninths() {
        for depth in 0..=6 {
            let carpet = Carpet::new(depth).unwrap();
            let side = carpet.side();
            let middles: Vec<u32> = (0..side).map(|place| carpet.middles(place)).collect();
            let whole = |row: &u32| middles.iter().filter(|&&c| !Carpet::is_hole(c, *row)).count();
            let left: usize = middles.iter().map(whole).sum();
            assert_eq!(left, (side * side) as usize * 8_usize.pow(depth) / 9_usize.pow(depth));
        }
        assert_eq!(Carpet::new(9).unwrap().side(), 19_683);
        assert_eq!(Carpet::new(10).unwrap_err().parameter(), "depth");
    }
}
