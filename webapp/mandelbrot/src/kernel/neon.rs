//! Vectors of two: NEON, which every 64-bit ARM has.

use std::arch::aarch64::*;

use super::lanes::{LINE, Lanes, Mask, WIDEST};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Neon(float64x2_t);

#[derive(Debug, Clone, Copy)]
pub(crate) struct NeonMask(uint64x2_t);

/// Calls one intrinsic.
macro_rules! call {
    ($($body:tt)*) => {{
        // SAFETY: NEON is part of the base of every 64-bit ARM target.
        #[allow(unused_unsafe)]
        unsafe { $($body)* }
    }};
}

impl Mask for NeonMask {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(call!(vandq_u64(self.0, other.0)))
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(call!(vorrq_u64(self.0, other.0)))
    }
    #[inline(always)]
    fn except(self, other: Self) -> Self {
        Self(call!(vbicq_u64(self.0, other.0)))
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        let (low, high) = call!((vgetq_lane_u64::<0>(self.0), vgetq_lane_u64::<1>(self.0)));
        u32::from(low != 0) | u32::from(high != 0) << 1
    }
}

impl Lanes for Neon {
    const COUNT: usize = 2;
    type Mask = NeonMask;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(call!(vdupq_n_f64(value)))
    }
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..2];
        // SAFETY: two numbers are there.
        Self(unsafe { vld1q_f64(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, into: &mut [f64]) {
        let into = &mut into[..2];
        // SAFETY: two numbers are there.
        unsafe { vst1q_f64(into.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(call!(vaddq_f64(self.0, other.0)))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(call!(vsubq_f64(self.0, other.0)))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(call!(vmulq_f64(self.0, other.0)))
    }
    #[inline(always)]
    fn fma(self, factor: Self, addend: Self) -> Self {
        Self(call!(vfmaq_f64(addend.0, self.0, factor.0)))
    }
    #[inline(always)]
    fn fnma(self, factor: Self, addend: Self) -> Self {
        Self(call!(vfmsq_f64(addend.0, self.0, factor.0)))
    }
    #[inline(always)]
    fn max_abs(self, other: Self) -> Self {
        Self(call!(vmaxq_f64(vabsq_f64(self.0), vabsq_f64(other.0))))
    }
    #[inline(always)]
    fn le(self, other: Self) -> NeonMask {
        NeonMask(call!(vcleq_f64(self.0, other.0)))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> NeonMask {
        NeonMask(call!(vcltq_f64(self.0, other.0)))
    }
    #[inline(always)]
    fn equal(self, other: Self) -> NeonMask {
        NeonMask(call!(vceqq_f64(self.0, other.0)))
    }
    #[inline(always)]
    fn select(mask: NeonMask, yes: Self, no: Self) -> Self {
        Self(call!(vbslq_f64(mask.0, yes.0, no.0)))
    }
    #[inline(always)]
    fn mask(bits: u32) -> NeonMask {
        let lane = |i: u32| if bits >> i & 1 == 1 { u64::MAX } else { 0 };
        let lanes = [lane(0), lane(1)];
        // SAFETY: two numbers are there.
        NeonMask(unsafe { vld1q_u64(lanes.as_ptr()) })
    }
    #[inline(always)]
    fn lines(from: &[[f64; LINE]], places: &[u32; WIDEST]) -> [Self; LINE] {
        let (a, b) = (&from[places[0] as usize], &from[places[1] as usize]);
        let mut turned = [Self::splat(0.0); LINE];
        for (k, pair) in turned.iter_mut().enumerate() {
            *pair = Self::load(&[a[k], b[k]]);
        }
        turned
    }
}
