//! Perturbation where distances are below all floats: the same steps and jumps as in vectors ([`super::lanes`]), one pixel
//! at a time in numbers with exponents of their own.

use super::orbit::Orbit;
use crate::direct::BAILOUT;
use crate::raw::NEVER;
use crate::render::Cancel;
use crate::wide::Wide;

/// Steps of the shortest stretch.
const SHORTEST: usize = 8;
/// Steps between two looks at whether the work is cancelled.
const LOOK: u32 = 1 << 12;

/// A stretch of the orbit along which z ← A·z + B·c while z is smaller than `radius`.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    a: Wide,
    b: Wide,
    /// Real, and of either part.
    radius: Wide,
}

/// Stretches of 8, 16, 32 … steps, which start at multiples of their length.
#[derive(Debug, Default)]
pub(super) struct Jumps(Vec<Vec<Stretch>>);

impl Jumps {
    /// Builds the stretches that are good to `tolerance` for all points within `points` of the reference.
    pub(super) fn over(orbit: &Orbit, points: Wide, tolerance: f64) -> Self {
        let shortest = (0..orbit.end / SHORTEST).map(|line| {
            let single = |step| one_step(orbit.wide(line * SHORTEST + step), tolerance);
            (1..SHORTEST).fold(single(0), |before, step| join(&before, &single(step), points))
        });
        let mut levels = vec![shortest.collect::<Vec<_>>()];
        while let Some(last) = levels.last().filter(|last| last.len() >= 2) {
            let pairs = last.chunks_exact(2).map(|pair| join(&pair[0], &pair[1], points));
            let longer = pairs.collect();
            levels.push(longer);
        }
        Self(levels)
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(Vec::len).sum::<usize>() * size_of::<Stretch>()
    }

    /// The longest stretch that starts at a place and holds for z, with its steps.
    #[inline(always)]
    fn longest(&self, place: usize, z: Wide) -> Option<(&Stretch, usize)> {
        if !place.is_multiple_of(SHORTEST) {
            return None;
        }
        let line = place / SHORTEST;
        let most = if line == 0 { usize::MAX } else { line.trailing_zeros() as usize };
        let levels = self.0.iter().enumerate().take(most.saturating_add(1));
        levels.rev().find_map(|(level, stretches)| {
            let stretch = stretches.get(line >> level)?;
            z.is_smaller_than(stretch.radius).then_some((stretch, SHORTEST << level))
        })
    }
}

/// z ← 2Z·z + c, as long as z² is beyond the tolerance; √2 is taken off, because radii are of the larger part.
fn one_step(z: Wide, tolerance: f64) -> Stretch {
    let size = size(z);
    let holds = size.exponent <= 2;
    let radius = if holds { size.times(real(2.0 * tolerance * 0.7)) } else { Wide::ZERO };
    Stretch { a: z.shifted(1), b: Wide::ONE, radius }
}

/// One stretch after the other.
fn join(first: &Stretch, second: &Stretch, points: Wide) -> Stretch {
    let a = second.a.times(first.a);
    let b = second.a.times(first.b).plus(second.b);
    if first.a == Wide::ZERO {
        return Stretch { a, b, radius: Wide::ZERO };
    }
    let moved = size(first.b).times(points).times(real(-1.415));
    let room = second.radius.plus(moved);
    let room = if room.re > 0.0 {
        room.times(size(first.a).times(real(1.415)).inverse())
    } else {
        Wide::ZERO
    };
    let radius = if first.radius.is_smaller_than(room) { first.radius } else { room };
    Stretch { a, b, radius }
}

fn real(value: f64) -> Wide {
    Wide::new(value, 0.0, 0)
}

/// The absolute value.
fn size(z: Wide) -> Wide {
    Wide::new(z.re.hypot(z.im), 0.0, z.exponent)
}

/// Follows one point, a distance from the reference; returns its steps and |z|² after the last one.
pub(super) fn follow(
    orbit: &Orbit,
    jumps: &Jumps,
    c: Wide,
    limit: u32,
    cancel: &Cancel,
) -> (u32, f64) {
    let (mut z, mut place, mut n, mut rounds) = (c, 0_usize, 1_u32, 0_u32);
    while n <= limit {
        rounds += 1;
        if rounds.is_multiple_of(LOOK) && cancel.is_cancelled() {
            break;
        }
        if let Some((stretch, steps)) = jumps.longest(place, z) {
            z = stretch.a.times(z).plus(stretch.b.times(c));
            place += steps;
            n = n.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
            continue;
        }
        let reference = orbit.wide(place);
        let whole = reference.plus(z);
        if whole.exponent >= 3 {
            let (re, im) = whole.to_f64();
            let squared = re * re + im * im;
            if squared > BAILOUT {
                return (n, squared);
            }
        }
        if place == orbit.end || whole.is_smaller_than(z) {
            z = whole.times(whole).plus(c);
            place = 0;
        } else {
            z = reference.plus(whole).times(z).plus(c);
            place += 1;
        }
        n += 1;
    }
    (NEVER, 1.0)
}
