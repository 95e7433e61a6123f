//! Bivariate linear approximation: over a stretch of the orbit along which z is small against Z, many steps
//! are z ← A·z + B·c. Stretches are 8, 16, 32 … steps long and start at multiples of their length.

use super::orbit::Orbit;
use crate::kernel::LINE;

/// How many lengths the table for the first look holds.
pub(crate) const QUICK: usize = LINE;

/// One stretch: re and im of A, re and im of B, the radius below which z must be, the number of steps.
pub(crate) type Stretch = [f64; LINE];
const STAYS: Stretch = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
/// Radii below this are as good as none: `f64` ends near.
const LEAST: f64 = 1e-295;

/// All stretches of an orbit.
#[derive(Debug, Default)]
pub(crate) struct Jumps {
    /// For each line of the orbit the radii of the [`QUICK`] shortest stretches from there, 0 where none starts.
    pub(crate) radii: Vec<[f64; LINE]>,
    /// Length after length; the very first one leaves z where it is.
    pub(crate) stretches: Vec<Stretch>,
    /// Where each length begins in `stretches`, and the end.
    pub(crate) starts: Vec<usize>,
}

impl Jumps {
    /// Builds the stretches that are good to `tolerance` for all points within `radius` of the reference.
    pub(crate) fn over(orbit: &Orbit, radius: f64, tolerance: f64) -> Self {
        let lines = orbit.end / LINE;
        let mut stretches = vec![STAYS];
        let mut starts = vec![1];
        stretches.extend((0..lines).map(|line| {
            let single = |place| one_step(orbit.at(line * LINE + place), tolerance);
            (1..LINE).fold(single(0), |before, place| join(&before, &single(place), radius))
        }));
        while stretches.len() - starts[starts.len() - 1] >= 2 {
            let shorter = starts[starts.len() - 1]..stretches.len();
            starts.push(stretches.len());
            for at in shorter.step_by(2) {
                if at + 1 < starts[starts.len() - 1] {
                    stretches.push(join(&stretches[at], &stretches[at + 1], radius));
                }
            }
        }
        starts.push(stretches.len());
        let mut radii = vec![[0.0; LINE]; orbit.re.len()];
        for (level, bounds) in starts.windows(2).enumerate().take(QUICK) {
            for (at, stretch) in stretches[bounds[0]..bounds[1]].iter().enumerate() {
                radii[at << level][level] = stretch[4];
            }
        }
        Self { radii, stretches, starts }
    }

    pub(crate) const fn bytes(&self) -> usize {
        (self.radii.len() + self.stretches.len()) * size_of::<Stretch>()
    }

    /// The place of the longest stretch from `line` that starts there and is at least the one of `level`.
    #[inline(always)]
    pub(crate) fn longest(&self, line: usize, level: usize, size: f64) -> usize {
        let mut at = self.starts[level] + (line >> level);
        if level + 1 == QUICK {
            for (level, bounds) in self.starts.windows(2).enumerate().skip(QUICK) {
                let longer = bounds[0] + (line >> level);
                let starts_here = line.trailing_zeros() as usize >= level;
                if !starts_here || longer >= bounds[1] || size >= self.stretches[longer][4] {
                    break;
                }
                at = longer;
            }
        }
        at
    }
}

/// z ← 2Z·z + c, as long as z² is beyond the tolerance; radii are of the larger part, so √2 is taken off.
fn one_step((re, im): (f64, f64), tolerance: f64) -> Stretch {
    let size = re.hypot(im);
    let radius = if size > 4.0 { 0.0 } else { size * 2.0 * tolerance * 0.7 };
    [2.0 * re, 2.0 * im, 1.0, 0.0, radius, 1.0, 0.0, 0.0]
}

/// One stretch after the other.
fn join(first: &Stretch, second: &Stretch, points: f64) -> Stretch {
    let [ar, ai, br, bi, before, steps, ..] = *first;
    let [cr, ci, dr, di, after, more, ..] = *second;
    let b = (cr * br - ci * bi + dr, cr * bi + ci * br + di);
    let a = (cr * ar - ci * ai, cr * ai + ci * ar);
    let room = (after - 1.415 * br.hypot(bi) * points) / (1.415 * ar.hypot(ai));
    let radius = before.min(room);
    let usable = radius > LEAST && a.0.hypot(a.1) < 1e300 && b.0.hypot(b.1) < 1e300;
    if usable { [a.0, a.1, b.0, b.1, radius, steps + more, 0.0, 0.0] } else { [0.0; LINE] }
}
