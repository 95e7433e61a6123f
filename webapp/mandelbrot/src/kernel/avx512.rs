//! Vectors of eight: AVX-512.

use std::arch::x86_64::*;

use super::lanes::{LINE, Lanes, Mask, WIDEST};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(__m512d);

/// Calls one intrinsic.
macro_rules! call {
    ($($body:tt)*) => {
        // SAFETY: only functions that enable AVX-512 F, DQ and VL use this type (see `Lanes`).
        unsafe { $($body)* }
    };
}

impl Mask for u8 {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self | other
    }
    #[inline(always)]
    fn except(self, other: Self) -> Self {
        self & !other
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        u32::from(self)
    }
}

impl Lanes for Avx512 {
    const COUNT: usize = 8;
    type Mask = u8;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(call!(_mm512_set1_pd(value)))
    }
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..8];
        // SAFETY: eight numbers are there; the load needs no alignment; AVX-512 as above.
        Self(unsafe { _mm512_loadu_pd(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, into: &mut [f64]) {
        let into = &mut into[..8];
        // SAFETY: eight numbers are there; the store needs no alignment; AVX-512 as above.
        unsafe { _mm512_storeu_pd(into.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(call!(_mm512_add_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(call!(_mm512_sub_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(call!(_mm512_mul_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn fma(self, factor: Self, addend: Self) -> Self {
        Self(call!(_mm512_fmadd_pd(self.0, factor.0, addend.0)))
    }
    #[inline(always)]
    fn fnma(self, factor: Self, addend: Self) -> Self {
        Self(call!(_mm512_fnmadd_pd(self.0, factor.0, addend.0)))
    }
    #[inline(always)]
    fn max_abs(self, other: Self) -> Self {
        // 0b1011: the larger absolute value, sign cleared.
        Self(call!(_mm512_range_pd::<0b1011>(self.0, other.0)))
    }
    #[inline(always)]
    fn le(self, other: Self) -> u8 {
        call!(_mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> u8 {
        call!(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn equal(self, other: Self) -> u8 {
        call!(_mm512_cmp_pd_mask::<_CMP_EQ_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self(call!(_mm512_mask_blend_pd(mask, no.0, yes.0)))
    }
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "there are eight lanes")]
    fn mask(bits: u32) -> u8 {
        bits as u8
    }
    #[inline(always)]
    fn compress(self, bits: u32) -> Self {
        Self(call!(_mm512_maskz_compress_pd(Self::mask(bits), self.0)))
    }
    #[inline(always)]
    fn expand(self, bits: u32, from: &[f64]) -> Self {
        let next = Self::load(from);
        Self(call!(_mm512_mask_expand_pd(self.0, Self::mask(bits), next.0)))
    }
    #[inline(always)]
    fn lines(from: &[[f64; LINE]], places: &[u32; WIDEST]) -> [Self; LINE] {
        let mut rows = [Self::splat(0.0); LINE];
        for (row, place) in rows.iter_mut().zip(places) {
            *row = Self::load(&from[*place as usize]);
        }
        call!(transpose(rows))
    }
}

/// Turns an eight by eight square in three rounds of pairwise exchanges.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose(r: [Avx512; 8]) -> [Avx512; 8] {
    let low = |a: Avx512, b: Avx512| _mm512_unpacklo_pd(a.0, b.0);
    let high = |a: Avx512, b: Avx512| _mm512_unpackhi_pd(a.0, b.0);
    let (a, b, c, d) = (low(r[0], r[1]), high(r[0], r[1]), low(r[2], r[3]), high(r[2], r[3]));
    let (e, f, g, h) = (low(r[4], r[5]), high(r[4], r[5]), low(r[6], r[7]), high(r[6], r[7]));
    let quarters = |a, b| (_mm512_shuffle_f64x2::<0x88>(a, b), _mm512_shuffle_f64x2::<0xdd>(a, b));
    let (ac0, ac1) = quarters(a, c);
    let (eg0, eg1) = quarters(e, g);
    let (bd0, bd1) = quarters(b, d);
    let (fh0, fh1) = quarters(f, h);
    let (k0, k4) = quarters(ac0, eg0);
    let (k2, k6) = quarters(ac1, eg1);
    let (k1, k5) = quarters(bd0, fh0);
    let (k3, k7) = quarters(bd1, fh1);
    [Avx512(k0), Avx512(k1), Avx512(k2), Avx512(k3), Avx512(k4), Avx512(k5), Avx512(k6), Avx512(k7)]
}
