//! Vectors of four: AVX2 with fused multiply-add.

use std::arch::x86_64::*;

use super::lanes::{LINE, Lanes, Mask, WIDEST};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(__m256d);

/// Calls one intrinsic.
macro_rules! call {
    ($($body:tt)*) => {
        // SAFETY: only functions that enable AVX2 and FMA use this type (see `Lanes`).
        unsafe { $($body)* }
    };
}

impl Mask for Avx2 {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(call!(_mm256_and_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(call!(_mm256_or_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn except(self, other: Self) -> Self {
        Self(call!(_mm256_andnot_pd(other.0, self.0)))
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        call!(_mm256_movemask_pd(self.0)).cast_unsigned()
    }
}

impl Lanes for Avx2 {
    const COUNT: usize = 4;
    type Mask = Self;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(call!(_mm256_set1_pd(value)))
    }
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..4];
        // SAFETY: four numbers are there; the load needs no alignment; AVX2 as above.
        Self(unsafe { _mm256_loadu_pd(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, into: &mut [f64]) {
        let into = &mut into[..4];
        // SAFETY: four numbers are there; the store needs no alignment; AVX2 as above.
        unsafe { _mm256_storeu_pd(into.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(call!(_mm256_add_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(call!(_mm256_sub_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(call!(_mm256_mul_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn fma(self, factor: Self, addend: Self) -> Self {
        Self(call!(_mm256_fmadd_pd(self.0, factor.0, addend.0)))
    }
    #[inline(always)]
    fn fnma(self, factor: Self, addend: Self) -> Self {
        Self(call!(_mm256_fnmadd_pd(self.0, factor.0, addend.0)))
    }
    #[inline(always)]
    fn max_abs(self, other: Self) -> Self {
        let sign = Self::splat(-0.0);
        Self(call!(_mm256_max_pd(
            _mm256_andnot_pd(sign.0, self.0),
            _mm256_andnot_pd(sign.0, other.0)
        )))
    }
    #[inline(always)]
    fn le(self, other: Self) -> Self {
        Self(call!(_mm256_cmp_pd::<_CMP_LE_OQ>(self.0, other.0)))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Self {
        Self(call!(_mm256_cmp_pd::<_CMP_LT_OQ>(self.0, other.0)))
    }
    #[inline(always)]
    fn equal(self, other: Self) -> Self {
        Self(call!(_mm256_cmp_pd::<_CMP_EQ_OQ>(self.0, other.0)))
    }
    #[inline(always)]
    fn select(mask: Self, yes: Self, no: Self) -> Self {
        Self(call!(_mm256_blendv_pd(no.0, yes.0, mask.0)))
    }
    #[inline(always)]
    fn mask(bits: u32) -> Self {
        let lane = |i: u32| if bits >> i & 1 == 1 { -1 } else { 0 };
        Self(call!(_mm256_castsi256_pd(_mm256_setr_epi64x(lane(0), lane(1), lane(2), lane(3)))))
    }
    #[inline(always)]
    fn lines(from: &[[f64; LINE]], places: &[u32; WIDEST]) -> [Self; LINE] {
        let mut rows = [Self::splat(0.0); LINE];
        for (i, place) in places.iter().enumerate().take(4) {
            let line = &from[*place as usize];
            rows[i] = Self::load(line);
            rows[i + 4] = Self::load(&line[4..]);
        }
        let [a, b, c, d, e, f, g, h] = rows;
        let [a, b, c, d] = call!(transpose([a, b, c, d]));
        let [e, f, g, h] = call!(transpose([e, f, g, h]));
        [a, b, c, d, e, f, g, h]
    }
}

/// Turns a square of four by four.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose([a, b, c, d]: [Avx2; 4]) -> [Avx2; 4] {
    let (ab0, ab1) = (_mm256_unpacklo_pd(a.0, b.0), _mm256_unpackhi_pd(a.0, b.0));
    let (cd0, cd1) = (_mm256_unpacklo_pd(c.0, d.0), _mm256_unpackhi_pd(c.0, d.0));
    [
        Avx2(_mm256_permute2f128_pd::<0x20>(ab0, cd0)),
        Avx2(_mm256_permute2f128_pd::<0x20>(ab1, cd1)),
        Avx2(_mm256_permute2f128_pd::<0x31>(ab0, cd0)),
        Avx2(_mm256_permute2f128_pd::<0x31>(ab1, cd1)),
    ]
}
