//! Tiles: squares of a grid that gets twice as fine with every level, so that pictures of any place are made of the same few
//! pieces. An address is integers only, so there is one spelling of each.

use crate::coordinate::Coordinate;
use crate::extent::Extent;
use crate::fixed::Fixed;
use crate::job::Job;
use crate::refused::Refused;
use crate::view::View;

/// Pixels along the edge of a tile.
pub const TILE: u32 = 256;
/// The finest level.
pub const DEEPEST: u32 = 4_000;
/// Tiles of that many levels below it share the reference orbit of a square of the grid.
const SHARED: u32 = 4;

/// The square from `x` to `x + 1` and from `-y` down to `-(y + 1)`, all over 2^`zoom`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    zoom: u32,
    left: Fixed,
    top: Fixed,
}

impl Tile {
    /// Finds a tile; `x` and `y` are decimal integers of any length.
    ///
    /// # Errors
    /// When the level is above [`DEEPEST`], a text is no integer, or the tile does not lie within ±4.
    pub fn new(zoom: u32, x: &str, y: &str) -> Result<Self, Refused> {
        if zoom > DEEPEST {
            return Err(Refused::new("zoom", format!("from 0 to {DEEPEST}")));
        }
        let limbs = (zoom as usize + 1) / 64 + 2;
        let left = Coordinate::dyadic(x, zoom)?.0.resized(limbs);
        let top = Coordinate::dyadic(y, zoom)?.0.resized(limbs).negated();
        // The far edges are within bounds as well.
        let (edge, four) = (bit(zoom, limbs), Fixed::from_f64(4.0, limbs));
        let (right, bottom) = (left.plus(&edge), top.minus(&edge));
        if !four.minus(&right).is_negative() && !bottom.plus(&four).is_negative() {
            return Ok(Self { zoom, left, top });
        }
        Err(Refused::new("tile", "within -4 and 4"))
    }

    /// Returns the view of the tile.
    ///
    /// # Errors
    /// Never for a tile that there is.
    pub fn view(&self) -> Result<View, Refused> {
        let half = bit(self.zoom + 1, self.left.0.len());
        let center = (Coordinate::of(self.left.plus(&half)), Coordinate::of(self.top.minus(&half)));
        View::new(center, Extent::power_of_two(-self.zoom.cast_signed())?, (TILE, TILE))
    }

    /// Returns the job that computes the tile, measured from a point that its neighbours share.
    ///
    /// # Errors
    /// When the limit is out of range.
    pub fn job(&self, limit: u32) -> Result<Job, Refused> {
        let level = self.zoom.saturating_sub(SHARED - 1) / SHARED * SHARED;
        let half = bit(level + 1, self.left.0.len());
        let left = floor(&self.left, level).plus(&half);
        // The square's upper edge is at a multiple from above.
        let top = floor(&self.top.negated(), level).plus(&half).negated();
        let anchor = (Coordinate::of(left), Coordinate::of(top));
        Ok(Job::new(self.view()?, limit)?.anchored(anchor, -level.cast_signed()))
    }
}

/// 2 to the power of −`power`.
fn bit(power: u32, limbs: usize) -> Fixed {
    let mut value = Fixed::zero(limbs);
    let place = (limbs - 1) * 64 - power as usize;
    value.0[place / 64] = 1 << (place % 64);
    value
}

/// The next multiple of 2^−`power` below.
fn floor(value: &Fixed, power: u32) -> Fixed {
    let mut value = value.clone();
    let place = (value.0.len() - 1) * 64 - power as usize;
    value.0[..place / 64].fill(0);
    value.0[place / 64] &= u64::MAX << (place % 64);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::Raw;
    use crate::render::{Cancel, draw};
    use crate::{Accuracy, References};

    fn drawn(job: &Job) -> Raw {
        draw(job, &References::new(0), &Cancel::default()).unwrap()
    }

    #[test]
    fn a_tile_lies_where_its_integers_say() {
        let view = Tile::new(2, "-3", "1").unwrap().view().unwrap();
        assert_eq!(view.center_text(), ("-0.625".to_owned(), "-0.375".to_owned()));
        assert_eq!(view.width(), Extent::new(0.25).unwrap());
    }

    #[test]
    fn tiles_outside_the_plane_and_names_that_are_no_integers_are_refused() {
        for (zoom, x, y) in [
            (0, "4", "0"),
            (0, "0", "-5"),
            (3, "32", "0"),
            (4001, "0", "0"),
            (1, "1.5", "0"),
            (1, "", "0"),
        ] {
            assert!(Tile::new(zoom, x, y).is_err(), "{zoom} {x} {y}");
        }
        for (zoom, x, y) in [(0, "3", "3"), (0, "-4", "-4"), (3, "31", "-32"), (4000, "0", "-1")] {
            assert!(Tile::new(zoom, x, y).is_ok(), "{zoom} {x} {y}");
        }
    }

    /// Four tiles and the one above them are the same function on two grids.
    #[test]
    fn tiles_side_by_side_are_one_picture() {
        let place = |zoom: u32, x: &str, y: &str| Tile::new(zoom, x, y).unwrap().job(512).unwrap();
        let whole = View::around((-0.75, 0.25), 0.5, (512, 512)).unwrap();
        let whole = drawn(&Job::new(whole, 512).unwrap().with_accuracy(Accuracy::Fast));
        for (x, y, column, row) in [("-4", "-2", 0, 0), ("-3", "-2", 256, 0), ("-4", "-1", 0, 256)]
        {
            let tile = drawn(&place(2, x, y));
            for line in 0..256_usize {
                let from = (row + line) * 512 + column;
                assert_eq!(tile.steps[line * 256..][..256], whole.steps[from..][..256], "{x} {y}");
            }
        }
    }

    #[test]
    fn neighbours_share_their_anchor_and_deep_ones_agree_with_their_own() {
        // Around the seahorse at −0.7436 + 0.1318 i, 2⁻²⁴ wide.
        let (x, y) = (-12_475_796, -2_211_613);
        let tile = Tile::new(24, &x.to_string(), &y.to_string()).unwrap();
        let other = Tile::new(24, &(x + 1).to_string(), &y.to_string()).unwrap();
        let job = tile.job(2000).unwrap();
        assert_eq!(job.anchor, other.job(2000).unwrap().anchor);
        let own = Job::new(tile.view().unwrap(), 2000).unwrap();
        let (shared, own) = (drawn(&job), drawn(&own));
        let differing = shared.steps.iter().zip(&own.steps).filter(|(a, b)| a != b).count();
        assert!(differing <= 65, "{differing} of 65536");
    }
}
