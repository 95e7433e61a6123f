//! The reference orbit: iterated in full precision, kept in `f64`.

use std::collections::BTreeMap;

use crate::fixed::{Fixed, add, square, subtract};
use crate::kernel::LINE;
use crate::render::{Cancel, Cancelled};
use crate::wide::Wide;

/// Beyond this the orbit has left for everybody: whoever still measures from it has to stop.
const FAR: f64 = 1e6;
/// Below this floats lose digits.
const TINY: f64 = 1e-280;

/// Z₁, Z₂ …: the reference point itself comes first, and place j holds Z of step j + 1. In lines of eight.
#[derive(Debug)]
pub(crate) struct Orbit {
    pub(crate) re: Vec<[f64; LINE]>,
    pub(crate) im: Vec<[f64; LINE]>,
    /// The last place: from there on differences must be measured from the start again.
    pub(crate) end: usize,
    /// Those that floats are too coarse for.
    tiny: BTreeMap<usize, Wide>,
}

impl Orbit {
    pub(crate) fn at(&self, place: usize) -> (f64, f64) {
        (self.re[place / LINE][place % LINE], self.im[place / LINE][place % LINE])
    }

    /// Z with all its precision, however near to 0.
    #[inline(always)]
    pub(crate) fn wide(&self, place: usize) -> Wide {
        let (re, im) = self.at(place);
        if re.abs().max(im.abs()) < TINY {
            return self.tiny.get(&place).copied().unwrap_or(Wide::ZERO);
        }
        Wide::new(re, im, 0)
    }

    fn push(&mut self, place: usize, (re, im): (f64, f64)) {
        if place.is_multiple_of(LINE) {
            // What follows the end is never used, but loaded; far away it is harmless.
            self.re.push([FAR; LINE]);
            self.im.push([FAR; LINE]);
        }
        self.re[place / LINE][place % LINE] = re;
        self.im[place / LINE][place % LINE] = im;
        self.end = place;
    }
}

/// Follows `point` until it leaves, until just beyond `limit`, or until it is so near 0 that a point within `radius` is
/// periodic: the orbits of all others then start again, as seen from there.
pub(crate) fn follow(
    point: &(Fixed, Fixed),
    limit: u32,
    radius: Wide,
    cancel: &Cancel,
) -> Result<Orbit, Cancelled> {
    let mut orbit = Orbit { re: Vec::new(), im: Vec::new(), end: 0, tiny: BTreeMap::new() };
    let mut z = Iterate::new(point);
    let mut slope = radius;
    for place in 0..limit as usize + 2 * LINE {
        if place % 1024 == 0 && cancel.is_cancelled() {
            return Err(Cancelled);
        }
        let (re, im) = (z.re.to_f64(), z.im.to_f64());
        orbit.push(place, (re, im));
        let near = re.abs().max(im.abs());
        if near < TINY {
            orbit.tiny.insert(place, Wide::of(&z.re, &z.im));
        }
        let whole = orbit.wide(place);
        if near > 1e4 || whole.is_smaller_than(slope) {
            break;
        }
        slope = slope.times(whole).shifted(1).plus(radius);
        z.step(point);
    }
    Ok(orbit)
}

/// z in full precision, and room for its squares.
pub(crate) struct Iterate {
    pub(crate) re: Fixed,
    pub(crate) im: Fixed,
    re2: Vec<u64>,
    im2: Vec<u64>,
    sum: Vec<u64>,
    sum2: Vec<u64>,
    scratch: Vec<u64>,
}

impl Iterate {
    pub(crate) fn new(point: &(Fixed, Fixed)) -> Self {
        let room = || vec![0; point.0.0.len()];
        let (re, im) = point.clone();
        Self { re, im, re2: room(), im2: room(), sum: room(), sum2: room(), scratch: room() }
    }

    /// z² + c with three squarings: 2xy = (x + y)² − x² − y².
    pub(crate) fn step(&mut self, point: &(Fixed, Fixed)) {
        square(&self.re.0, &mut self.re2, &mut self.scratch);
        square(&self.im.0, &mut self.im2, &mut self.scratch);
        self.sum.copy_from_slice(&self.re.0);
        add(&mut self.sum, &self.im.0);
        square(&self.sum, &mut self.sum2, &mut self.scratch);
        self.re.0.copy_from_slice(&self.re2);
        subtract(&mut self.re.0, &self.im2);
        add(&mut self.re.0, &point.0.0);
        self.im.0.copy_from_slice(&self.sum2);
        subtract(&mut self.im.0, &self.re2);
        subtract(&mut self.im.0, &self.im2);
        add(&mut self.im.0, &point.1.0);
    }
}
