//! What a count lacks to be continuous, from |z|² after the last step. Plain arithmetic without a fused
//! operation or a library function, so that it too gives the same bits everywhere.

use crate::kernel::Lanes;

/// `1 − log₂(ln |z| / ln R)` of every |z|², R² being the bailout: about 0 to 1, to be added to the count.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a colour needs no more than f32")]
pub(crate) fn fractions<V: Lanes, const U: usize>(squared: &[f64], into: &mut [f32]) {
    for (fraction, squared) in into.iter_mut().zip(squared) {
        *fraction = (1.0 - log2(log2(*squared) * 0.0625)) as f32;
    }
}

/// Binary logarithm of a positive normal number, error below 1e-9: atanh's series on √½ … √2.
#[inline(always)]
fn log2(value: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let bits = value.to_bits();
    let above = bits.wrapping_sub(SQRT_HALF).cast_signed() >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub(above.cast_unsigned() << 52));
    // A small whole number as a float without a conversion that vectors may lack.
    let exponent = f64::from_bits(0x4338_0000_0000_0000_u64.wrapping_add(above.cast_unsigned()))
        - 6_755_399_441_055_744.0;
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let t = s * s;
    let series = 1.0 + t * (1.0 / 3.0 + t * (0.2 + t * (1.0 / 7.0 + t * (1.0 / 9.0 + t / 11.0))));
    exponent + s * series * (2.0 * std::f64::consts::LOG2_E)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_as_good_as_the_librarys() {
        for i in 1..4000 {
            let value = f64::from(i).powi(3) * 1e-3;
            assert!((log2(value) - value.log2()).abs() < 1e-9, "{value}");
        }
    }
}
