//! Complex numbers as precise as `f64` and of almost any size, for what is smaller or larger than `f64` can name.

use std::cmp::Ordering;

use crate::fixed::Fixed;

/// (`re` + `im`·i) · 2^`exponent`, the larger part being 1 to 2 unless all is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wide {
    pub(crate) re: f64,
    pub(crate) im: f64,
    pub(crate) exponent: i32,
}

/// The exponent of 0: far below all others, and far from overflow.
const NOTHING: i32 = i32::MIN / 8;
const FRACTION_BITS: i32 = 52;

impl Wide {
    pub(crate) const ZERO: Self = Self { re: 0.0, im: 0.0, exponent: NOTHING };
    pub(crate) const ONE: Self = Self { re: 1.0, im: 0.0, exponent: 0 };

    /// Brings any numbers but subnormal ones into the range.
    #[inline(always)]
    pub(crate) fn new(re: f64, im: f64, exponent: i32) -> Self {
        let larger = re.abs().max(im.abs());
        let power = binary_exponent(larger);
        if power <= -1023 {
            return Self::ZERO;
        }
        let scale = power_of_two(-power);
        Self { re: re * scale, im: im * scale, exponent: exponent + power }
    }

    /// Rounds two fixed-point numbers.
    pub(crate) fn of(re: &Fixed, im: &Fixed) -> Self {
        let (re, im) = (part(re), part(im));
        Self::new(re.0, 0.0, re.1).plus(Self::new(0.0, im.0, im.1))
    }

    /// The same in fixed point, cut off below the last limb.
    pub(crate) fn to_fixed(self, limbs: usize) -> (Fixed, Fixed) {
        (fixed(self.re, self.exponent, limbs), fixed(self.im, self.exponent, limbs))
    }

    #[inline(always)]
    pub(crate) fn times(self, other: Self) -> Self {
        let re = self.re * other.re - self.im * other.im;
        let im = self.re * other.im + self.im * other.re;
        Self::new(re, im, self.exponent + other.exponent)
    }

    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        let (large, small) =
            if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let scale = power_of_two((small.exponent - large.exponent).max(-200));
        if large.exponent - small.exponent > 120 {
            return large;
        }
        Self::new(large.re + small.re * scale, large.im + small.im * scale, large.exponent)
    }

    #[cfg(test)]
    pub(crate) fn negated(self) -> Self {
        Self { re: -self.re, im: -self.im, ..self }
    }

    /// One over it; it is not 0.
    pub(crate) fn inverse(self) -> Self {
        let square = self.re * self.re + self.im * self.im;
        Self::new(self.re / square, -self.im / square, -self.exponent)
    }

    /// Whether the larger part is smaller than that of the other.
    #[inline(always)]
    pub(crate) fn is_smaller_than(self, other: Self) -> bool {
        let larger = |of: Self| of.re.abs().max(of.im.abs());
        match self.exponent.cmp(&other.exponent) {
            Ordering::Less => true,
            Ordering::Equal => larger(self) < larger(other),
            Ordering::Greater => false,
        }
    }

    /// Twice it, and so on.
    #[inline(always)]
    pub(crate) const fn shifted(self, by: i32) -> Self {
        Self { exponent: self.exponent + by, ..self }
    }

    /// As `f64` parts, 0 or infinite where those end.
    #[inline(always)]
    pub(crate) fn to_f64(self) -> (f64, f64) {
        let exponent = self.exponent.max(-4000);
        let half = exponent / 2;
        let (a, b) = (power_of_two(half), power_of_two(exponent - half));
        (self.re * a * b, self.im * a * b)
    }

    /// The binary logarithm of the larger part.
    pub(crate) fn log2(self) -> f64 {
        self.re.abs().max(self.im.abs()).log2() + f64::from(self.exponent)
    }
}

/// What `f64` calls its exponent: −1023 for 0 and subnormal numbers.
#[inline(always)]
const fn binary_exponent(value: f64) -> i32 {
    (value.to_bits() >> FRACTION_BITS & 0x7ff) as i32 - 1023
}

/// 2 to the power, 0 and infinity where `f64` ends.
#[inline(always)]
pub(crate) fn power_of_two(power: i32) -> f64 {
    let biased = (power + 1023).clamp(0, 2047);
    f64::from_bits(u64::from(biased.cast_unsigned()) << FRACTION_BITS)
}

/// A number from its leading bits: a value below 2 and its exponent.
#[expect(clippy::cast_precision_loss, reason = "that is the rounding")]
fn part(value: &Fixed) -> (f64, i32) {
    let magnitude = value.magnitude().0;
    let Some(top) = magnitude.iter().rposition(|&limb| limb != 0) else { return (0.0, 0) };
    let below = if top > 0 { magnitude[top - 1] } else { 0 };
    let lead = (u128::from(magnitude[top]) << 64 | u128::from(below)) as f64;
    let places = i32::try_from(magnitude.len() - top).unwrap_or(i32::MAX / 64);
    (if value.is_negative() { -lead } else { lead }, -64 * places)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "53 bits")]
fn fixed(value: f64, exponent: i32, limbs: usize) -> Fixed {
    let bits = (value.abs() * power_of_two(FRACTION_BITS)) as u64;
    let last = i32::try_from(limbs - 1).unwrap_or(0) * 64 + exponent - FRACTION_BITS;
    let mut out = Fixed::zero(limbs);
    let (bits, last) = if last < 0 {
        (bits.checked_shr(last.unsigned_abs()).unwrap_or(0), 0)
    } else {
        (bits, last.unsigned_abs())
    };
    let (limb, shift) = (last as usize / 64, last % 64);
    let both = u128::from(bits) << shift;
    for (at, part) in [both as u64, (both >> 64) as u64].into_iter().enumerate() {
        if let Some(place) = out.0.get_mut(limb + at) {
            *place = part;
        }
    }
    if value < 0.0 { out.negated() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Wide, b: Wide) -> bool {
        let difference = a.plus(b.negated());
        difference == Wide::ZERO || difference.log2() < a.log2() - 50.0
    }

    #[test]
    fn products_and_sums_are_those_of_complex_numbers() {
        let (a, b) = (Wide::new(3.0, -1.5, 0), Wide::new(-0.25, 7.0, 0));
        assert!(near(a.times(b), Wide::new(9.75, 21.375, 0)));
        assert!(near(a.plus(b), Wide::new(2.75, 5.5, 0)));
        assert!(near(a.times(a.inverse()), Wide::ONE));
        assert_eq!(a.plus(Wide::ZERO), a);
        assert_eq!(a.times(Wide::ZERO), Wide::ZERO);
    }

    #[test]
    fn sizes_far_beyond_floats_come_and_go() {
        let tiny = Wide::new(1.25, -0.5, -4_000);
        assert!(near(tiny.times(tiny.inverse()), Wide::ONE));
        assert_eq!(tiny.to_f64(), (0.0, 0.0));
        assert_eq!(Wide::new(1.25, -0.5, -40).shifted(43).to_f64(), (10.0, -4.0));
        assert!((tiny.log2() + 4_000.0 - 1.25_f64.log2()).abs() < 1e-9);
        let (re, im) = tiny.to_fixed(70);
        assert!(near(Wide::of(&re, &im), tiny));
    }

    #[test]
    fn fixed_point_numbers_survive_the_way_there_and_back() {
        for (re, im, exponent) in
            [(1.5, -1.75, 0), (0.0, 1.0, -63), (-1.999, 1e-3, -64), (1.0, 1.0, -130)]
        {
            let wide = Wide::new(re, im, exponent);
            let (re, im) = wide.to_fixed(6);
            assert!(near(Wide::of(&re, &im), wide), "{wide:?}");
        }
    }
}
