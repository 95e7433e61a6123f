//! Fixed-point numbers of any precision, just enough of them for orbits: two's complement, little-endian limbs of
//! 64 bits, the last one before the point. Magnitudes stay below 2⁶², which callers see to.

/// A number; both operands of an operation have the same count of limbs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Fixed(pub(crate) Vec<u64>);

impl Fixed {
    pub(crate) fn zero(limbs: usize) -> Self {
        Self(vec![0; limbs])
    }

    /// Exact for what fits, cut off below the last limb.
    pub(crate) fn from_f64(value: f64, limbs: usize) -> Self {
        let mut rest = value.abs();
        let mut out = Self::zero(limbs);
        for limb in out.0.iter_mut().rev() {
            *limb = whole(rest);
            rest = (rest - rest.floor()) * 18_446_744_073_709_551_616.0;
        }
        if value < 0.0 { out.negated() } else { out }
    }

    /// More limbs, or fewer (rounding down).
    pub(crate) fn resized(&self, limbs: usize) -> Self {
        let have = self.0.len();
        let mut out = vec![0; limbs.saturating_sub(have)];
        out.extend(&self.0[have.saturating_sub(limbs)..]);
        Self(out)
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.0.last().is_some_and(|top| top.cast_signed() < 0)
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let mut carry = false;
        let sum = |(&a, &b): (&u64, &u64)| {
            let (sum, one) = a.overflowing_add(b);
            let (sum, two) = sum.overflowing_add(u64::from(carry));
            carry = one | two;
            sum
        };
        Self(self.0.iter().zip(&other.0).map(sum).collect())
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        let mut out = self.clone();
        subtract(&mut out.0, &other.0);
        out
    }

    pub(crate) fn negated(&self) -> Self {
        Self::zero(self.0.len()).minus(self)
    }

    pub(crate) fn magnitude(&self) -> Self {
        if self.is_negative() { self.negated() } else { self.clone() }
    }

    /// Rounded to within one part in 2⁵².
    #[expect(clippy::cast_precision_loss, reason = "that is the rounding")]
    pub(crate) fn to_f64(&self) -> f64 {
        let magnitude = self.magnitude().0;
        let Some(top) = magnitude.iter().rposition(|&limb| limb != 0) else { return 0.0 };
        let below = if top > 0 { magnitude[top - 1] } else { 0 };
        let lead = (u128::from(magnitude[top]) << 64 | u128::from(below)) as f64;
        let scaled = (top..magnitude.len()).fold(lead, |value, _| value * 2_f64.powi(-64));
        if self.is_negative() { -scaled } else { scaled }
    }
}

/// The whole part of a number that has one below 2⁶⁴.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, saturates"
)]
const fn whole(value: f64) -> u64 {
    value as u64
}

pub(crate) fn add(into: &mut [u64], other: &[u64]) {
    let mut carry = 0_u128;
    for (a, &b) in into.iter_mut().zip(other) {
        carry += u128::from(*a) + u128::from(b);
        *a = low(carry);
        carry >>= 64;
    }
}

pub(crate) fn subtract(from: &mut [u64], other: &[u64]) {
    let mut borrow = false;
    for (a, &b) in from.iter_mut().zip(other) {
        let (difference, one) = a.overflowing_sub(b);
        let (difference, two) = difference.overflowing_sub(u64::from(borrow));
        borrow = one | two;
        *a = difference;
    }
}

/// Writes |from| to `into`.
fn absolute(from: &[u64], into: &mut [u64]) {
    if from.last().is_some_and(|top| top.cast_signed() < 0) {
        into.fill(0);
        subtract(into, from);
    } else {
        into.copy_from_slice(from);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
const fn low(value: u128) -> u64 {
    value as u64
}

/// Writes `from`² to `into`, wrong by fewer units of the last place than there are limbs; `scratch` is as long.
pub(crate) fn square(from: &[u64], into: &mut [u64], scratch: &mut [u64]) {
    absolute(from, scratch);
    let (a, n) = (&*scratch, from.len());
    let (mut sum, mut over) = (0_u128, 0_u64);
    for k in n.saturating_sub(2)..2 * n - 1 {
        let (mut cross, mut cross_over) = (0_u128, 0_u64);
        let first = k.saturating_sub(n - 1);
        let below = &a[first..k.div_ceil(2)];
        let above = &a[k + 1 - k.div_ceil(2)..=k - first];
        for (&p, &q) in below.iter().zip(above.iter().rev()) {
            let (total, carry) = cross.overflowing_add(u128::from(p) * u128::from(q));
            cross = total;
            cross_over += u64::from(carry);
        }
        cross_over = cross_over << 1 | low(cross >> 127);
        let (mut total, mut carry) = sum.overflowing_add(cross << 1);
        over += cross_over + u64::from(carry);
        if k % 2 == 0 {
            (total, carry) = total.overflowing_add(u128::from(a[k / 2]) * u128::from(a[k / 2]));
            over += u64::from(carry);
        }
        if k + 1 >= n {
            into[k + 1 - n] = low(total);
        }
        sum = total >> 64 | u128::from(over) << 64;
        over = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_way_there_and_back() {
        for value in [0.0, 1.0, -0.75, 3.25e-3, -1e-200, 5.5e-290] {
            let back = Fixed::from_f64(value, 20).to_f64();
            assert!((back - value).abs() <= value.abs() * 1e-15, "{value} {back}");
        }
    }

    #[test]
    fn squares_are_those_of_floating_point() {
        for value in [0.5, -1.75, 0.001, -3.999, 1.0 / 3.0] {
            for limbs in [2, 3, 7] {
                let from = Fixed::from_f64(value, limbs);
                let (mut into, mut scratch) = (Fixed::zero(limbs), vec![0; limbs]);
                square(&from.0, &mut into.0, &mut scratch);
                assert!((into.to_f64() - value * value).abs() < 1e-15, "{value} {limbs}");
            }
        }
    }

    #[test]
    fn sums_and_differences_carry_across_limbs() {
        let (a, b) = (Fixed(vec![u64::MAX, 0]), Fixed(vec![1, 0]));
        assert_eq!(a.plus(&b), Fixed(vec![0, 1]));
        assert_eq!(a.plus(&b).minus(&b), a);
        assert_eq!(b.minus(&a).negated(), a.minus(&b));
    }
}
